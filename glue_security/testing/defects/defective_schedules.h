// DefectiveSchedules: planted defects of concurrency, which `ScheduleExplorer`
// must find. Each is the engine's run, or the simulated storage, with one step
// done wrong, as the author of a driver or a storage may do it.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_DEFECTIVE_SCHEDULES_H_
#define GLUE_SECURITY_TESTING_DEFECTS_DEFECTIVE_SCHEDULES_H_

#include <string>
#include <vector>

#include "glue_security/testing/schedules/scheduled_operation.h"
#include "glue_security/testing/schedules/simulated_storage.h"

namespace glue_security {

struct DefectiveSchedule {
  // Never changes, because tables and logs refer to it.
  std::string name;
  // The defect in a sentence.
  std::string description;
  // The run and the storage for `ScheduleOptions`. The one that is null has no
  // defect. The storage lives forever.
  ScheduledOperationFactory new_operation;
  const SimulatedStorage* storage = nullptr;
  // True: `ConnectionScheduleAlphabet` shows it, and the default one does not.
  bool is_of_connections = false;
};

// Returns all of them, in the order of the table in
// docs/testing_kit/schedules.md.
std::vector<DefectiveSchedule> AllDefectiveSchedules();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_DEFECTS_DEFECTIVE_SCHEDULES_H_
