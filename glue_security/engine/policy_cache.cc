#include "glue_security/engine/policy_cache.h"

#include <optional>

#include "absl/status/status.h"
#include "glue_security/policy/compile_policy.h"
#include "glue_security/state_machine/resource_policy.h"
#include "glue_security/state_machine/stored_record.h"

namespace glue_security {
namespace {

// nullptr for a policy that was deleted, or that breaks the grammar.
absl::StatusOr<std::shared_ptr<const PolicyEvaluator>> Compile(
    const std::string& record) {
  const auto policy = DecodeResourcePolicy(record);
  if (!policy.has_value()) {
    return absl::DataLossError("a stored record is damaged");
  }
  if (policy->deleted) return nullptr;
  auto evaluator = CompilePolicy(policy->policy_in_json);
  if (!evaluator.has_value()) return nullptr;
  return std::make_shared<const PolicyEvaluator>(*std::move(evaluator));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const PolicyEvaluator>> PolicyCache::Get(
    const CatalogKey& catalog) {
  const std::pair<std::string, std::string> key(catalog.catalog_id,
                                                catalog.region);
  Entry known;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = entries_.find(key);
    if (found != entries_.end()) known = found->second;
  }
  // The record, where its revision is another than the known one.
  std::optional<Record> changed;
  bool exists = false;
  absl::Status status = storage_->VisitRecord(
      catalog, ResourcePolicyKey(), [&](const RecordView* record) {
        exists = record != nullptr;
        if (!exists || record->revision == known.revision) return;
        changed = Record{record->revision, std::string(record->value.data(),
                                                       record->value.size())};
      });
  if (absl::IsUnimplemented(status)) {
    ReadSet read_set;
    read_set.catalog = catalog;
    read_set.keys.push_back(ResourcePolicyKey());
    absl::StatusOr<Snapshot> snapshot = storage_->Read(read_set);
    status = snapshot.status();
    if (snapshot.ok()) {
      std::optional<Record>& record = snapshot->records[0];
      exists = record.has_value();
      if (exists && record->revision != known.revision) {
        changed = std::move(record);
      }
    }
  }
  if (!status.ok()) return status;
  if (!exists) return nullptr;
  if (!changed.has_value()) return known.evaluator;

  auto evaluator = Compile(changed->value);
  if (!evaluator.ok()) return evaluator.status();
  const std::lock_guard<std::mutex> lock(mutex_);
  // Simple, and rare: a harness has few catalogs.
  if (entries_.size() >= kCatalogsMax) entries_.clear();
  entries_[key] = Entry{changed->revision, *evaluator};
  return *evaluator;
}

}  // namespace glue_security
