#include "glue_security/simulation/settable_clock.h"

#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

const absl::Time kStart = absl::FromUnixMillis(1'700'000'000'123);

TEST(SettableClock, StandsStill) {
  SettableClock clock(kStart);
  EXPECT_EQ(clock.Now(), kStart);
  EXPECT_EQ(clock.Now(), kStart);
}

TEST(SettableClock, Set_JumpsForwardsAndBack) {
  SettableClock clock(kStart);
  for (const absl::Time now :
       {kStart + absl::Hours(1), absl::UnixEpoch(), absl::InfinitePast(),
        absl::InfiniteFuture(), kStart}) {
    clock.Set(now);
    EXPECT_EQ(clock.Now(), now);
  }
}

TEST(SettableClock, Advance_MovesForwardsAndBack) {
  SettableClock clock(kStart);
  clock.Advance(absl::Nanoseconds(1));
  EXPECT_EQ(clock.Now(), kStart + absl::Nanoseconds(1));
  clock.Advance(-absl::Hours(2));
  EXPECT_EQ(clock.Now(), kStart - absl::Hours(2) + absl::Nanoseconds(1));
  clock.Advance(absl::ZeroDuration());
  EXPECT_EQ(clock.Now(), kStart - absl::Hours(2) + absl::Nanoseconds(1));
  clock.Advance(absl::InfiniteDuration());
  EXPECT_EQ(clock.Now(), absl::InfiniteFuture());
}

TEST(SettableClock, Threads_LoseNoAdvance) {
  SettableClock clock(kStart);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&clock] {
      absl::Time last = clock.Now();
      for (int i = 0; i < 1000; ++i) {
        clock.Advance(absl::Milliseconds(1));
        const absl::Time now = clock.Now();
        EXPECT_GT(now, last);
        last = now;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(clock.Now(), kStart + absl::Seconds(4));
}

}  // namespace
}  // namespace glue_security
