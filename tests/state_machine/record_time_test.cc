#include "glue_security/state_machine/record_time.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(RecordTime, IsCutToMillisecondsAndHeldToTheTimestampsRange) {
  EXPECT_EQ(ToRecordTime(absl::FromUnixMicros(1999)), 1);
  EXPECT_EQ(ToRecordTime(absl::FromUnixMicros(-1)), -1);
  EXPECT_EQ(ToRecordTime(absl::InfinitePast()), -62'135'596'800'000);
  EXPECT_EQ(ToRecordTime(absl::InfiniteFuture()), 253'402'300'799'999);
  EXPECT_EQ(ToTimestamp(ToRecordTime(absl::InfinitePast())).seconds(),
            -62'135'596'800);
  EXPECT_EQ(ToTimestamp(ToRecordTime(absl::InfiniteFuture())).seconds(),
            253'402'300'799);
  EXPECT_EQ(ToTimestamp(-1).seconds(), -1);
  EXPECT_EQ(ToTimestamp(-1).nanos(), 999'000'000);
  EXPECT_EQ(ToTimestamp(1'001).nanos(), 1'000'000);
}

}  // namespace
}  // namespace glue_security
