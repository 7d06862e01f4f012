// Matches the entries of Principal and NotPrincipal with a principal.

#ifndef TESTS_POLICY_NAIVE_PRINCIPAL_H_
#define TESTS_POLICY_NAIVE_PRINCIPAL_H_

#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/truth.h"
#include "tests/policy/naive_document.h"
#include "tests/policy/naive_pattern.h"

namespace glue_security::naive {

bool IsSession(const Principal& principal);

// Returns the ARNs that the role of a session may have, as patterns, if only
// the session's ARN is known. REQUIRES: IsSession(principal).
std::vector<Pattern> PossibleRoleArns(const Principal& principal);

// Evaluates Principal or NotPrincipal of a statement.
Truth PrincipalApplies(const Json& statement, const Principal& principal);

// How an element names a principal, from the weakest to the strongest.
enum class Naming {
  kNot,      // not at all, or not certainly
  kAccount,  // as one of its account
  kOther,    // as one of the role, or of everybody
  kSelf,     // itself
};

// Returns the strongest way in which the element Principal certainly names the
// principal.
Naming StrongestNaming(const Json& element, const Principal& principal);

}  // namespace glue_security::naive

#endif  // TESTS_POLICY_NAIVE_PRINCIPAL_H_
