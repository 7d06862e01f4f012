// Every schedule of 3 clients with 1 operation and of 2 clients with 2, over
// the whole alphabet, from each initial state, with at most one fault.
// GLUE_SECURITY_SCHEDULE_FAULTS=2 in the environment allows two
// (tools/schedules.sh). GLUE_SECURITY_SHORT_TESTS takes every 20th scenario.

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "glue_security/testing/schedules/schedule_explorer.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

constexpr size_t kShortStride = 20;

int FaultsMax() {
  const char* text = std::getenv("GLUE_SECURITY_SCHEDULE_FAULTS");
  int faults = 1;
  EXPECT_TRUE(text == nullptr || absl::SimpleAtoi(text, &faults)) << text;
  return faults;
}

// Explores the combinations; `scenarios` is their expected number.
ScheduleReport ExploreCombinations(
    int clients, int operations, size_t scenarios,
    ScheduleAlphabet alphabet = DefaultScheduleAlphabet()) {
  ScheduleOptions options;
  options.alphabet = std::move(alphabet);
  options.faults_max = FaultsMax();
  ScheduleExplorer explorer(options);
  std::vector<ScheduleScenario> all =
      explorer.Combinations(clients, operations);
  EXPECT_EQ(all.size(), scenarios);
  if (IsShortRun()) {
    std::vector<ScheduleScenario> some;
    for (size_t i = 0; i < all.size(); i += kShortStride) {
      some.push_back(all[i]);
    }
    all = std::move(some);
  }
  const ScheduleReport report = explorer.ExploreAll(all);
  std::cout << clients << " clients x " << operations << ", at most "
            << options.faults_max << " faults: " << report.ToString();
  EXPECT_FALSE(report.failure.has_value());
  EXPECT_EQ(report.scenarios, all.size());
  return report;
}

// The 14 operations have 560 multisets of 3, each from 3 states.
TEST(AllSchedules, OfThreeClientsWithOneOperation_AreLinearizable) {
  const ScheduleReport report = ExploreCombinations(3, 1, 560 * 3);
  EXPECT_GT(report.schedules, IsShortRun() ? 100'000u : 2'500'000u);
}

// The 196 pairs of operations have 19,306 multisets of 2, each from 3 states.
TEST(AllSchedules, OfTwoClientsWithTwoOperations_AreLinearizable) {
  const ScheduleReport report = ExploreCombinations(2, 2, 19'306 * 3);
  EXPECT_GT(report.schedules, IsShortRun() ? 1'000'000u : 30'000'000u);
}

// The 7 operations have 84 multisets of 3, each from 3 states. Nothing is
// stored under settings that were no longer in force at its commit.
TEST(AllSchedules, OfThreeClientsOnAConnection_KeepTheSettings) {
  const ScheduleReport report =
      ExploreCombinations(3, 1, 84 * 3, ConnectionScheduleAlphabet());
  EXPECT_GT(report.schedules, IsShortRun() ? 1'000u : 100'000u);
}

}  // namespace
}  // namespace glue_security
