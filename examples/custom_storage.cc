// A storage of your own, and the two tests of it: the suite that tests whether
// it keeps the contract, and interleaved clients of the engine. Copy this file,
// replace LockedMapStorage by your storage, and run it:
//
//   ./bazelw test //examples:custom_storage

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "glue_security/storage/storage.h"
#include "glue_security/testing/interleaved/storage_interleaved.h"
#include "glue_security/testing/storage_suite/storage_conformance.h"
#include "gtest/gtest.h"

namespace {

using namespace glue_security;  // NOLINT: an example

// All records in one ordered map, under one lock.
class LockedMapStorage : public Storage {
 public:
  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    Snapshot snapshot;
    for (const RecordKey& key : read_set.keys) {
      const auto found = records_.find({read_set.catalog, key});
      snapshot.records.emplace_back();
      if (found != records_.end()) snapshot.records.back() = found->second;
    }
    if (read_set.range.has_value()) {
      snapshot.range = ReadRange(read_set.catalog, *read_set.range);
    }
    return snapshot;
  }

  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    // The only branch is number 0.
    if (batch.branch != 0) return CommitResult::kConflict;
    for (const Precondition& precondition : batch.preconditions) {
      const auto found = records_.find({batch.catalog, precondition.key});
      std::optional<Revision> revision;
      if (found != records_.end()) revision = found->second.revision;
      if (revision != precondition.revision) return CommitResult::kConflict;
    }
    ++last_revision_;
    for (const Mutation& mutation : batch.mutations) {
      const Name name(batch.catalog, mutation.key);
      if (mutation.value.has_value()) {
        records_[name] = {last_revision_, *mutation.value};
      } else {
        records_.erase(name);
      }
    }
    return CommitResult::kCommitted;
  }

  Durability durability() const override { return Durability::kNone; }

 private:
  // The order is the contract's: std::string compares unsigned bytes.
  using Name = std::pair<CatalogKey, RecordKey>;

  RangeResult ReadRange(const CatalogKey& catalog, const RangeRead& range) {
    const Name start(catalog, {range.kind, range.after.value_or("")});
    RangeResult result;
    size_t bytes = 0;
    for (auto it = range.after.has_value() ? records_.upper_bound(start)
                                           : records_.lower_bound(start);
         it != records_.end() && it->first.first == catalog &&
         it->first.second.kind == range.kind;
         ++it) {
      const std::string& id = it->first.second.id;
      bytes += id.size() + it->second.value.size();
      if (!result.records.empty() &&
          (result.records.size() == range.records_max ||
           bytes > range.bytes_max)) {
        result.more = true;
        break;
      }
      result.records.push_back({id, it->second.revision, it->second.value});
    }
    return result;
  }

  std::mutex mutex_;
  std::map<Name, Record> records_;
  Revision last_revision_ = 0;
};

// [suite]
StorageUnderTest LockedMap() {
  StorageUnderTest target;
  target.name = "LockedMap";
  target.create = [] { return std::make_unique<LockedMapStorage>(); };
  return target;
}

INSTANTIATE_TEST_SUITE_P(Custom, StorageConformance,
                         ::testing::Values(LockedMap()),
                         StorageConformance::Name);
// [suite end]

// [interleaved]
TEST(LockedMap, IsSafeForConcurrentClients) {
  const StorageInterleavedReport report = CheckStorageInterleaved(LockedMap());
  EXPECT_TRUE(report.ok()) << report.text;
}
// [interleaved end]

}  // namespace
