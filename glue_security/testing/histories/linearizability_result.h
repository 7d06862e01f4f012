// LinearizabilityResult: the verdict on a history, and the reason for it.
// linearizability.h judges histories of the API, model_linearizability.h those
// of a type of your own.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_LINEARIZABILITY_RESULT_H_
#define GLUE_SECURITY_TESTING_HISTORIES_LINEARIZABILITY_RESULT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace glue_security {

enum class Verdict {
  kOk,
  kIllegal,
  // The budget was spent before there was a verdict.
  kUnknown,
};

// An order that explains as many answers as any order does, and why it ends
// there.
struct PartialOrder {
  // Places in the history.
  std::vector<size_t> calls;
  // The state of the backend after these calls.
  std::string state;
  // The calls one of which would have to come next, and the model's answer to
  // each; "": the model only says that the recorded answer is another.
  struct Blocked {
    size_t call = 0;
    std::string expected;
  };
  std::vector<Blocked> blocked;
};

// Why a history is illegal. The calls named here have no legal order, and so
// the whole history has none.
struct Violation {
  // The part of the history, as "111111111111/us-east-1 resource policy".
  std::string title;
  // Calls that have no legal order, sorted by their starts. If shrinking is on
  // and the budget lasted, the history was legal until the last of their
  // answers; all writes before that answer are among them; and no read or
  // failed write can be removed.
  std::vector<size_t> calls;
  // The call of that last answer, which made the history illegal.
  size_t last_answer = 0;
  // Some of the longest orders.
  std::vector<PartialOrder> orders;
};

struct LinearizabilityResult {
  Verdict verdict = Verdict::kUnknown;
  // The number of states that the search visited, without shrinking.
  uint64_t states = 0;
  // The number of parts that the history was split into.
  size_t partitions = 0;
  // The violation of the first illegal part.
  std::optional<Violation> violation;
  // The violation as text; for kUnknown, what was not decided; otherwise empty.
  std::string explanation;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_LINEARIZABILITY_RESULT_H_
