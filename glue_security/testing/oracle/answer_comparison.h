// AnswerComparison: finds out whether two backends gave the same answer.

#ifndef GLUE_SECURITY_TESTING_ORACLE_ANSWER_COMPARISON_H_
#define GLUE_SECURITY_TESTING_ORACLE_ANSWER_COMPARISON_H_

#include <string>
#include <vector>

#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Says which parts of a backend's answers can be judged. The tools that compare
// a backend with the model take it; the default suits a backend that gives the
// times of its clock and lists violations.
struct AnswerRules {
  enum class Hashes {
    // The PolicyHash is any text of 1 to 255 bytes. In one catalog equal texts
    // have equal hashes and different texts different ones.
    kOpaque,
    // As kOpaque, but each Put may give a new hash, also to an equal text.
    kOpaqueForEachPut,
    // The first 16 bytes of the SHA-256 of the stored text, in base64.
    kExact,
  };
  Hashes hashes = Hashes::kOpaque;

  // False: `Error.violations` is not filled. An error is then compared by its
  // code alone.
  bool shows_violations = true;

  // False: no time is compared, and none is missed.
  bool shows_times = true;

  // True: its times are those of `BackendSetup::clock`. A backend that shows
  // the system's time instead is refused, because its calls cannot be made
  // again to shrink or to replay a failure. False: its times are those of a
  // clock of its own. The times of one record must then agree with each other:
  // CreateTime stays while the policy is replaced, and equals UpdateTime until
  // then; UpdateTime stays until the next Put and never goes back; a
  // configuration keeps the time of the answer to its creation.
  bool honours_clock = true;
};

// A field in which an answer differs from the expected one.
struct FieldDifference {
  // The field in the response, "get_resource_policy.policy_hash" or
  // "error.violations[1].path". Empty: one is an error and the other is not, or
  // another one.
  std::string path;
  enum class Kind { kMissing, kUnexpected, kDifferent };
  Kind kind = Kind::kDifferent;
  // The path and both values in one line, or both outcomes: "success instead of
  // ConditionCheckFailureException".
  std::string text;
};

// Compares answers. Two responses are the same when all fields are equal,
// except the text of a page token. Two errors are the same when they have the
// same code, detail, and violations in order; of a violation the path and the
// constraint count, not the quoted values; of the messages only whether they
// are equal, and that only with `messages`. So it is with the messages in an
// answer of BatchDeleteConnection. Two GlueEncryptionExceptions differ, too,
// when both messages give a code of the key service, "Error Code:
// NotFoundException;", and it is another; the id of the request to the key
// service never counts.
//
// An object keeps its buffers. Not thread-safe.
class AnswerComparison {
 public:
  explicit AnswerComparison(bool messages = false) : messages_(messages) {}

  // Leaves both as they were. They are not const because the tokens are moved
  // out for the comparison.
  bool Same(v1::Response& a, v1::Response& b);

 private:
  bool messages_;
  std::string bytes_a_;
  std::string bytes_b_;
};

// Returns all differences of `actual` from `expected`; none when they are the
// same. Slow.
std::vector<FieldDifference> AllDifferences(const v1::Response& actual,
                                            const v1::Response& expected,
                                            bool messages = false);

// Returns the first difference of `actual` from `expected` in one line, such as
// `put_resource_policy.policy_hash: "jjkQ" instead of "47DE"`; "" when they are
// the same. Slow.
std::string FirstDifference(const v1::Response& actual,
                            const v1::Response& expected,
                            bool messages = false);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ORACLE_ANSWER_COMPARISON_H_
