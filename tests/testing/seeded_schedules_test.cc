// ScheduleExplorer finds every seeded defect, and its smallest example.

#include "glue_security/testing/seeded_schedules.h"

#include <iostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "glue_security/testing/schedule_explorer.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// From small to large.
std::vector<ScheduleScenario> AllScenarios(const ScheduleExplorer& explorer) {
  std::vector<ScheduleScenario> scenarios;
  for (const auto& [clients, operations] :
       {std::pair(1, 1), {2, 1}, {3, 1}, {2, 2}}) {
    for (ScheduleScenario& scenario :
         explorer.Combinations(clients, operations)) {
      scenarios.push_back(std::move(scenario));
    }
  }
  return scenarios;
}

ScheduleOptions OptionsOf(const SeededSchedule& seeded) {
  ScheduleOptions options;
  if (seeded.new_run != nullptr) options.new_run = seeded.new_run;
  options.storage = seeded.storage;
  return options;
}

TEST(SeededSchedules, EachIsFound_AndItsExampleReplays) {
  uint64_t schedules_max = 0;
  for (const SeededSchedule& seeded : AllSeededSchedules()) {
    SCOPED_TRACE(seeded.name);
    ScheduleExplorer explorer(OptionsOf(seeded));
    const ScheduleReport report = explorer.ExploreAll(AllScenarios(explorer));
    EXPECT_TRUE(report.failure.has_value()) << "not found";
    if (!report.failure.has_value()) continue;
    std::cout << seeded.name << " | " << report.schedules << " schedules, "
              << report.scenarios << " scenarios | " << report.failure->schedule
              << " | " << report.failure->reason << "\n";
    if (::getenv("TELL") != nullptr) std::cout << report.failure->text << "\n";
    schedules_max = std::max(schedules_max, report.schedules);
    // In a new explorer, too: nothing of the text depends on what came before.
    const auto replayed =
        ScheduleExplorer(OptionsOf(seeded)).Replay(report.failure->schedule);
    ASSERT_TRUE(replayed.ok()) << replayed.status();
    EXPECT_EQ(*replayed, report.failure->text);
    // The engine's own run does nothing wrong there.
    const auto healthy = ScheduleExplorer({}).Replay(report.failure->schedule);
    if (healthy.ok()) {
      EXPECT_EQ(healthy->find("fails:"), std::string::npos) << *healthy;
    }
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
