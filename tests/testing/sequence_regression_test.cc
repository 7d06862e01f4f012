// The unchanged SequenceReport::code for a backend that omits an element at the
// start of a page; sequence_test compares it. It passes, because it runs on the
// engine here.

#include "absl/time/time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/sequences/sequence_replay.h"
#include "gtest/gtest.h"
#include "tests/testing/broken_backends.h"

namespace glue_security {
namespace {

// clang-format off
// GLUE_SECURITY_REPLAY=0.1.0.0.0.5.0.1.0.0.0.1.0.0.0.5.0.0.0.0.0.1.0.0.0.8.1.0.0.0.1.0.0.0.8.0.1
TEST(SequenceRegression, AnswersLikeTheModel) {
  Behavior behavior = Behavior::Documented();
  behavior.policy_checks = PolicyChecks::kJson;
  Limits limits;
  SequenceReplay replay(
      EngineInMemory, behavior, limits,
      absl::FromUnixMillis(1567296000000));
  EXPECT_EQ(
      replay.Call(absl::Microseconds(0),
          {"111111111111", "us-east-1", "arn:aws:iam::111111111111:user/admin"},
          R"pb(create_security_configuration { name: "b" encryption_configuration { } })pb",
          R"pb(create_security_configuration { name: "b" created_timestamp { seconds: 1567296000 } })pb"),
      "");
  EXPECT_EQ(
      replay.Call(absl::Microseconds(0),
          {"111111111111", "us-east-1", "arn:aws:iam::111111111111:user/admin"},
          R"pb(create_security_configuration { name: "a" encryption_configuration { } })pb",
          R"pb(create_security_configuration { name: "a" created_timestamp { seconds: 1567296000 } })pb"),
      "");
  EXPECT_EQ(
      replay.Call(absl::Microseconds(0),
          {"111111111111", "us-east-1", "arn:aws:iam::111111111111:user/admin"},
          R"pb(get_security_configurations { max_results: 1 })pb",
          R"pb(get_security_configurations { security_configurations { name: "a" created_time_stamp { seconds: 1567296000 } encryption_configuration { } } next_token: "TOKEN" })pb"),
      "");
  EXPECT_EQ(
      replay.Call(absl::Microseconds(0),
          {"111111111111", "us-east-1", "arn:aws:iam::111111111111:user/admin"},
          R"pb(get_security_configurations { next_token: "TOKEN OF CALL 3" })pb",
          R"pb(get_security_configurations { security_configurations { name: "b" created_time_stamp { seconds: 1567296000 } encryption_configuration { } } })pb"),
      "");
}
// clang-format on

}  // namespace
}  // namespace glue_security
