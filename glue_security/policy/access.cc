#include "glue_security/policy/access.h"

#include "absl/strings/str_cat.h"

namespace glue_security {

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
