// CheckLinearizable: finds out whether a recorded history can come from a
// backend that executes one call after another.
//
//   HistoryRecorder recorder(&backend);
//   ...  // several threads call `recorder`
//   LinearizabilityResult result = CheckLinearizable(recorder.Snapshot(), {});
//   EXPECT_EQ(result.verdict, Verdict::kOk) << result.explanation;
//
// A history is legal when there is an order of its calls in which each call
// takes effect at some instant between its start and its end, and every answer
// is the one that `ReferenceModel` gives in that order. A call whose outcome is
// open (`IsUnknown`) takes effect at some instant after its start, or is left
// out.
//
// An illegal history: the policy was replaced, and a call that started after
// that shows the old one.
//
//   #0 client 0 [0..1] .. PutResourcePolicy "{}" -> ok
//   #1 client 0 [2..3] .. PutResourcePolicy "{ }" -> ok
//   #2 client 1 [4..5] .. GetResourcePolicy -> ok "{}"      kIllegal
//
// Comparison:
//   - Of an error, the code is compared; not its message, detail, or
//     violations.
//   - A response is compared as a whole. `Times` and `policy_hash` say how
//     times and hashes are compared.
//   - Page tokens are the backend's own. A token means the page after the last
//     name of the page that gave it out, in the same catalog and history. Each
//     page has its own instant. Any other token must be refused.
//   - GetResourcePolicies shows the policy, or with an empty list that there is
//     none. Members that are not in force (`Behavior::api_date`) are as if
//     absent, and an operation that is not must be refused.
//   - InternalServiceException, AccessDeniedException and
//     GlueEncryptionException are always accepted, and have no effect.
//   - At PolicyChecks kGrammar and kGlue, the InvalidInputException of a Put is
//     accepted, too: the model knows no more of documents than whether they are
//     JSON.
//   - Where the recorder hid values of a request (`has_hidden_values`), nobody
//     knows whether they kept their constraints, nor how large the request was.
//     The error for broken constraints and InvalidInputException are accepted.
//   - Pages that end early because of their size are not supported; see
//     ReferenceModel.
//
// Method: the search of Wing and Gong with Lowe's memory of the states that
// were tried. Each catalog and resource is searched by itself, and each
// configuration by itself where no page and no number limit couples them. The
// problem is NP-complete. A budget bounds the search; the verdict is kUnknown
// when the budget ends before the search does.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_LINEARIZABILITY_H_
#define GLUE_SECURITY_TESTING_HISTORIES_LINEARIZABILITY_H_

#include "glue_security/backend/history.h"
#include "glue_security/backend/history_timeline.h"
#include "glue_security/testing/histories/linearizability_options.h"
#include "glue_security/testing/histories/linearizability_result.h"

namespace glue_security {

// Checks one history. A pure function. REQUIRES: `history` holds every call
// that wrote to its catalogs since they were empty.
LinearizabilityResult CheckLinearizable(const History& history,
                                        const LinearizabilityOptions& options);

// Returns the marks that show `violation` in a timeline (history_timeline.h).
TimelineMarks MarksOf(const Violation& violation);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_LINEARIZABILITY_H_
