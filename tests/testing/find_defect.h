// Searches for a planted defect, from small scenarios to large ones, first
// without faults and then with one.

#ifndef TESTS_TESTING_FIND_DEFECT_H_
#define TESTS_TESTING_FIND_DEFECT_H_

#include <utility>
#include <vector>

#include "glue_security/testing/defects/defective_schedules.h"
#include "glue_security/testing/schedules/schedule_explorer.h"

namespace glue_security {

inline ScheduleOptions OptionsOf(const DefectiveSchedule& defect) {
  ScheduleOptions options;
  if (defect.new_operation != nullptr)
    options.new_operation = defect.new_operation;
  options.storage = defect.storage;
  if (defect.is_of_connections) {
    options.alphabet = ConnectionScheduleAlphabet();
  }
  return options;
}

// Returns the failure, with the counts of the whole search.
inline ScheduleReport FindDefect(const ScheduleOptions& base) {
  ScheduleReport total;
  for (const int faults_max : {0, 1}) {
    ScheduleOptions options = base;
    options.faults_max = faults_max;
    ScheduleExplorer explorer(options);
    std::vector<std::pair<int, int>> sizes = {{1, 1}, {2, 1}, {3, 1}};
    if (faults_max == 1) sizes.emplace_back(2, 2);
    for (const auto& [clients, operations] : sizes) {
      const ScheduleReport report =
          explorer.ExploreAll(explorer.Combinations(clients, operations));
      total.scenarios += report.scenarios;
      total.schedules += report.schedules;
      total.states += report.states;
      total.failure = report.failure;
      if (total.failure.has_value()) return total;
    }
  }
  return total;
}

}  // namespace glue_security

#endif  // TESTS_TESTING_FIND_DEFECT_H_
