// A second implementation of the IAM policy language, slow and simple, with
// which the evaluator is compared. The two share no code. This one parses the
// JSON text again for every decision.

#ifndef TESTS_POLICY_NAIVE_EVALUATOR_H_
#define TESTS_POLICY_NAIVE_EVALUATOR_H_

#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/truth.h"

namespace glue_security {

// The vectors have a member for each statement, in document order.
struct NaiveDecision {
  DecisionKind kind;
  // True: the statement certainly applies to the request. Undecided: this
  // depends on facts that are unknown.
  std::vector<Truth> applies;
  // True: the effect is Deny.
  std::vector<bool> denies;
};

// Decides `request` by `policy`, a resource-based policy that keeps the
// grammar. Text that is not JSON counts as a policy without statements.
NaiveDecision NaiveEvaluate(const std::string& policy,
                            const AuthorizationRequest& request);

}  // namespace glue_security

#endif  // TESTS_POLICY_NAIVE_EVALUATOR_H_
