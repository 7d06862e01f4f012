// How the decisions of several policies come to one answer, and what somebody
// who is refused is told.

#ifndef GLUE_SECURITY_POLICY_ACCESS_H_
#define GLUE_SECURITY_POLICY_ACCESS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/policy/authorization.h"

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

// Within an account either of the two suffices; from another account both must
// allow. An explicit deny of either wins.
AccessResult CombineDecisions(bool same_account, DecisionKind identity,
                              DecisionKind resource);

// "User: ARN is not authorized to perform: glue:X on resource: ARN". With
// `explain`, and where no policy denies it explicitly, also which kind of
// policy failed to allow it. An empty ARN is "anonymous". REQUIRES: not
// kAllowed.
std::string DenialMessage(AccessResult result, absl::string_view principal_arn,
                          absl::string_view action, absl::string_view resource,
                          bool explain);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_ACCESS_H_
