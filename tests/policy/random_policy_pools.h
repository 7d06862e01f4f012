// The pools from which RandomPolicy takes texts.

#ifndef TESTS_POLICY_RANDOM_POLICY_POOLS_H_
#define TESTS_POLICY_RANDOM_POLICY_POOLS_H_

#include <string>
#include <vector>

namespace glue_security {

using Pool = std::vector<std::string>;

// Principals, as entries name them and as they make requests.
const Pool& Arns();

// Unique ids.
const Pool& UserIds();
const Pool& RoleIds();

// Paths of roles, each with the slash at its end.
const Pool& RolePaths();

// Values for aws:PrincipalArn. Some match all paths that the role of a session
// may have, some none, some only a few.
const Pool& RoleArnValues();

const Pool& Actions();

const Pool& Resources();

// Resources that stand for sets.
const Pool& ResourceSets();

// Keys that do not follow from the principal.
const Pool& Keys();

// Keys that follow from the principal.
const Pool& PrincipalKeys();

// Values of these keys.
const Pool& PrincipalValues();

// Values of every type, and values that are nearly of a type.
// Values that the grammar takes for dates.
const Pool& Dates();
const Pool& Values();

// All condition operators, without set operators and the suffix IfExists.
const Pool& Operators();

// Operators that compare texts and ARNs.
const Pool& TextOperators();

// Variables, some legal and some nearly so.
const Pool& Variables();

}  // namespace glue_security

#endif  // TESTS_POLICY_RANDOM_POLICY_POOLS_H_
