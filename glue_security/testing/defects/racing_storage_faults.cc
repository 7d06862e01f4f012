#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "glue_security/testing/defects/storage_faults.h"

namespace glue_security {
namespace testing_internal {
namespace {

// Takes the time that a storage needs to encode a batch, some microseconds.
void Encode(const WriteBatch& batch) {
  volatile uint32_t sum = 0;
  for (int i = 0; i < 1000; ++i) {
    for (const Mutation& mutation : batch.mutations) {
      sum = sum * 31 + static_cast<uint32_t>(mutation.key.id.size());
    }
  }
}

}  // namespace

// No step is marked between the locks, and nobody yields there.
std::vector<StorageFaultDefect> RacingFaults() {
  std::vector<StorageFaultDefect> faults;
  faults.push_back({"TornBetweenTwoLocks",
                    "Keys and range are read under one lock after the other.",
                    {2},
                    [](Steps& steps) {
                      steps.read = [](MapStorage& storage,
                                      const ReadSet& read_set) {
                        ReadSet keys = read_set;
                        keys.range.reset();
                        ReadSet range = read_set;
                        range.keys.clear();
                        auto snapshot = storage.DoRead(keys);
                        auto rest = storage.DoRead(range);
                        snapshot->range = std::move(rest->range);
                        return snapshot;
                      };
                    },
                    /*races=*/true});
  faults.push_back({"RevisionCountedInTwoSteps",
                    "The last revision is read without the lock under which "
                    "the next is set.",
                    {11},
                    [](Steps& steps) {
                      steps.commit = [](MapStorage& storage,
                                        const WriteBatch& batch) {
                        const Revision last = storage.last_revision();
                        Encode(batch);
                        storage.set_last_revision(last);
                        return storage.DoCommit(batch);
                      };
                    },
                    /*races=*/true});
  faults.push_back(
      {"RaceInOneOf64Commits",
       "In one of 64 commits, another can come between the check and the "
       "writes.",
       {17},
       [](Steps& steps) {
         auto commits = std::make_shared<std::atomic<uint32_t>>(0);
         steps.commit = [commits](MapStorage& storage, const WriteBatch& batch)
             -> absl::StatusOr<CommitResult> {
           if (++*commits % 64 != 0) return storage.DoCommit(batch);
           if (!storage.Holds(batch)) return CommitResult::kConflict;
           Encode(batch);
           storage.Force(batch.catalog,
                         {batch.mutations.begin(), batch.mutations.end()});
           return CommitResult::kCommitted;
         };
       },
       /*races=*/true});
  return faults;
}

}  // namespace testing_internal
}  // namespace glue_security
