// SequenceReplay: makes the calls of a sequence that once failed. The tests in
// `SequenceReport::code` use it. It needs no generator, so such a test means
// the same as long as the API does:
//
//   SequenceReplay replay(MakeBackend, Behavior::Documented(), Limits(),
//                         absl::FromUnixMillis(0));
//   EXPECT_EQ(replay.Call(absl::Microseconds(0), {"111111111111", "r", ""},
//                         R"pb(get_resource_policy {})pb",
//                         R"pb(error { code: ERROR_CODE_ENTITY_NOT_FOUND
//                         })pb"),
//             "");

#ifndef GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_REPLAY_H_
#define GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_REPLAY_H_

#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/oracle/answer_comparison.h"
#include "glue_security/testing/sequences/answer_translation.h"
#include "glue_security/testing/sequences/own_clock.h"

namespace glue_security {

class SequenceReplay {
 public:
  // Makes a new backend, whose clock stands at `start`.
  SequenceReplay(const BackendFactory& factory, const Behavior& behavior,
                 const Limits& limits, absl::Time start,
                 const AnswerRules& rules = AnswerRules());

  // Moves the clock, or lets time pass where `rules` say that the backend has
  // its own, then makes the call `request`, a v1::Request in text format.
  // Returns "" when the answer is `expected`, a v1::Response, compared as
  // answer_comparison.h says; otherwise the first difference. The message of an
  // error is compared if `expected` has one. A NextToken "TOKEN OF CALL 3"
  // stands for the token that the backend gave out in the third call, a hash
  // "HASH OF CALL 3" for that of the policy that the third call put.
  std::string Call(absl::Duration moved, const Caller& caller,
                   const std::string& request, const std::string& expected);

 private:
  FakeClock clock_;
  std::optional<OwnClock> own_clock_;
  TestedBackend tested_;
  // The tokens of the backend by their names in requests.
  std::map<std::string, std::string> tokens_;
  AnswerTranslation translation_;
  size_t calls_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_REPLAY_H_
