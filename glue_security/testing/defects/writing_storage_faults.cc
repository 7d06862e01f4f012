#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "glue_security/testing/defects/storage_faults.h"

namespace glue_security {
namespace testing_internal {
namespace {

using Faults = std::vector<StorageFaultDefect>;
using Result = absl::StatusOr<CommitResult>;

void AddS8(Faults& faults) {
  const auto commit = [&faults](const char* name, const char* sentence,
                                const CommitStep& function) {
    faults.push_back({name, sentence, {8}, [function](Steps& steps) {
                        steps.commit = function;
                      }});
  };
  commit("FirstMutationOnly", "Only the first mutation of a batch applies.",
         [](MapStorage& storage, WriteBatch batch) -> Result {
           batch.mutations.resize(1);
           return storage.DoCommit(batch);
         });
  commit("CheckedAfterWriting",
         "Preconditions on written keys are checked after the write.",
         [](MapStorage& storage, const WriteBatch& batch) -> Result {
           for (const Precondition& precondition : batch.preconditions) {
             for (const Mutation& mutation : batch.mutations) {
               if (mutation.key == precondition.key) {
                 return CommitResult::kConflict;
               }
             }
           }
           return storage.DoCommit(batch);
         });
  commit("BatchCut", "Only the first 100 mutations of a batch apply.",
         [](MapStorage& storage, WriteBatch batch) -> Result {
           if (batch.mutations.size() > 100) batch.mutations.resize(100);
           return storage.DoCommit(batch);
         });
  commit("MutationByMutation", "The mutations of a batch apply one by one.",
         [](MapStorage& storage, const WriteBatch& batch) -> Result {
           if (!storage.Holds(batch)) return CommitResult::kConflict;
           for (const Mutation& mutation : batch.mutations) {
             storage.Step();
             storage.Force(batch.catalog, {mutation});
           }
           return CommitResult::kCommitted;
         });
  commit("RemovalBesideWritesIgnored",
         "Removals are ignored in a batch that also writes.",
         [](MapStorage& storage, WriteBatch batch) -> Result {
           const auto removes = [](const Mutation& mutation) {
             return !mutation.value.has_value();
           };
           const auto first_removal = std::stable_partition(
               batch.mutations.begin(), batch.mutations.end(),
               [&](const Mutation& m) { return !removes(m); });
           if (first_removal != batch.mutations.begin()) {
             batch.mutations.erase(first_removal, batch.mutations.end());
           }
           return storage.DoCommit(batch);
         });
  commit("UnwrittenPreconditionsIgnored",
         "Preconditions on keys that the batch does not write are ignored.",
         [](MapStorage& storage, WriteBatch batch) -> Result {
           const auto unwritten = [&](const Precondition& precondition) {
             return std::none_of(batch.mutations.begin(), batch.mutations.end(),
                                 [&](const Mutation& mutation) {
                                   return mutation.key == precondition.key;
                                 });
           };
           batch.preconditions.erase(
               std::remove_if(batch.preconditions.begin(),
                              batch.preconditions.end(), unwritten),
               batch.preconditions.end());
           return storage.DoCommit(batch);
         });
}

void AddS9(Faults& faults) {
  const auto holds = [&faults](
                         const char* name, const char* sentence,
                         bool (*function)(const Record*, const Precondition&)) {
    faults.push_back({name, sentence, {9}, [function](Steps& steps) {
                        steps.holds = function;
                      }});
  };
  holds("AbsenceNotChecked", "A precondition of absence always holds.",
        [](const Record* record, const Precondition& precondition) {
          return !precondition.revision.has_value() ||
                 (record != nullptr &&
                  record->revision == *precondition.revision);
        });
  holds("ExistenceSuffices", "A precondition holds for any revision.",
        [](const Record* record, const Precondition& precondition) {
          return (record != nullptr) == precondition.revision.has_value();
        });
  holds("NewerSuffices", "A precondition holds for later revisions, too.",
        [](const Record* record, const Precondition& precondition) {
          if (record == nullptr) return !precondition.revision.has_value();
          return precondition.revision.has_value() &&
                 record->revision >= *precondition.revision;
        });
  holds("OlderSuffices", "A precondition holds for earlier revisions, too.",
        [](const Record* record, const Precondition& precondition) {
          if (record == nullptr) return !precondition.revision.has_value();
          return precondition.revision.has_value() &&
                 record->revision <= *precondition.revision;
        });
  holds("RevisionOfNoneHolds",
        "A precondition on a revision holds when there is no record.",
        [](const Record* record, const Precondition& precondition) {
          return record == nullptr || precondition.revision == record->revision;
        });
  holds("ZeroMeansAbsent", "Revision 0 is treated as absence.",
        [](const Record* record, const Precondition& precondition) {
          const Revision there = record == nullptr ? 0 : record->revision;
          return there == precondition.revision.value_or(0);
        });
}

void AddS9Conflicts(Faults& faults) {
  faults.push_back({"FirstPreconditionOnly",
                    "Only the first precondition is checked.",
                    {9},
                    [](Steps& steps) {
                      steps.commit = [](MapStorage& storage, WriteBatch batch) {
                        if (batch.preconditions.size() > 1) {
                          batch.preconditions.resize(1);
                        }
                        return storage.DoCommit(batch);
                      };
                    }});
  faults.push_back(
      {"ConflictAppliesTheRest",
       "After a conflict, mutations without a precondition apply.",
       {9},
       [](Steps& steps) {
         steps.commit = [](MapStorage& storage, const WriteBatch& batch) {
           Result result = storage.DoCommit(batch);
           if (*result == CommitResult::kCommitted) return result;
           for (const Mutation& mutation : batch.mutations) {
             const bool guarded = std::any_of(
                 batch.preconditions.begin(), batch.preconditions.end(),
                 [&](const Precondition& p) { return p.key == mutation.key; });
             if (!guarded) storage.Force(batch.catalog, {mutation});
           }
           return result;
         };
       }});
  faults.push_back({"ConflictIsAStatus",
                    "A lost race is answered with an error status.",
                    {9},
                    [](Steps& steps) {
                      steps.commit = [](MapStorage& storage,
                                        const WriteBatch& batch) {
                        Result result = storage.DoCommit(batch);
                        if (*result == CommitResult::kConflict) {
                          result = absl::AbortedError("somebody was faster");
                        }
                        return result;
                      };
                    }});
  faults.push_back(
      {"CheckThenWrite",
       "Another commit can come between the check of a batch and its writes.",
       {9, 17},
       [](Steps& steps) {
         steps.commit = [](MapStorage& storage,
                           const WriteBatch& batch) -> Result {
           if (!storage.Holds(batch)) return CommitResult::kConflict;
           storage.Step();
           storage.Force(batch.catalog,
                         {batch.mutations.begin(), batch.mutations.end()});
           return CommitResult::kCommitted;
         };
       }});
}

void AddS10(Faults& faults) {
  faults.push_back({"BranchIgnored",
                    "A batch of any branch applies.",
                    {10},
                    [](Steps& steps) {
                      steps.is_branch = [](BranchId, BranchId) { return true; };
                    }});
  faults.push_back({"EarlierBranchApplies",
                    "A batch of an earlier branch applies.",
                    {10},
                    [](Steps& steps) {
                      steps.is_branch = [](BranchId batch, BranchId storage) {
                        return batch <= storage;
                      };
                    }});
  faults.push_back({"ForkKeepsTheBranch",
                    "A fork has its origin's branch.",
                    {10},
                    [](Steps& steps) {
                      steps.forked = [](BranchId origin, BranchId) {
                        return origin;
                      };
                    }});
}

void AddS11(Faults& faults) {
  const auto revision = [&faults](const char* name, const char* sentence,
                                  const decltype(Steps::revision)& function) {
    faults.push_back({name, sentence, {11}, [function](Steps& steps) {
                        steps.revision = function;
                      }});
  };
  revision(
      "RevisionOfTheRecord",
      "Each record counts its own revisions, and starts again after a removal.",
      [](MapStorage& storage, const RecordName& name, size_t) {
        const auto found = storage.records().find(name);
        return found == storage.records().end() ? Revision{1}
                                                : found->second.revision + 1;
      });
  revision("RevisionPerMutation",
           "Each mutation of a batch has its own revision.",
           [](MapStorage& storage, const RecordName&, size_t) {
             return storage.NextRevision();
           });
  revision("RevisionFromZero", "The first revision is 0.",
           [](MapStorage& storage, const RecordName&, size_t index) {
             return index == 0 ? storage.NextRevision() - 1
                               : storage.last_revision() - 1;
           });
  revision("TwoBatchesInOneTick",
           "Two batches in a row share a revision, as if from a coarse clock.",
           [](MapStorage& storage, const RecordName&, size_t index) {
             if (index == 0) storage.NextRevision();
             return storage.last_revision() / 2 + 1;
           });
  revision("RevisionsFall",
           "No two batches share a revision, but later ones are smaller.",
           [](MapStorage& storage, const RecordName&, size_t index) {
             if (index == 0) storage.NextRevision();
             return (Revision{1} << 62) - storage.last_revision();
           });
  faults.push_back(
      {"RevisionOfTheKey",
       "Each key counts its own revisions, also across removals.",
       {11},
       [](Steps& steps) {
         auto counts = std::make_shared<std::map<RecordName, Revision>>();
         steps.revision = [counts](MapStorage&, const RecordName& name,
                                   size_t) { return ++(*counts)[name]; };
       }});
  faults.push_back(
      {"RevisionOfTheCatalog",
       "Each catalog counts its own revisions.",
       {11},
       [](Steps& steps) {
         using Name = std::pair<std::string, std::string>;
         auto counts = std::make_shared<std::map<Name, Revision>>();
         steps.revision = [counts](MapStorage&, const RecordName& name,
                                   size_t index) {
           Revision& last = (*counts)[{name.catalog_id, name.region}];
           if (index == 0) ++last;
           return last;
         };
       }});
}

// Revisions of two commits at once, across a reopening, and in two branches.
void AddS11Beyond(Faults& faults) {
  faults.push_back({"RevisionBeforeTheCommit",
                    "Two commits at once can be given the same revision.",
                    {11},
                    [](Steps& steps) {
                      steps.commit = [](MapStorage& storage,
                                        const WriteBatch& batch) {
                        const Revision last = storage.last_revision();
                        storage.Step();
                        storage.set_last_revision(last);
                        return storage.DoCommit(batch);
                      };
                    }});
  faults.push_back({"ReopenedFromTheRecords",
                    "After a reopening, revisions continue from the newest "
                    "record that is left.",
                    {11},
                    [](Steps& steps) {
                      steps.reopened = [](const Records& records, Revision) {
                        Revision last = 0;
                        for (const auto& [name, record] : records) {
                          last = std::max(last, record.revision);
                        }
                        return last;
                      };
                    }});
  faults.push_back({"ReopenedFromZero",
                    "After a reopening, revisions start again.",
                    {11},
                    [](Steps& steps) {
                      steps.reopened = [](const Records&, Revision) {
                        return Revision{0};
                      };
                    }});
  faults.push_back({"ForksCountAlone",
                    "A fork and its origin give the same revisions.",
                    {11},
                    [](Steps& steps) { steps.forks_count_together = false; }});
}

// Returns true when a batch removes a record that does not exist.
bool RemovesNothing(MapStorage& storage, const WriteBatch& batch) {
  return std::any_of(batch.mutations.begin(), batch.mutations.end(),
                     [&](const Mutation& mutation) {
                       return !mutation.value.has_value() &&
                              !storage.Find(batch.catalog, mutation.key);
                     });
}

void AddS12(Faults& faults) {
  faults.push_back({"RemovalOfNoneConflicts",
                    "Removing a record that does not exist is a conflict.",
                    {12},
                    [](Steps& steps) {
                      steps.commit = [](MapStorage& storage,
                                        const WriteBatch& batch) -> Result {
                        if (RemovesNothing(storage, batch)) {
                          return CommitResult::kConflict;
                        }
                        return storage.DoCommit(batch);
                      };
                    }});
  faults.push_back({"RemovalOfNoneFails",
                    "Removing a record that does not exist is an error.",
                    {12},
                    [](Steps& steps) {
                      steps.commit = [](MapStorage& storage,
                                        const WriteBatch& batch) -> Result {
                        if (RemovesNothing(storage, batch)) {
                          return absl::NotFoundError("there is no such record");
                        }
                        return storage.DoCommit(batch);
                      };
                    }});
  faults.push_back(
      {"RemovalOfNoneCreates",
       "Removing a record that does not exist leaves an empty record.",
       {12},
       [](Steps& steps) {
         steps.commit = [](MapStorage& storage, WriteBatch batch) {
           for (Mutation& mutation : batch.mutations) {
             if (mutation.value.has_value()) continue;
             if (!storage.Find(batch.catalog, mutation.key)) {
               mutation.value = "";
             }
           }
           return storage.DoCommit(batch);
         };
       }});
  faults.push_back(
      {"RemovalTakesTheNext",
       "Removing a record that does not exist removes the next one.",
       {12},
       [](Steps& steps) {
         steps.commit = [](MapStorage& storage, WriteBatch batch) {
           const Records records = storage.Copy();
           for (Mutation& mutation : batch.mutations) {
             if (mutation.value.has_value()) continue;
             const auto next = records.lower_bound(
                 {batch.catalog.catalog_id, batch.catalog.region,
                  mutation.key.kind, mutation.key.id});
             if (next == records.end()) continue;
             if (next->first.kind != mutation.key.kind) continue;
             mutation.key.id = next->first.id;
           }
           return storage.DoCommit(batch);
         };
       }});
}

void AddS13(Faults& faults) {
  faults.push_back(
      {"RemovalInAllRegions",
       "A removal applies to all regions of an account.",
       {13},
       [](Steps& steps) {
         steps.commit = [](MapStorage& storage, const WriteBatch& batch) {
           Result result = storage.DoCommit(batch);
           if (*result == CommitResult::kConflict) return result;
           for (const auto& [name, record] : storage.Copy()) {
             for (const Mutation& mutation : batch.mutations) {
               if (mutation.value.has_value() ||
                   name.catalog_id != batch.catalog.catalog_id ||
                   name.kind != mutation.key.kind ||
                   name.id != mutation.key.id) {
                 continue;
               }
               storage.Force({name.catalog_id, name.region}, {mutation});
             }
           }
           return result;
         };
       }});
  faults.push_back({"ReadWhereLastWritten",
                    "A read goes to the catalog of the last commit.",
                    {13},
                    [](Steps& steps) {
                      struct Session {
                        std::mutex mutex;
                        CatalogKey catalog;
                      };
                      auto session = std::make_shared<Session>();
                      steps.commit = [session](MapStorage& storage,
                                               const WriteBatch& batch) {
                        const std::lock_guard<std::mutex> lock(session->mutex);
                        session->catalog = batch.catalog;
                        return storage.DoCommit(batch);
                      };
                      steps.read = [session](MapStorage& storage,
                                             ReadSet read_set) {
                        const std::lock_guard<std::mutex> lock(session->mutex);
                        read_set.catalog = session->catalog;
                        return storage.DoRead(read_set);
                      };
                    }});
  faults.push_back(
      {"AnyCommitConflicts",
       "A precondition on a revision fails after a commit to any catalog.",
       {13},
       [](Steps& steps) {
         struct Last {
           std::mutex mutex;
           std::optional<CatalogKey> catalog;
         };
         auto last = std::make_shared<Last>();
         steps.commit = [last](MapStorage& storage,
                               const WriteBatch& batch) -> Result {
           const std::lock_guard<std::mutex> lock(last->mutex);
           if (last->catalog.has_value() && *last->catalog != batch.catalog &&
               !batch.preconditions.empty() &&
               batch.preconditions[0].revision.has_value()) {
             last->catalog.reset();
             return CommitResult::kConflict;
           }
           last->catalog = batch.catalog;
           return storage.DoCommit(batch);
         };
       }});
}

}  // namespace

std::vector<StorageFaultDefect> WritingFaults() {
  Faults faults;
  AddS8(faults);
  AddS9(faults);
  AddS9Conflicts(faults);
  AddS10(faults);
  AddS11(faults);
  AddS11Beyond(faults);
  AddS12(faults);
  AddS13(faults);
  return faults;
}

}  // namespace testing_internal
}  // namespace glue_security
