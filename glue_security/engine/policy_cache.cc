#include "glue_security/engine/policy_cache.h"

#include <optional>

#include "absl/status/status.h"
#include "glue_security/engine/guarded_storage.h"
#include "glue_security/model/out_of_memory.h"
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
  const ReadSet read_set = {catalog, {ResourcePolicyKey()}, std::nullopt};
  const absl::Status status =
      VisitGuarded(storage_, read_set, [&](const SnapshotView& snapshot) {
        exists = snapshot.has(0);
        if (!exists || snapshot.revision(0) == known.revision) return;
        const absl::string_view value = snapshot.value(0);
        changed = Record{*snapshot.revision(0),
                         std::string(value.data(), value.size())};
      });
  if (!status.ok()) return status;
  if (!exists) return nullptr;
  if (!changed.has_value()) return known.evaluator;

  auto evaluator = Compile(changed->value);
  if (!evaluator.ok()) return evaluator.status();
  const std::lock_guard<std::mutex> lock(mutex_);
  // Simple, and rare: a harness has few catalogs.
  if (entries_.size() >= kCatalogsMax) entries_.clear();
  OrEnd([&] { entries_[key] = Entry{changed->revision, *evaluator}; });
  return *evaluator;
}

}  // namespace glue_security
