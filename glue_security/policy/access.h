// DecideAccess: the decision of several policies together, and the message for
// a caller who is denied.
//
//   AccessInputs inputs;
//   inputs.same_account = true;
//   inputs.resource_policy = &evaluator;
//   if (DecideAccess(request, inputs) == AccessResult::kAllowed) { ... }
//
// The identity policies count as an implicit deny unless their decision is
// given. In this example a request to which no statement of the resource policy
// applies is AccessResult::kNotAllowedByIdentity.

#ifndef GLUE_SECURITY_POLICY_ACCESS_H_
#define GLUE_SECURITY_POLICY_ACCESS_H_

#include <string>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy_evaluator.h"

namespace glue_security {

// The decision of the caller's identity policies and the catalog's resource
// policy together.
enum class AccessResult {
  kAllowed,
  // The identity policies deny the request explicitly, and the resource policy
  // may, too.
  kDeniedByIdentity,
  // Only the resource policy denies the request explicitly.
  kDeniedByResource,
  // The identity policies do not allow it; nor, within the account, does the
  // resource policy.
  kNotAllowedByIdentity,
  // The resource policy of another account does not allow it.
  kNotAllowedByResource,
};

// The policies that apply to a request.
struct AccessInputs {
  // The caller belongs to the account of the resource policy.
  bool same_account = false;
  // The decision of the caller's identity policies.
  DecisionKind identity = DecisionKind::kImplicitDeny;
  // Borrowed for the call; nullptr: there is none.
  const PolicyEvaluator* resource_policy = nullptr;
};

// Returns the decision. Within an account one of the two that allows suffices;
// from another account both must allow. An explicit deny of either wins.
// `reasons`, if not null, receives the decision of the resource policy with its
// reasons, which takes many times longer.
AccessResult DecideAccess(const AuthorizationRequest& request,
                          const AccessInputs& inputs,
                          Decision* reasons = nullptr);

// Returns "User: ARN is not authorized to perform: glue:X on resource: ARN",
// with "Service Principal: NAME" in the place of "User: ARN" for a service.
// With `explain` the message also names the kind of policy that denies the
// request, or that failed to allow it. A principal without an ARN is shown as
// "anonymous". REQUIRES: `result` is not kAllowed.
std::string DenialMessage(AccessResult result,
                          const AuthorizationRequest& request, bool explain);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_ACCESS_H_
