// Prints the table of the schedules' planted defects: the number of schedules
// until each is found, and its smallest example.

#include <iostream>
#include <string>

#include "glue_security/testing/defects/defective_schedules.h"
#include "glue_security/testing/schedules/schedule_explorer.h"
#include "tests/testing/find_defect.h"

int main() {
  using namespace glue_security;
  std::cout << "| defect | what is wrong | found after schedules | smallest "
               "example |\n|---|---|--:|---|\n";
  for (const DefectiveSchedule& defect : AllDefectiveSchedules()) {
    const ScheduleReport report = FindDefect(OptionsOf(defect));
    std::cout << "| `" << defect.name << "` | " << defect.description << " | "
              << report.schedules << " | `"
              << (report.failure.has_value() ? report.failure->schedule
                                             : "not found")
              << "` |\n";
  }
}
