#include "glue_security/backend/clock.h"

#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(Clock, System_IsOneThatLivesForever) {
  EXPECT_NE(Clock::System(), nullptr);
  EXPECT_EQ(Clock::System(), Clock::System());
}

// A test cannot know the time, but it knows that this code is older.
TEST(Clock, System_ShowsATimeThatCanBe) {
  const absl::Time now = Clock::System()->Now();
  EXPECT_GT(now,
            absl::FromCivil(absl::CivilDay(2020, 1, 1), absl::UTCTimeZone()));
  EXPECT_LT(now,
            absl::FromCivil(absl::CivilDay(9999, 1, 1), absl::UTCTimeZone()));
}

TEST(Clock, System_IsAskedByThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 1000; ++i) {
        EXPECT_NE(Clock::System()->Now(), absl::InfinitePast());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace glue_security
