// The decision of several policies together, slow and simple, with which
// DecideAccess is compared.

#ifndef TESTS_POLICY_NAIVE_ACCESS_H_
#define TESTS_POLICY_NAIVE_ACCESS_H_

#include <string>

#include "glue_security/policy/access.h"
#include "glue_security/policy/authorization.h"

namespace glue_security {

// Combines `policy`, the resource policy as for NaiveEvaluate, with the
// decision of the caller's identity policies and with that of the policies that
// limit the caller. An empty `policy` means that there is none.
AccessResult NaiveAccess(const std::string& policy,
                         const AuthorizationRequest& request, bool same_account,
                         DecisionKind identity, DecisionKind limit);

}  // namespace glue_security

#endif  // TESTS_POLICY_NAIVE_ACCESS_H_
