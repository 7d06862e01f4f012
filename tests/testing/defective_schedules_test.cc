// ScheduleExplorer finds every planted defect, and its smallest example.

#include "glue_security/testing/defects/defective_schedules.h"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <set>
#include <string>

#include "glue_security/testing/schedules/schedule_explorer.h"
#include "gtest/gtest.h"
#include "tests/testing/find_defect.h"

namespace glue_security {
namespace {

TEST(DefectiveSchedules, EachIsFound_AndItsExampleReplays) {
  uint64_t schedules_max = 0;
  for (const DefectiveSchedule& defect : AllDefectiveSchedules()) {
    SCOPED_TRACE(defect.name);
    const ScheduleReport report = FindDefect(OptionsOf(defect));
    EXPECT_TRUE(report.failure.has_value()) << "not found";
    if (!report.failure.has_value()) continue;
    std::cout << defect.name << ": " << report.schedules << " schedules, "
              << report.failure->schedule << ": " << report.failure->reason
              << "\n";
    schedules_max = std::max(schedules_max, report.schedules);
    // A new explorer gives the same text: it depends on nothing done before.
    const auto replayed =
        ScheduleExplorer(OptionsOf(defect)).Replay(report.failure->schedule);
    ASSERT_TRUE(replayed.ok()) << replayed.status();
    EXPECT_EQ(*replayed, report.failure->text);
  }
  std::cout << "at most " << schedules_max << " schedules\n";
}

TEST(DefectiveSchedules, HaveNamesOfTheirOwnAndDescriptions) {
  std::set<std::string> names;
  for (const DefectiveSchedule& defect : AllDefectiveSchedules()) {
    EXPECT_TRUE(names.insert(defect.name).second) << defect.name;
    EXPECT_FALSE(defect.description.empty()) << defect.name;
    EXPECT_NE(defect.new_operation == nullptr, defect.storage == nullptr)
        << defect.name;
  }
  EXPECT_GE(names.size(), 20u);
}

}  // namespace
}  // namespace glue_security
