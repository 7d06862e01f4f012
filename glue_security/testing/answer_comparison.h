// Whether two backends answer the same.

#ifndef GLUE_SECURITY_TESTING_ANSWER_COMPARISON_H_
#define GLUE_SECURITY_TESTING_ANSWER_COMPARISON_H_

#include <string>

#include "glue_security/v1/service.pb.h"

namespace glue_security {

// The NextToken of an answer, or "".
const std::string& NextTokenOf(const v1::Response& answer);

// Compares answers. Two are the same when they are the same response, whatever
// the text of a page token; or the same error: code, detail, and the path and
// constraint of each violation in order, whatever its message and the values
// that it quotes.
//
// An object keeps its buffers; one thread at a time.
class AnswerComparison {
 public:
  // Leaves both as they were; not const, because their tokens are put aside.
  bool Same(v1::Response& a, v1::Response& b);

 private:
  std::string bytes_a_;
  std::string bytes_b_;
};

// The first thing in which `actual` differs from `expected`, on one line, as in
// `put_resource_policy.policy_hash: "jjkQ" instead of "47DE"`; "" when they are
// the same. Slow.
std::string FirstDifference(const v1::Response& actual,
                            const v1::Response& expected);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ANSWER_COMPARISON_H_
