// Identity-based policies: what the policies of a caller itself say. They have
// the grammar of a resource-based policy without Principal.
//
//   auto parsed = ParseIdentityPolicy(text);
//   if (const Policy* policy = std::get_if<Policy>(&parsed)) {
//     const PolicyEvaluator evaluator(*policy);
//     AccessInputs inputs;
//     inputs.identity = CertainDecision(evaluator.Answer(request));
//   }

#ifndef GLUE_SECURITY_POLICY_IDENTITY_POLICY_H_
#define GLUE_SECURITY_POLICY_IDENTITY_POLICY_H_

#include <cstddef>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/model/limits.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_evaluator.h"

namespace glue_security {

// Returns the policy, whose statements name everybody, or what is wrong with
// it. A statement with a Principal or NotPrincipal has a finding
// kUnsupportedElementCombination or kDuplicateKeys.
std::variant<Policy, std::vector<Finding>> ParseIdentityPolicy(
    absl::string_view text, size_t depth_max = Limits().policy_depth_max);

// Returns the decision for a combination of policies: an undecided Deny denies,
// and an undecided Allow allows nothing. Never kUndecided.
DecisionKind CertainDecision(const PolicyAnswer& answer);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_IDENTITY_POLICY_H_
