// SequenceAsText, SequenceAsCode: show a failed sequence as text and as C++.

#ifndef GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_REPORT_H_
#define GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_REPORT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/oracle/answer_comparison.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// One call of a sequence, and its answers.
struct SequenceCall {
  // The time by which the clock was moved before it.
  absl::Duration moved;
  Caller caller;
  // The request as the model got it. A NextToken that was given out by a call
  // of the sequence is `TokenOfCall` of that call, and a hash `HashOfCall`
  // (answer_translation.h).
  v1::Request request;
  v1::Response backend_answer;
  // With the names of hashes.
  v1::Response model_answer;
  // The first difference; "": none.
  std::string difference;
  // True when the difference is passed over.
  bool is_passed_over = false;
  // Why it is passed over; or what the difference alone does not say.
  std::string reason;
};

// Returns the placeholder for the NextToken that the backend gave out in the
// call with this number, counted from 1: "TOKEN OF CALL 3".
std::string TokenOfCall(size_t number);

// Returns the calls, numbered, with both answers. The messages of errors that
// are equal are shown with `messages` only.
std::string SequenceAsText(const std::vector<SequenceCall>& calls,
                           bool messages = false);

struct SequenceCodeOptions {
  Behavior behavior;
  Limits limits;
  // The time before the first call.
  absl::Time start;
  std::string factory_code;
  // The text of a comment at the start, without "// ".
  std::string comment;
  // The rules of the comparison.
  AnswerRules rules;
  bool messages = false;
  // The end of the test's name.
  std::string suffix;
};

// Returns a gtest test that makes the calls and expects the model's answers,
// except those whose differences are passed over.
std::string SequenceAsCode(const std::vector<SequenceCall>& calls,
                           const SequenceCodeOptions& options);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_REPORT_H_
