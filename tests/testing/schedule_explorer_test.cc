// ScheduleExplorer on the engine's own run.

#include "glue_security/testing/schedule_explorer.h"

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(ScheduleExplorer, OneScenario) {
  ScheduleExplorer explorer({});
  std::cout << explorer
                   .Explore({"policy", {{"put_if_initial"}, {"delete", "get"}}})
                   .ToString();
  std::cout << explorer.Explore({"policy", {{"put"}, {"delete"}, {"put_new"}}})
                   .ToString();
  std::cout << explorer.ExploreAll(explorer.Combinations(2, 1)).ToString();
  std::cout << explorer.ExploreAll(explorer.Combinations(3, 1)).ToString();
  std::cout << explorer.ExploreAll(explorer.Combinations(2, 2)).ToString();
}

}  // namespace
}  // namespace glue_security
