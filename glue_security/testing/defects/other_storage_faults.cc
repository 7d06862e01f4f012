#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "glue_security/testing/defects/storage_faults.h"

namespace glue_security {
namespace testing_internal {
namespace {

using Faults = std::vector<StorageFaultDefect>;
using Result = absl::StatusOr<CommitResult>;

std::vector<Mutation> AllOf(const WriteBatch& batch) {
  return {batch.mutations.begin(), batch.mutations.end()};
}

// Adds a fault in the commits that fail in one way; the other ways are right.
void AddFailing(Faults& faults, const char* name, const char* sentence,
                int clause, int way, const CommitStep& function) {
  const auto right = Steps().fail;
  faults.push_back(
      {name, sentence, {clause}, [right, way, function](Steps& steps) {
         steps.fail = [=](MapStorage& storage, int which, WriteBatch batch) {
           return which == way ? function(storage, std::move(batch))
                               : right(storage, which, std::move(batch));
         };
       }});
}

void AddS14(Faults& faults) {
  AddFailing(faults, "UnavailableThoughApplied",
             "An applied commit is answered with kUnavailable.", 14,
             MapStorage::kRefused,
             [](MapStorage& storage, const WriteBatch& batch) -> Result {
               storage.DoCommit(batch).status().IgnoreError();
               return absl::UnavailableError("the connection broke");
             });
  AddFailing(faults, "DataLossThoughApplied",
             "An applied commit is answered with kDataLoss.", 14,
             MapStorage::kDamaged,
             [](MapStorage& storage, const WriteBatch& batch) -> Result {
               storage.DoCommit(batch).status().IgnoreError();
               return absl::DataLossError("damaged");
             });
  AddFailing(faults, "RefusedHalfway",
             "A commit that is refused has applied its first mutation.", 14,
             MapStorage::kRefused,
             [](MapStorage& storage, const WriteBatch& batch) -> Result {
               storage.Force(batch.catalog, {batch.mutations[0]});
               return absl::ResourceExhaustedError("the disk is full");
             });
  AddFailing(faults, "UnavailableThoughLate",
             "A commit that is still under way is answered with kUnavailable.",
             14, MapStorage::kLate,
             [](MapStorage& storage, WriteBatch batch) -> Result {
               storage.HoldBack(std::move(batch));
               return absl::UnavailableError("no answer");
             });
}

void AddS15(Faults& faults) {
  const auto arrive = [&faults](
                          const char* name, const char* sentence,
                          void (*function)(MapStorage&, const WriteBatch&)) {
    faults.push_back({name, sentence, {15}, [function](Steps& steps) {
                        steps.arrive = function;
                      }});
  };
  arrive("LateWithoutPreconditions",
         "A late commit applies even if its preconditions do not hold.",
         [](MapStorage& storage, const WriteBatch& batch) {
           storage.Force(batch.catalog, AllOf(batch));
         });
  arrive("LateHalf", "Only the first mutation of a late commit applies.",
         [](MapStorage& storage, const WriteBatch& batch) {
           WriteBatch half = batch;
           half.mutations.resize(1);
           storage.DoCommit(half).status().IgnoreError();
         });
  faults.push_back({"LateAgainAndAgain",
                    "A late commit arrives twice and applies twice.",
                    {15},
                    [](Steps& steps) {
                      auto arrived = std::make_shared<bool>(false);
                      steps.arrive = [arrived](MapStorage& storage,
                                               const WriteBatch& batch) {
                        if (*arrived) {
                          storage.Force(batch.catalog, AllOf(batch));
                        } else {
                          storage.DoCommit(batch).status().IgnoreError();
                          storage.HoldBack(batch);
                        }
                        *arrived = true;
                      };
                    }});
  const auto right = Steps().fail;
  faults.push_back(
      {"AppliedAndQueued",
       "A commit whose answer is lost is applied, and again from a queue.",
       {15},
       [right](Steps& steps) {
         steps.fail = [right](MapStorage& storage, int way, WriteBatch batch) {
           if (way == MapStorage::kLostBack) storage.HoldBack(batch);
           return right(storage, way, std::move(batch));
         };
         steps.arrive = [](MapStorage& storage, const WriteBatch& batch) {
           storage.Force(batch.catalog, AllOf(batch));
         };
       }});
}

void AddS16(Faults& faults) {
  AddFailing(faults, "TriesAgain", "A refused commit is sent a second time.",
             16, MapStorage::kRefused,
             [](MapStorage& storage, const WriteBatch& batch) {
               return storage.DoCommit(batch);
             });
  AddFailing(faults, "TriesAgainAfterUnknown",
             "A commit whose answer was lost is sent a second time.", 16,
             MapStorage::kLostBack,
             [](MapStorage& storage, const WriteBatch& batch) {
               storage.DoCommit(batch).status().IgnoreError();
               return storage.DoCommit(batch);
             });
  faults.push_back({"MadeToFit",
                    "A batch that conflicts is given the current revisions.",
                    {9, 16},
                    [](Steps& steps) {
                      steps.commit = [](MapStorage& storage, WriteBatch batch) {
                        Result result = storage.DoCommit(batch);
                        if (*result == CommitResult::kCommitted) return result;
                        for (Precondition& precondition : batch.preconditions) {
                          const auto record =
                              storage.Find(batch.catalog, precondition.key);
                          precondition.revision.reset();
                          if (record.has_value()) {
                            precondition.revision = record->revision;
                          }
                        }
                        return storage.DoCommit(batch);
                      };
                    }});
}

void AddS17(Faults& faults) {
  faults.push_back({"OneBufferForAll",
                    "All reads put their answers into the same buffer.",
                    {17},
                    [](Steps& steps) {
                      struct Buffer {
                        std::mutex mutex;
                        absl::StatusOr<Snapshot> snapshot;
                      };
                      auto buffer = std::make_shared<Buffer>();
                      steps.read = [buffer](MapStorage& storage,
                                            const ReadSet& read_set) {
                        auto snapshot = storage.DoRead(read_set);
                        {
                          const std::lock_guard<std::mutex> lock(buffer->mutex);
                          buffer->snapshot = std::move(snapshot);
                        }
                        storage.Step();
                        const std::lock_guard<std::mutex> lock(buffer->mutex);
                        return buffer->snapshot;
                      };
                    }});
}

void AddS17OneThread(Faults& faults) {
  faults.push_back(
      {"OneThreadOnly",
       "Only the thread that made the storage may commit.",
       {17},
       [](Steps& steps) {
         const auto maker = std::this_thread::get_id();
         steps.commit = [maker](MapStorage& storage,
                                const WriteBatch& batch) -> Result {
           if (std::this_thread::get_id() != maker) {
             return absl::FailedPreconditionError("called by another thread");
           }
           return storage.DoCommit(batch);
         };
       }});
}

using VisitStep = absl::Status (*)(MapStorage&, const CatalogKey&,
                                   const RecordKey&, Visitor);

void AddVisit(const char* name, const char* sentence, VisitStep function,
              Faults& faults) {
  faults.push_back({name, sentence, {18}, [function](Steps& steps) {
                      steps.visit = function;
                    }});
}

void AddS18(Faults& faults) {
  const auto visit = [&faults](const char* name, const char* sentence,
                               VisitStep function) {
    AddVisit(name, sentence, function, faults);
  };
  visit("AbsentNotShown", "The visitor is not called when there is no record.",
        [](MapStorage& storage, const CatalogKey& catalog, const RecordKey& key,
           Visitor visitor) {
          if (!storage.Find(catalog, key)) return absl::OkStatus();
          return storage.DoVisit(catalog, key, visitor);
        });
  visit("AbsentShownAsEmpty",
        "The visitor is shown an empty record when there is none.",
        [](MapStorage& storage, const CatalogKey& catalog, const RecordKey& key,
           Visitor visitor) {
          if (storage.Find(catalog, key)) {
            return storage.DoVisit(catalog, key, visitor);
          }
          const RecordView empty;
          visitor(storage.branch(), &empty);
          return absl::OkStatus();
        });
  visit("ShownTwice", "The visitor is called twice.",
        [](MapStorage& storage, const CatalogKey& catalog, const RecordKey& key,
           Visitor visitor) {
          storage.DoVisit(catalog, key, visitor).IgnoreError();
          return storage.DoVisit(catalog, key, visitor);
        });
  visit("LendsNonEmptyOnly",
        "Only records with a value that is not empty are lent.",
        [](MapStorage& storage, const CatalogKey& catalog, const RecordKey& key,
           Visitor visitor) -> absl::Status {
          const auto record = storage.Find(catalog, key);
          if (record.has_value() && record->value.empty()) {
            return absl::UnimplementedError("nothing to lend");
          }
          return storage.DoVisit(catalog, key, visitor);
        });
  visit("ValueThenRevision", "Value and revision are looked up one by one.",
        [](MapStorage& storage, const CatalogKey& catalog, const RecordKey& key,
           Visitor visitor) {
          const auto first = storage.Find(catalog, key);
          storage.Step();
          const auto second = storage.Find(catalog, key);
          if (!first.has_value() || !second.has_value()) {
            visitor(storage.branch(), nullptr);
            return absl::OkStatus();
          }
          const RecordView view{second->revision, first->value};
          visitor(storage.branch(), &view);
          return absl::OkStatus();
        });
}

void AddS18Branch(Faults& faults) {
  AddVisit(
      "VisitOfAnotherBranch", "A visit reports a different branch than a read.",
      [](MapStorage& storage, const CatalogKey& catalog, const RecordKey& key,
         Visitor visitor) {
        return storage.DoVisit(catalog, key,
                               [&](BranchId branch, const RecordView* record) {
                                 visitor(branch + 1, record);
                               });
      },
      faults);
  AddVisit(
      "VisitKeepsTheBranch",
      "A visit of a fork reports the branch of its origin.",
      [](MapStorage& storage, const CatalogKey& catalog, const RecordKey& key,
         Visitor visitor) {
        // The first storage of a family has branch 0.
        return storage.DoVisit(
            catalog, key,
            [&](BranchId, const RecordView* record) { visitor(0, record); });
      },
      faults);
}

// Shows a visitor the record that the first visit of the key found.
void AddS18Cache(Faults& faults) {
  faults.push_back(
      {"VisitFromACache",
       "A visit shows what an earlier visit found.",
       {18},
       [](Steps& steps) {
         struct Cache {
           std::mutex mutex;
           std::map<RecordName, std::optional<Record>> records;
         };
         auto cache = std::make_shared<Cache>();
         steps.visit = [cache](MapStorage& storage, const CatalogKey& catalog,
                               const RecordKey& key, Visitor visitor) {
           const RecordName name = Steps().name(catalog, key);
           const std::lock_guard<std::mutex> lock(cache->mutex);
           const auto record =
               cache->records.emplace(name, storage.Find(catalog, key))
                   .first->second;
           if (!record.has_value()) {
             visitor(storage.branch(), nullptr);
             return absl::OkStatus();
           }
           const RecordView view{record->revision, record->value};
           visitor(storage.branch(), &view);
           return absl::OkStatus();
         };
       }});
}

void AddS19(Faults& faults) {
  faults.push_back(
      {"AnswerKeptByAddress",
       "A read set at an address seen before gets its earlier answer again.",
       {19},
       [](Steps& steps) {
         struct Kept {
           std::mutex mutex;
           const ReadSet* read_set = nullptr;
           absl::StatusOr<Snapshot> answer;
         };
         auto kept = std::make_shared<Kept>();
         steps.commit = [kept](MapStorage& storage, const WriteBatch& batch) {
           const std::lock_guard<std::mutex> lock(kept->mutex);
           kept->read_set = nullptr;
           return storage.DoCommit(batch);
         };
         steps.read = [kept](MapStorage& storage, const ReadSet& read_set) {
           const std::lock_guard<std::mutex> lock(kept->mutex);
           if (kept->read_set != &read_set) {
             kept->answer = storage.DoRead(read_set);
           }
           kept->read_set = &read_set;
           return kept->answer;
         };
       }});
  faults.push_back(
      {"KeyKeptByAddress",
       "A visit of a key at an address seen before shows the earlier record.",
       {19},
       [](Steps& steps) {
         struct Kept {
           std::mutex mutex;
           const RecordKey* key = nullptr;
           RecordKey copy;
         };
         auto kept = std::make_shared<Kept>();
         steps.visit = [kept](MapStorage& storage, const CatalogKey& catalog,
                              const RecordKey& key, Visitor visitor) {
           const std::lock_guard<std::mutex> lock(kept->mutex);
           if (kept->key != &key) kept->copy = key;
           kept->key = &key;
           return storage.DoVisit(catalog, kept->copy, visitor);
         };
       }});
}

}  // namespace

std::vector<StorageFaultDefect> OtherFaults() {
  Faults faults;
  AddS14(faults);
  AddS15(faults);
  AddS16(faults);
  AddS17(faults);
  AddS17OneThread(faults);
  AddS18(faults);
  AddS18Branch(faults);
  AddS18Cache(faults);
  AddS19(faults);
  return faults;
}

}  // namespace testing_internal
}  // namespace glue_security
