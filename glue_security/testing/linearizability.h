// CheckLinearizable: whether a recorded history could have come from a backend
// that does one call after another.
//
//   HistoryRecorder recorder(&backend);
//   ...  // several threads call `recorder`
//   LinearizabilityResult result = CheckLinearizable(recorder.Snapshot(), {});
//   EXPECT_EQ(result.verdict, Verdict::kOk) << result.explanation;
//
// A history is legal when there is one order of its calls in which each call
// stands at some instant between its start and its end, and every answer is the
// one that `ReferenceModel` gives in that order. A call whose outcome is open
// (`IsUnknown`) stands at some instant after its start, or is left out.
//
// A history that is not: the policy was replaced, and the call that started
// after that shows the old one.
//
//   #0 client 0 [0..1] .. PutResourcePolicy "{}" -> ok
//   #1 client 0 [2..3] .. PutResourcePolicy "{ }" -> ok
//   #2 client 1 [4..5] .. GetResourcePolicy -> ok "{}"      kIllegal
//
// What is compared
//   - The code of an error; not its message, detail, or violations.
//   - All of a response. Times: see `Times`. Hashes: see `policy_hash`.
//   - Page tokens are the backend's own. A token means the page after the last
//     name of the page that gave it out, in the same catalog and history; each
//     page is its own instant. Any other token must be refused.
//   - InternalServiceException and AccessDeniedException are always believed,
//     and have no effect.
//   - At PolicyChecks kGrammar and kGlue, so is the InvalidInputException of a
//     Put: of documents the model knows no more than that they are JSON.
//   - Pages that end early for their size are not known; see ReferenceModel.
//
// Method: the search of Wing and Gong with Lowe's memory of what was tried, one
// catalog and resource at a time, one configuration at a time where no page and
// no number limit couples them. The problem is NP-complete; a budget bounds the
// search, and what it did not decide is kUnknown, never a guess.

#ifndef GLUE_SECURITY_TESTING_LINEARIZABILITY_H_
#define GLUE_SECURITY_TESTING_LINEARIZABILITY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/simulation/history.h"
#include "glue_security/simulation/history_timeline.h"
#include "glue_security/testing/linearizability_options.h"

namespace glue_security {

enum class Verdict {
  kOk,
  kIllegal,
  // The budget was spent before it was clear.
  kUnknown,
};

// An order that explains as many answers as any does, and why it ends there.
struct PartialOrder {
  // Places in the history.
  std::vector<size_t> calls;
  // What the backend holds then.
  std::string state;
  // The calls of which one would have to come next, and what the model would
  // have answered to each.
  struct Blocked {
    size_t call = 0;
    std::string expected;
  };
  std::vector<Blocked> blocked;
};

// Why a history is illegal. The calls that are named here have no order, and so
// neither has the whole.
struct Violation {
  // The catalog and resource, as "111111111111/us-east-1 resource policy".
  std::string title;
  // Calls that have no order, in the order of their starts. Where
  // `LinearizabilityOptions::shrink` is set and the budget lasted, the history
  // was legal until the last of their answers, every write before it is among
  // them, and of the reads and failed writes none can be spared.
  std::vector<size_t> calls;
  // The call of that last answer: with it the history became illegal.
  size_t last_answer = 0;
  // Some of the longest orders.
  std::vector<PartialOrder> orders;
};

struct LinearizabilityResult {
  Verdict verdict = Verdict::kUnknown;
  // How many states the search visited, shrinking not counted.
  uint64_t states = 0;
  // Into how many parts the history fell.
  size_t partitions = 0;
  // Of the first part that is illegal.
  std::optional<Violation> violation;
  // The violation as text; for kUnknown, what was not decided; else empty.
  std::string explanation;
};

// Pure. REQUIRES: `history` holds every call that wrote to its catalogs since
// they were empty.
LinearizabilityResult CheckLinearizable(const History& history,
                                        const LinearizabilityOptions& options);

// What to mark of `violation` in a timeline (history_timeline.h).
TimelineMarks MarksOf(const Violation& violation);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_LINEARIZABILITY_H_
