// The questions that the engine answers about access, and the report about an
// answer.

#ifndef GLUE_SECURITY_ACCESS_ACCESS_QUERY_H_
#define GLUE_SECURITY_ACCESS_ACCESS_QUERY_H_

#include <optional>
#include <string>
#include <vector>

#include "glue_security/policy/access.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy_evaluator.h"

namespace glue_security {

// The facts of a question, apart from what is asked.
struct AccessFacts {
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
  // The principal, if it is not the caller's `principal_arn`, such as a
  // service. One with an ARN belongs to the account in it, any other to the
  // caller's.
  std::optional<Principal> principal;
};

// Asks whether the caller may run an operation of the Data Catalog.
struct OperationQuery : AccessFacts {
  // "GetTable". docs/reference/catalog_operations.md lists them.
  std::string operation;
  // The objects that the operation names: "table/db/orders", "database/db",
  // "userDefinedFunction/db/f" or "connection/c". Empty for an operation on the
  // catalog as a whole. The objects around them, and for a deletion those in
  // them, are added.
  std::vector<std::string> objects;
};

// Asks whether the caller may do an action on one resource, in any part of AWS
// Glue. Operations need more than one: see OperationQuery.
struct ResourceQuery : AccessFacts {
  // "glue:GetTable".
  std::string action;
  // "arn:aws:glue:us-east-1:123456789012:table/default/orders".
  std::string resource;
};

// An answer and its reasons.
struct AccessReport {
  AccessResult result = AccessResult::kAllowed;
  // The resource that the result is about: the first that is not allowed, else
  // the last that was asked. "*": the operation has no resource.
  std::string resource_arn;
  // The catalog has a policy, and it was asked. A stored text that breaks the
  // grammar (put with lower PolicyChecks) counts as none.
  bool has_policy = false;
  // The decision of that policy about the resource.
  Decision resource;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ACCESS_ACCESS_QUERY_H_
