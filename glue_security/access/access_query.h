// What `Engine::Authorize` is asked, and what it tells.

#ifndef GLUE_SECURITY_ACCESS_ACCESS_QUERY_H_
#define GLUE_SECURITY_ACCESS_ACCESS_QUERY_H_

#include <optional>
#include <string>

#include "glue_security/policy/access.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy_evaluator.h"

namespace glue_security {

// May the caller do this, in whatever part of AWS Glue?
struct AccessQuery {
  // "glue:GetTable".
  std::string action;
  // "arn:aws:glue:us-east-1:123456789012:table/default/orders".
  std::string resource;
  // The request's context. The keys that follow from the principal are added
  // where they are not given.
  ContextKeys context;
  // What the caller's own identity policies say of it.
  DecisionKind identity = DecisionKind::kImplicitDeny;
  // Whose policy is asked, in the caller's region; absent: that of the caller's
  // account.
  std::optional<std::string> catalog_id;
  // Who asks, where more is known than the caller's `principal_arn`, such as
  // the path of an assumed role.
  std::optional<Principal> principal;
};

// How the answer came about.
struct AccessReport {
  AccessResult result = AccessResult::kAllowed;
  // Whether the catalog has a policy. A stored text that breaks the grammar
  // (put with lower PolicyChecks) counts as none.
  bool has_policy = false;
  // What that policy says.
  Decision resource;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ACCESS_ACCESS_QUERY_H_
