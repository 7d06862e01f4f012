// ScheduleExplorer finds every planted defect, and its smallest example.

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <set>
#include <string>

#include "glue_security/testing/defects/defective_schedules.h"
#include "glue_security/testing/schedules/schedule_explorer.h"
#include "gtest/gtest.h"
#include "tests/testing/find_seeded.h"

namespace glue_security {
namespace {

TEST(SeededSchedules, EachIsFound_AndItsExampleReplays) {
  uint64_t schedules_max = 0;
  for (const SeededSchedule& seeded : AllSeededSchedules()) {
    SCOPED_TRACE(seeded.name);
    const ScheduleReport report = FindSeeded(OptionsOf(seeded));
    EXPECT_TRUE(report.failure.has_value()) << "not found";
    if (!report.failure.has_value()) continue;
    std::cout << seeded.name << ": " << report.schedules << " schedules, "
              << report.failure->schedule << ": " << report.failure->reason
              << "\n";
    schedules_max = std::max(schedules_max, report.schedules);
    // A new explorer gives the same text: it depends on nothing done before.
    const auto replayed =
        ScheduleExplorer(OptionsOf(seeded)).Replay(report.failure->schedule);
    ASSERT_TRUE(replayed.ok()) << replayed.status();
    EXPECT_EQ(*replayed, report.failure->text);
  }
  std::cout << "at most " << schedules_max << " schedules\n";
}

TEST(SeededSchedules, HaveNamesOfTheirOwnAndDescriptions) {
  std::set<std::string> names;
  for (const SeededSchedule& seeded : AllSeededSchedules()) {
    EXPECT_TRUE(names.insert(seeded.name).second) << seeded.name;
    EXPECT_FALSE(seeded.description.empty()) << seeded.name;
    EXPECT_NE(seeded.new_run == nullptr, seeded.storage == nullptr)
        << seeded.name;
  }
  EXPECT_GE(names.size(), 20u);
}

}  // namespace
}  // namespace glue_security
