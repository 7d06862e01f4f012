// FindPolicyPlaces: finds the places where a policy can break a rule.

#ifndef GLUE_SECURITY_TESTING_GENERATORS_POLICY_PLACES_H_
#define GLUE_SECURITY_TESTING_GENERATORS_POLICY_PLACES_H_

#include <cstddef>
#include <vector>

#include "glue_security/testing/generators/policy_node.h"

namespace glue_security {

// The grammar's name for a place. A value may have two roles: a single action
// is both the value of Action and an action.
enum class PolicyRole {
  kDocument,
  kVersion,
  kId,
  kStatements,       // the value of Statement
  kStatement,        // one statement
  kListedStatement,  // one statement of a list
  kSid,
  kEffect,
  kPrincipal,        // the value of Principal or NotPrincipal
  kPrincipalObject,  // if it is an object
  kStrings,          // one string or a list of strings: actions, ...
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
  // The indices of the members and elements that lead to the place, from the
  // document on.
  std::vector<size_t> path;
};

// Returns all places of a valid policy. A statement comes before its contents.
std::vector<PolicyPlace> FindPolicyPlaces(const PolicyNode& document);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_GENERATORS_POLICY_PLACES_H_
