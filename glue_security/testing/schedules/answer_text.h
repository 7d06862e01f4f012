// AnswerText: an answer in the form in which the schedule explorer compares it.

#ifndef GLUE_SECURITY_TESTING_SCHEDULES_ANSWER_TEXT_H_
#define GLUE_SECURITY_TESTING_SCHEDULES_ANSWER_TEXT_H_

#include <cstdint>
#include <string>

#include "glue_security/v1/service.pb.h"

namespace glue_security {
namespace testing_internal {

// The time at which the clocks of a schedule start.
inline constexpr int64_t kScheduleStartMs = 1'700'000'000'000;

// Returns the compared form of an answer: an error by its code; a response
// without the text of its token and of encrypted passwords, which are opaque.
std::string AnswerText(v1::Response response);

}  // namespace testing_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SCHEDULES_ANSWER_TEXT_H_
