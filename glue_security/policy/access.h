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
  // The identity policies, or those that limit the caller, deny the request
  // explicitly, and the resource policy may, too.
  kDeniedByIdentity,
  // Only the resource policy denies the request explicitly.
  kDeniedByResource,
  // The identity policies do not allow it; nor, within the account, does the
  // resource policy do so alone.
  kNotAllowedByIdentity,
  // The resource policy does not allow it to a service, or to a caller of
  // another account.
  kNotAllowedByResource,
};

// The policies that apply to a request.
struct AccessInputs {
  // The caller belongs to the account of the resource policy.
  bool same_account = false;
  // The decision of the caller's identity policies.
  DecisionKind identity = DecisionKind::kImplicitDeny;
  // The decision of the policies that limit the caller: a permissions boundary
  // or a session policy. kAllow: there are none.
  DecisionKind limit = DecisionKind::kAllow;
  // Borrowed for the call; nullptr: there is none.
  const PolicyEvaluator* resource_policy = nullptr;
};

// Returns the decision. An explicit deny of any policy wins. Within an account
// the identity policies or the resource policy must allow the request; an entry
// of the resource policy that names the account alone delegates to the identity
// policies, which must then allow it, too. From another account both must. A
// service, which has neither identity policies nor an account, needs the
// resource policy. A limit without an Allow voids the identity policies, and in
// the resource policy all but the entries that name the caller itself. Whatever
// is undecided denies if it is a Deny, and allows nothing.
//
// `reasons`, if not null, receives the decision of the resource policy with its
// reasons, which takes many times longer.
AccessResult DecideAccess(const AuthorizationRequest& request,
                          const AccessInputs& inputs,
                          Decision* reasons = nullptr);

// Returns the decision that DecideAccess makes of `resource`, the answer in the
// `Decision` of the resource policy, for a reader: kUndecided if facts that are
// unknown would change it. An undecided identity or limit counts as an explicit
// deny.
DecisionKind CombinedDecision(const Principal& principal,
                              const AccessInputs& inputs,
                              const PolicyAnswer& resource);

// Returns "User: ARN is not authorized to perform: glue:X on resource: ARN".
// The message ends after the action if the resource is "*". It has "Service
// Principal: NAME" in the place of "User: ARN" for a service. With `explain`
// the message also names the kind of policy that denies the request, or that
// failed to allow it. A principal without an ARN is shown as "anonymous".
// REQUIRES: `result` is not kAllowed.
std::string DenialMessage(AccessResult result,
                          const AuthorizationRequest& request, bool explain);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_ACCESS_H_
