#include "glue_security/access/policy_authorizer.h"

#include <utility>

#include "glue_security/policy/access.h"
#include "glue_security/policy/compile_policy.h"

namespace glue_security {

PolicyAuthorizer::PolicyAuthorizer(Behavior behavior, IdentityPolicy identity)
    : behavior_(behavior), identity_(std::move(identity)) {}

std::optional<std::string> PolicyAuthorizer::Refuse(
    const OperationAccess& access) const {
  const DecisionKind identity =
      identity_ ? identity_(access) : DecisionKind::kAllow;
  AuthorizationRequest request;
  request.principal = PrincipalFromArn(access.caller.principal_arn);
  request.action = access.action();
  request.resource = access.resource();
  request.context = PrincipalContext(request.principal);
  DecisionKind resource = DecisionKind::kImplicitDeny;
  if (access.policy != nullptr) {
    const auto evaluator = CompilePolicy(access.policy->policy_in_json);
    if (evaluator.has_value()) resource = evaluator->Decide(request);
  }
  const AccessResult result =
      CombineDecisions(access.caller.account_id == access.catalog.catalog_id,
                       identity, resource);
  if (result == AccessResult::kAllowed) return std::nullopt;
  return DenialMessage(result, access.caller.principal_arn, request.action,
                       request.resource, behavior_.explain_denials);
}

}  // namespace glue_security
