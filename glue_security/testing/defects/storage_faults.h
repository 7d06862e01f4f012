// StorageFaultDefect: a defect of defective_storages.h, as a replaced step of a
// MapStorage.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_STORAGE_FAULTS_H_
#define GLUE_SECURITY_TESTING_DEFECTS_STORAGE_FAULTS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/storage.h"
#include "glue_security/testing/defects/map_storage.h"

namespace glue_security {
namespace testing_internal {

using CommitStep =
    std::function<absl::StatusOr<CommitResult>(MapStorage&, WriteBatch)>;

struct StorageFaultDefect {
  std::string name;
  std::string sentence;
  std::vector<int> clauses;
  // Replaces the step. Called once for each storage, so that each has its own
  // captured state.
  std::function<void(Steps&)> replace;
  // As in `DefectiveStorage`.
  bool races = false;
};

std::vector<StorageFaultDefect> ReadingFaults();  // S1 to S7
std::vector<StorageFaultDefect> WritingFaults();  // S8 to S13
std::vector<StorageFaultDefect> OtherFaults();    // S14 to S19
// S2, S11 and S17, each for an instant between two locks.
std::vector<StorageFaultDefect> RacingFaults();

}  // namespace testing_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_DEFECTS_STORAGE_FAULTS_H_
