// AnswerComparison: finds out whether two backends gave the same answer.

#ifndef GLUE_SECURITY_TESTING_ORACLE_ANSWER_COMPARISON_H_
#define GLUE_SECURITY_TESTING_ORACLE_ANSWER_COMPARISON_H_

#include <string>

#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Compares answers. Two responses are the same when all fields are equal,
// except the text of a page token. Two errors are the same when they have the
// same code, detail, and violations in order; of a violation the path and the
// constraint count, not the message or the quoted values.
//
// An object keeps its buffers. Not thread-safe.
class AnswerComparison {
 public:
  // Leaves both as they were. They are not const because the tokens are moved
  // out for the comparison.
  bool Same(v1::Response& a, v1::Response& b);

 private:
  std::string bytes_a_;
  std::string bytes_b_;
};

// Returns the first difference of `actual` from `expected` in one line, such as
// `put_resource_policy.policy_hash: "jjkQ" instead of "47DE"`; "" when they are
// the same. Slow.
std::string FirstDifference(const v1::Response& actual,
                            const v1::Response& expected);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ORACLE_ANSWER_COMPARISON_H_
