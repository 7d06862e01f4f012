// A second reading of the IAM policy language, slow and plain, to check the
// real evaluator against. It shares no code with it: it parses the JSON text
// anew for every decision.

#ifndef TESTS_POLICY_NAIVE_EVALUATOR_H_
#define TESTS_POLICY_NAIVE_EVALUATOR_H_

#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"

namespace glue_security {

struct NaiveDecision {
  DecisionKind kind;
  // Per statement, in document order: does the statement apply to the request?
  std::vector<bool> applies;
};

// `policy` is a grammatically valid IAM resource-based policy document. Text
// that is not JSON counts as a policy without statements.
NaiveDecision NaiveEvaluate(const std::string& policy,
                            const AuthorizationRequest& request);

}  // namespace glue_security

#endif  // TESTS_POLICY_NAIVE_EVALUATOR_H_
