#include "glue_security/backend/fake_clock.h"

#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'567'296'000);
const absl::Time kElsewhere = absl::FromUnixSeconds(1'000'000'000);

class FakeClockTest : public testing::Test {
 protected:
  FakeClock base_{kStart};
  FakeClock clock_{&base_};
};

TEST(FrozenFakeClock, StandsStillWhereItWasMade) {
  FakeClock clock(kStart);
  EXPECT_TRUE(clock.is_frozen());
  EXPECT_EQ(clock.Now(), kStart);
  EXPECT_EQ(clock.Now(), kStart);
  EXPECT_TRUE(clock.Set(absl::UnixEpoch()));
  EXPECT_EQ(clock.Now(), absl::UnixEpoch());
  EXPECT_TRUE(clock.Advance(-absl::Nanoseconds(1)));
  EXPECT_EQ(clock.Now(), absl::UnixEpoch() - absl::Nanoseconds(1));
}

TEST(FrozenFakeClock, MadeOutsideOfTheYears_StandsAtTheirEnd) {
  EXPECT_EQ(FakeClock(absl::InfiniteFuture()).Now(), FakeClock::Max());
  EXPECT_EQ(FakeClock(absl::InfinitePast()).Now(), FakeClock::Min());
}

TEST(FrozenFakeClock, Threads_LoseNoAdvance) {
  FakeClock clock(kStart);
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

TEST_F(FakeClockTest, RunsLikeItsBase) {
  EXPECT_EQ(clock_.Now(), kStart);
  EXPECT_FALSE(clock_.is_frozen());
  base_.Advance(absl::Seconds(3));
  EXPECT_EQ(clock_.Now(), kStart + absl::Seconds(3));
}

TEST_F(FakeClockTest, GoesOnFromWhereItIsSet) {
  clock_.Set(kElsewhere);
  EXPECT_EQ(clock_.Now(), kElsewhere);
  base_.Advance(absl::Seconds(3));
  EXPECT_EQ(clock_.Now(), kElsewhere + absl::Seconds(3));
  // It can be set again, and forwards.
  clock_.Set(kStart);
  EXPECT_EQ(clock_.Now(), kStart);
}

TEST_F(FakeClockTest, MovesByADuration) {
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(clock_.Now(), kStart + absl::Minutes(5));
  clock_.Advance(-absl::Minutes(6));
  EXPECT_EQ(clock_.Now(), kStart - absl::Minutes(1));
  base_.Advance(absl::Seconds(1));
  EXPECT_EQ(clock_.Now(), kStart - absl::Seconds(59));
}

TEST_F(FakeClockTest, StandsStillUntilItRuns) {
  clock_.Freeze();
  EXPECT_TRUE(clock_.is_frozen());
  base_.Advance(absl::Hours(1));
  EXPECT_EQ(clock_.Now(), kStart);
  clock_.Freeze();  // Again does nothing.
  EXPECT_EQ(clock_.Now(), kStart);
  clock_.Run();
  EXPECT_FALSE(clock_.is_frozen());
  // The frozen hour is not caught up.
  EXPECT_EQ(clock_.Now(), kStart);
  base_.Advance(absl::Seconds(2));
  EXPECT_EQ(clock_.Now(), kStart + absl::Seconds(2));
  clock_.Run();
  EXPECT_EQ(clock_.Now(), kStart + absl::Seconds(2));
}

TEST_F(FakeClockTest, IsSetAndMovedWhileItStandsStill) {
  clock_.Freeze();
  clock_.Set(kElsewhere);
  EXPECT_TRUE(clock_.is_frozen());
  clock_.Advance(absl::Milliseconds(1500));
  base_.Advance(absl::Hours(1));
  EXPECT_EQ(clock_.Now(), kElsewhere + absl::Milliseconds(1500));
  clock_.Run();
  base_.Advance(absl::Seconds(1));
  EXPECT_EQ(clock_.Now(), kElsewhere + absl::Milliseconds(2500));
}

TEST_F(FakeClockTest, ResetForgetsAll) {
  clock_.Set(kElsewhere);
  clock_.Freeze();
  base_.Advance(absl::Seconds(7));
  clock_.Reset();
  EXPECT_FALSE(clock_.is_frozen());
  EXPECT_EQ(clock_.Now(), kStart + absl::Seconds(7));
}

TEST_F(FakeClockTest, ManyThreadsMoveIt) {
  clock_.Freeze();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 1000; ++i) clock_.Advance(absl::Milliseconds(1));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(clock_.Now(), kStart + absl::Seconds(4));
}

// A time outside the years 1 to 9999 is refused, whether the clock runs or not.
TEST_F(FakeClockTest, OutOfTheYears_IsRefusedAndChangesNothing) {
  for (const bool is_frozen : {false, true}) {
    SCOPED_TRACE(is_frozen);
    clock_.Reset();
    if (is_frozen) clock_.Freeze();
    for (const absl::Time now : {absl::InfiniteFuture(), absl::InfinitePast(),
                                 FakeClock::Max() + absl::Nanoseconds(1),
                                 FakeClock::Min() - absl::Nanoseconds(1)}) {
      EXPECT_FALSE(clock_.Set(now)) << now;
      EXPECT_EQ(clock_.Now(), kStart);
    }
    for (const absl::Duration duration :
         {absl::InfiniteDuration(), -absl::InfiniteDuration(),
          FakeClock::Max() - kStart + absl::Nanoseconds(1),
          FakeClock::Min() - kStart - absl::Nanoseconds(1)}) {
      EXPECT_FALSE(clock_.Advance(duration)) << duration;
      EXPECT_EQ(clock_.Now(), kStart);
    }
    // The first and the last time are valid.
    EXPECT_TRUE(clock_.Advance(FakeClock::Max() - kStart));
    EXPECT_EQ(clock_.Now(), FakeClock::Max());
    EXPECT_TRUE(clock_.Set(FakeClock::Min()));
    EXPECT_EQ(clock_.Now(), FakeClock::Min());
    EXPECT_EQ(clock_.is_frozen(), is_frozen);
  }
}

TEST_F(FakeClockTest, AtTheEnd_ItStandsStillAndCanBeMovedBack) {
  EXPECT_TRUE(clock_.Set(FakeClock::Max()));
  base_.Advance(absl::Hours(1));
  EXPECT_EQ(clock_.Now(), FakeClock::Max());
  EXPECT_TRUE(clock_.Advance(-absl::Seconds(1)));
  EXPECT_EQ(clock_.Now(), FakeClock::Max() - absl::Seconds(1));
  base_.Advance(absl::Milliseconds(400));
  EXPECT_EQ(clock_.Now(), FakeClock::Max() - absl::Milliseconds(600));
}

TEST_F(FakeClockTest, TheEndsAreThoseOfFourDigitYears) {
  const auto format = [](absl::Time time) {
    return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
  };
  EXPECT_EQ(format(FakeClock::Max()), "9999-12-31T23:59:59.999999999+00:00");
  EXPECT_EQ(absl::ToCivilSecond(FakeClock::Min(), absl::UTCTimeZone()),
            absl::CivilSecond(1, 1, 1));
}

}  // namespace
}  // namespace glue_security
