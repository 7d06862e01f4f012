// SimulatedStorage: the storage that `ScheduleExplorer` explores, as two pure
// functions on a state that can be copied and compared. It keeps S1 to S13 of
// the contract (glue_security/storage/storage.h) with one branch, 0. The
// explorer makes the faults; this storage has none.
//
// Override a function to explore a storage with other semantics, or one with a
// defect:
//
//   class ForgetfulStorage : public SimulatedStorage {
//    public:
//     CommitResult Commit(const WriteBatch& batch,
//                         SimulatedState* state) const override {
//       WriteBatch unguarded = batch;
//       unguarded.preconditions.clear();
//       return SimulatedStorage::Commit(unguarded, state);
//     }
//   };

#ifndef GLUE_SECURITY_TESTING_SCHEDULES_SIMULATED_STORAGE_H_
#define GLUE_SECURITY_TESTING_SCHEDULES_SIMULATED_STORAGE_H_

#include <map>
#include <utility>

#include "glue_security/model/record.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

// All contents of a storage.
struct SimulatedState {
  std::map<std::pair<CatalogKey, RecordKey>, Record> records;
  // The last revision that was given.
  Revision last_revision = 0;
};

// Stateless and immutable.
class SimulatedStorage {
 public:
  virtual ~SimulatedStorage() = default;

  // Returns the records that `read_set` asks for.
  virtual Snapshot Read(const SimulatedState& state,
                        const ReadSet& read_set) const;

  // Applies `batch` to `state`, or leaves it unchanged and returns kConflict.
  virtual CommitResult Commit(const WriteBatch& batch,
                              SimulatedState* state) const;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SCHEDULES_SIMULATED_STORAGE_H_
