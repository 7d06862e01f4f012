// Where a policy can break a rule.

#ifndef GLUE_SECURITY_TESTING_POLICY_PLACES_H_
#define GLUE_SECURITY_TESTING_POLICY_PLACES_H_

#include <cstddef>
#include <vector>

#include "glue_security/testing/policy_node.h"

namespace glue_security {

// What stands at a place, as the grammar sees it. A value may have two roles: a
// single action is the value of Action, and an action.
enum class PolicyRole {
  kDocument,
  kVersion,
  kId,
  kStatements,       // the value of Statement
  kStatement,        // one of them
  kListedStatement,  // one of a list
  kSid,
  kEffect,
  kPrincipal,        // the value of Principal or NotPrincipal
  kPrincipalObject,  // where it is an object
  kStrings,          // a string or a list of them: actions, of a kind, ...
  kListedString,
  kAwsEntry,
  kOtherEntry,
  kAction,
  kResource,
  kCondition,
  kOperator,
  kValues,
  kListedValue,
};

struct PolicyPlace {
  PolicyRole role;
  // Which member or element to take, from the document on.
  std::vector<size_t> path;
};

// All places of a good policy: a statement before what it contains.
std::vector<PolicyPlace> FindPolicyPlaces(const PolicyNode& document);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_POLICY_PLACES_H_
