#include "glue_security/testing/system_clock.h"

#include <functional>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/v1/service.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(SystemClockRefusal, RefusesTheSystemsClockAndOneThatFollowsIt) {
  EXPECT_EQ(SystemClockRefusal(Clock::System(), "the clock"),
            "the clock is the system's: the same run would have other times "
            "when it is made again, and a failure could be neither replayed "
            "nor shrunk. Give a FakeClock that stands still until it is moved, "
            "as FakeClock(absl::FromUnixSeconds(1'567'296'000)).");
  FakeClock fake;
  EXPECT_THAT(SystemClockRefusal(&fake, "it"),
              StartsWith("it follows the system's: "));
  fake.Freeze();
  EXPECT_EQ(SystemClockRefusal(&fake, "it"), "");
  fake.Run();
  EXPECT_NE(SystemClockRefusal(&fake, "it"), "");
  fake.Reset();
  EXPECT_NE(SystemClockRefusal(&fake, "it"), "");
  FakeClock still(absl::UnixEpoch());
  EXPECT_EQ(SystemClockRefusal(&still, "it"), "");
}

TEST(SystemClockRefusal, TrustsAClockOfAnotherType) {
  class Counter : public Clock {
   public:
    absl::Time Now() override { return absl::FromUnixSeconds(++seconds_); }

   private:
    int seconds_ = 0;
  };
  Counter counter;
  EXPECT_EQ(SystemClockRefusal(&counter, "it"), "");
}

TEST(ShowsSystemTime, SeesEachTimeOfAnAnswer) {
  const auto shows =
      [](int64_t seconds,
         const std::function<google::protobuf::Timestamp*(v1::Response*)>&
             time) {
        v1::Response answer;
        time(&answer)->set_seconds(seconds);
        return ShowsSystemTime(answer);
      };
  const std::function<google::protobuf::Timestamp*(v1::Response*)> times[] = {
      [](v1::Response* answer) {
        return answer->mutable_get_resource_policy()->mutable_update_time();
      },
      [](v1::Response* answer) {
        return answer->mutable_get_resource_policies()
            ->add_policies()
            ->mutable_update_time();
      },
      [](v1::Response* answer) {
        return answer->mutable_create_security_configuration()
            ->mutable_created_timestamp();
      },
      [](v1::Response* answer) {
        return answer->mutable_get_security_configuration()
            ->mutable_security_configuration()
            ->mutable_created_time_stamp();
      },
      [](v1::Response* answer) {
        return answer->mutable_get_security_configurations()
            ->add_security_configurations()
            ->mutable_created_time_stamp();
      },
  };
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  for (const auto& time : times) {
    EXPECT_TRUE(shows(now, time));
    EXPECT_FALSE(shows(1'567'296'000, time));
    EXPECT_FALSE(shows(now - 3 * 86'400, time));
  }
  EXPECT_FALSE(ShowsSystemTime(v1::Response()));
  EXPECT_THAT(SystemTimeRefusal(), HasSubstr("set honours_clock = false"));
}

}  // namespace
}  // namespace glue_security
