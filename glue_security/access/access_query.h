// The question that `Engine::Authorize` answers, and the report about the
// answer.

#ifndef GLUE_SECURITY_ACCESS_ACCESS_QUERY_H_
#define GLUE_SECURITY_ACCESS_ACCESS_QUERY_H_

#include <optional>
#include <string>

#include "glue_security/policy/access.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy_evaluator.h"

namespace glue_security {

// Asks whether the caller may do an action on a resource, in any part of AWS
// Glue.
struct AccessQuery {
  // "glue:GetTable".
  std::string action;
  // "arn:aws:glue:us-east-1:123456789012:table/default/orders".
  std::string resource;
  // The request's context. The keys that follow from the principal are added if
  // they are not given.
  ContextKeys context;
  // The keys that are unknown (see AuthorizationRequest).
  KeyNames unknown_keys;
  bool other_keys_unknown = false;
  // The decision of the caller's own identity policies, and of those that limit
  // the caller (see AccessInputs).
  DecisionKind identity = DecisionKind::kImplicitDeny;
  DecisionKind limit = DecisionKind::kAllow;
  // The catalog whose policy is asked, in the caller's region; absent: that of
  // the caller's account.
  std::optional<std::string> catalog_id;
  // The principal, if it is not the caller's `principal_arn`, such as a service.
  std::optional<Principal> principal;
};

// An answer of `Engine::Authorize` and its reasons.
struct AccessReport {
  AccessResult result = AccessResult::kAllowed;
  // The catalog has a policy. A stored text that breaks the grammar (put with
  // lower PolicyChecks) counts as none.
  bool has_policy = false;
  // The decision of that policy.
  Decision resource;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ACCESS_ACCESS_QUERY_H_
