// DecideAccess: how several policies come to one answer; and the message for a
// caller who is refused.
//
//   AccessInputs inputs;
//   inputs.same_account = true;
//   inputs.resource_policy = &evaluator;
//   if (DecideAccess(request, inputs) == AccessResult::kAllowed) { ... }
//
// Identity policies say nothing unless the caller of this function gives their
// decision: here a request that the resource policy says nothing of is
// AccessResult::kNotAllowedByIdentity.

#ifndef GLUE_SECURITY_POLICY_ACCESS_H_
#define GLUE_SECURITY_POLICY_ACCESS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy_evaluator.h"

namespace glue_security {

// What the caller's identity policies and the catalog's resource policy come
// to.
enum class AccessResult {
  kAllowed,
  // One of them denies it explicitly.
  kDeniedExplicitly,
  // The identity policies would have had to allow it.
  kNotAllowedByIdentity,
  // The resource policy would have had to.
  kNotAllowedByResource,
};

// The policies that a request meets.
struct AccessInputs {
  // The caller is of the account that the resource policy belongs to.
  bool same_account = false;
  // What the caller's identity policies say of the request.
  DecisionKind identity = DecisionKind::kImplicitDeny;
  // Borrowed for the call; nullptr: there is none.
  const PolicyEvaluator* resource_policy = nullptr;
};

// Within an account either of the two suffices; from another account both must
// allow. An explicit deny of either wins. `reasons`, when not null, receives
// what the resource policy says, which takes many times longer.
AccessResult DecideAccess(const AuthorizationRequest& request,
                          const AccessInputs& inputs,
                          Decision* reasons = nullptr);

// "User: ARN is not authorized to perform: glue:X on resource: ARN". With
// `explain`, and where no policy denies it explicitly, also which kind of
// policy failed to allow it. An empty ARN is "anonymous". REQUIRES: not
// kAllowed.
std::string DenialMessage(AccessResult result, absl::string_view principal_arn,
                          absl::string_view action, absl::string_view resource,
                          bool explain);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_ACCESS_H_
