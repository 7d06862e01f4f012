// The commands of glue-policy, without files and output: they check a text, and
// decide a request by it.

#ifndef GLUE_SECURITY_POLICY_GLUE_POLICY_COMMANDS_H_
#define GLUE_SECURITY_POLICY_GLUE_POLICY_COMMANDS_H_

#include <optional>
#include <string>
#include <vector>

#include "glue_security/json/json_document.h"
#include "glue_security/policy/access.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/glue_policy_flags.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_evaluator.h"

namespace glue_security {

struct CheckedFile {
  CatalogContext catalog;
  std::vector<Finding> errors;
  // Set if there are no errors: the document at the level json, the policy at
  // the others.
  std::optional<JsonDocument> document;
  std::optional<Policy> policy;
};

// Checks the text of a policy, by the flags of the command check.
CheckedFile CheckText(const GluePolicyFlags& flags, const std::string& text);

// Does so by the flags of the command decide, whose caller makes the request
// and does not put the policy.
CheckedFile CheckTextToDecide(const GluePolicyFlags& flags,
                              const std::string& text);

// Returns the errors or, if there are none, the warnings.
std::vector<Finding> FindingsOf(const CheckedFile& checked);

struct PolicyDecision {
  // The decision of the policy and the identity policies.
  DecisionKind kind = DecisionKind::kImplicitDeny;
  AccessResult result = AccessResult::kAllowed;
  // The decision of the policy alone, with its statements.
  Decision reasons;
  AuthorizationRequest request;
};

// Decides the request of the flags of the command decide.
PolicyDecision DecideByPolicy(const GluePolicyFlags& flags,
                              const Policy& policy);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_GLUE_POLICY_COMMANDS_H_
