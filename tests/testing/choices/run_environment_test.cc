#include "glue_security/testing/choices/run_environment.h"

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "glue_security/testing/choices/choice_source.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// Sets an environment variable until the end of the scope.
class ScopedEnvironment {
 public:
  ScopedEnvironment(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~ScopedEnvironment() { unsetenv(name_); }

 private:
  const char* const name_;
};

TEST(RunEnvironment, OptionsComeBeforeTheEnvironment) {
  const ScopedEnvironment seed("GLUE_SECURITY_SEED", "7");
  const ScopedEnvironment replay("GLUE_SECURITY_REPLAY", "3.1");
  EXPECT_EQ(SeedOr(5), 5u);
  EXPECT_EQ(SeedOr(0), 0u);
  EXPECT_EQ(SeedOr(std::nullopt), 7u);
  EXPECT_EQ(ReplayOr("2"), "2");
  EXPECT_EQ(ReplayOr(""), "3.1");
}

TEST(RunEnvironment, WithoutTheEnvironmentSeedsAreNew) {
  unsetenv("GLUE_SECURITY_SEED");
  std::set<uint64_t> seeds;
  for (int i = 0; i < 10; ++i) seeds.insert(SeedOr(std::nullopt));
  EXPECT_GT(seeds.size(), 8u);
  EXPECT_EQ(ReplayOr(""), "");
  EXPECT_EQ(RunsOr(12), 12);
  EXPECT_FALSE(PrintsStatistics(false));
  EXPECT_TRUE(PrintsStatistics(true));
}

TEST(RunEnvironment, TextsThatAreNoNumbersAreIgnored) {
  const ScopedEnvironment runs("GLUE_SECURITY_RUNS", "many");
  EXPECT_EQ(RunsOr(12), 12);
  const ScopedEnvironment seed("GLUE_SECURITY_SEED", "-1");
  std::set<uint64_t> seeds;
  for (int i = 0; i < 10; ++i) seeds.insert(SeedOr(std::nullopt));
  EXPECT_GT(seeds.size(), 8u);
}

TEST(RunEnvironment, TheEnvironmentReplacesRunsAndAddsStatistics) {
  const ScopedEnvironment runs("GLUE_SECURITY_RUNS", "3");
  EXPECT_EQ(RunsOr(12), 3);
  const ScopedEnvironment stats("GLUE_SECURITY_STATS", "1");
  EXPECT_TRUE(PrintsStatistics(false));
}

TEST(RunEnvironment, SeedsOfRunsHaveNothingInCommon) {
  EXPECT_EQ(SeedOfRun(42, 0), SeedOfRun(42, 0));
  std::set<uint64_t> seeds;
  for (int64_t run = 0; run < 1000; ++run) {
    for (uint64_t seed = 0; seed < 10; ++seed) {
      seeds.insert(SeedOfRun(seed, run));
    }
  }
  EXPECT_EQ(seeds.size(), 10'000u);
}

TEST(RunEnvironment, AReplayIsNeverEmpty) {
  EXPECT_EQ(ReplayAssignment({3, 0, 17}), "GLUE_SECURITY_REPLAY=3.0.17");
  EXPECT_EQ(ReplayAssignment({}), "GLUE_SECURITY_REPLAY=0");
}

}  // namespace
}  // namespace glue_security
