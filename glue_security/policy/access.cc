#include "glue_security/policy/access.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace glue_security {
namespace {

AccessResult CombineDecisions(bool same_account, DecisionKind identity,
                              DecisionKind resource) {
  if (identity == DecisionKind::kExplicitDeny ||
      resource == DecisionKind::kExplicitDeny) {
    return AccessResult::kDeniedExplicitly;
  }
  const bool by_identity = identity == DecisionKind::kAllow;
  const bool by_resource = resource == DecisionKind::kAllow;
  if (same_account) {
    return by_identity || by_resource ? AccessResult::kAllowed
                                      : AccessResult::kNotAllowedByIdentity;
  }
  if (!by_identity) return AccessResult::kNotAllowedByIdentity;
  return by_resource ? AccessResult::kAllowed
                     : AccessResult::kNotAllowedByResource;
}

}  // namespace

AccessResult DecideAccess(const AuthorizationRequest& request,
                          const AccessInputs& inputs, Decision* reasons) {
  Decision decision;
  if (inputs.resource_policy == nullptr) {
    // There is no resource policy.
  } else if (reasons == nullptr) {
    decision.kind = inputs.resource_policy->Decide(request);
  } else {
    decision = inputs.resource_policy->Evaluate(request);
  }
  const AccessResult result =
      CombineDecisions(inputs.same_account, inputs.identity, decision.kind);
  if (reasons != nullptr) *reasons = std::move(decision);
  return result;
}

std::string DenialMessage(AccessResult result, absl::string_view principal_arn,
                          absl::string_view action, absl::string_view resource,
                          bool explain) {
  std::string message = absl::StrCat(
      "User: ", principal_arn.empty() ? "anonymous" : principal_arn,
      " is not authorized to perform: ", action, " on resource: ", resource);
  if (!explain || result == AccessResult::kDeniedExplicitly) return message;
  absl::StrAppend(
      &message, " because no ",
      result == AccessResult::kNotAllowedByResource ? "resource" : "identity",
      "-based policy allows the ", action, " action");
  return message;
}

}  // namespace glue_security
