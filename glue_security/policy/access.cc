#include "glue_security/policy/access.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace glue_security {
namespace {

AccessResult CombineDecisions(bool same_account, DecisionKind identity,
                              DecisionKind resource) {
  if (identity == DecisionKind::kExplicitDeny) {
    return AccessResult::kDeniedByIdentity;
  }
  if (resource == DecisionKind::kExplicitDeny) {
    return AccessResult::kDeniedByResource;
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

std::string DenialMessage(AccessResult result,
                          const AuthorizationRequest& request, bool explain) {
  const Principal& who = request.principal;
  std::string message = !who.arn.empty() ? absl::StrCat("User: ", who.arn)
                        : !who.service.empty()
                            ? absl::StrCat("Service Principal: ", who.service)
                            : "User: anonymous";
  absl::StrAppend(&message, " is not authorized to perform: ", request.action,
                  " on resource: ", request.resource);
  if (!explain) return message;
  switch (result) {
    case AccessResult::kAllowed:
      break;
    case AccessResult::kDeniedByIdentity:
      message += " with an explicit deny in an identity-based policy";
      break;
    case AccessResult::kDeniedByResource:
      message += " with an explicit deny in a resource-based policy";
      break;
    case AccessResult::kNotAllowedByIdentity:
      absl::StrAppend(&message, " because no identity-based policy allows the ",
                      request.action, " action");
      break;
    case AccessResult::kNotAllowedByResource:
      absl::StrAppend(&message, " because no resource-based policy allows the ",
                      request.action, " action");
      break;
  }
  return message;
}

}  // namespace glue_security
