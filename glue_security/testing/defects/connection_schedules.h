// Planted defects of operations on connections, for `AllDefectiveSchedules`.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_CONNECTION_SCHEDULES_H_
#define GLUE_SECURITY_TESTING_DEFECTS_CONNECTION_SCHEDULES_H_

#include <vector>

#include "glue_security/testing/defects/defective_schedules.h"

namespace glue_security {

// Returns defects that `ConnectionScheduleAlphabet` shows.
std::vector<DefectiveSchedule> ConnectionScheduleDefects();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_DEFECTS_CONNECTION_SCHEDULES_H_
