// How a failed sequence is shown: as text, and as C++.

#ifndef GLUE_SECURITY_TESTING_SEQUENCE_REPORT_H_
#define GLUE_SECURITY_TESTING_SEQUENCE_REPORT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// One call of a sequence, and what became of it.
struct SequenceCall {
  // By how much the clock was moved before it.
  absl::Duration moved;
  Caller caller;
  // As the model got it. Where its NextToken was given out by a call of the
  // sequence, it is `TokenOfCall` of that one.
  v1::Request request;
  v1::Response backend_answer;
  v1::Response model_answer;
  // "": none.
  std::string difference;
};

// What stands for the NextToken that the backend gave out in the call with this
// number, counted from 1: "TOKEN OF CALL 3".
std::string TokenOfCall(size_t number);

// The calls, numbered, with both answers.
std::string SequenceAsText(const std::vector<SequenceCall>& calls);

struct SequenceCodeOptions {
  Behavior behavior;
  Limits limits;
  // The clock before the first call.
  absl::Time start;
  std::string factory_code;
  // Behind "// ", at the start.
  std::string comment;
};

// A gtest test that makes the calls and expects what the model answered.
std::string SequenceAsCode(const std::vector<SequenceCall>& calls,
                           const SequenceCodeOptions& options);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCE_REPORT_H_
