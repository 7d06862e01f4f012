#include "glue_security/simulation/adjustable_clock.h"

#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "glue_security/simulation/settable_clock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'567'296'000);
const absl::Time kElsewhere = absl::FromUnixSeconds(1'000'000'000);

class AdjustableClockTest : public testing::Test {
 protected:
  SettableClock base_{kStart};
  AdjustableClock clock_{&base_};
};

TEST_F(AdjustableClockTest, RunsLikeItsBase) {
  EXPECT_EQ(clock_.Now(), kStart);
  EXPECT_FALSE(clock_.is_frozen());
  base_.Advance(absl::Seconds(3));
  EXPECT_EQ(clock_.Now(), kStart + absl::Seconds(3));
}

TEST_F(AdjustableClockTest, GoesOnFromWhereItIsSet) {
  clock_.Set(kElsewhere);
  EXPECT_EQ(clock_.Now(), kElsewhere);
  base_.Advance(absl::Seconds(3));
  EXPECT_EQ(clock_.Now(), kElsewhere + absl::Seconds(3));
  // Again, and forwards.
  clock_.Set(kStart);
  EXPECT_EQ(clock_.Now(), kStart);
}

TEST_F(AdjustableClockTest, MovesByADuration) {
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(clock_.Now(), kStart + absl::Minutes(5));
  clock_.Advance(-absl::Minutes(6));
  EXPECT_EQ(clock_.Now(), kStart - absl::Minutes(1));
  base_.Advance(absl::Seconds(1));
  EXPECT_EQ(clock_.Now(), kStart - absl::Seconds(59));
}

TEST_F(AdjustableClockTest, StandsStillUntilItRuns) {
  clock_.Freeze();
  EXPECT_TRUE(clock_.is_frozen());
  base_.Advance(absl::Hours(1));
  EXPECT_EQ(clock_.Now(), kStart);
  clock_.Freeze();  // Again does nothing.
  EXPECT_EQ(clock_.Now(), kStart);
  clock_.Run();
  EXPECT_FALSE(clock_.is_frozen());
  // The hour is not made up for.
  EXPECT_EQ(clock_.Now(), kStart);
  base_.Advance(absl::Seconds(2));
  EXPECT_EQ(clock_.Now(), kStart + absl::Seconds(2));
  clock_.Run();
  EXPECT_EQ(clock_.Now(), kStart + absl::Seconds(2));
}

TEST_F(AdjustableClockTest, IsSetAndMovedWhileItStandsStill) {
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

TEST_F(AdjustableClockTest, ResetForgetsAll) {
  clock_.Set(kElsewhere);
  clock_.Freeze();
  base_.Advance(absl::Seconds(7));
  clock_.Reset();
  EXPECT_FALSE(clock_.is_frozen());
  EXPECT_EQ(clock_.Now(), kStart + absl::Seconds(7));
}

TEST_F(AdjustableClockTest, ManyThreadsMoveIt) {
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

}  // namespace
}  // namespace glue_security
