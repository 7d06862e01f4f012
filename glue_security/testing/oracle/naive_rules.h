// NaiveBrokenRule, NaiveRefusal: the reference model's business rules that need
// no state, and the whole check of a request that comes before the state. No
// code is shared with the state machine.

#ifndef GLUE_SECURITY_TESTING_ORACLE_NAIVE_RULES_H_
#define GLUE_SECURITY_TESTING_ORACLE_NAIVE_RULES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Returns the ARN of the caller's own catalog.
std::string NaiveCatalogArn(const Caller& caller);

// Returns the error of a request that breaks no constraint but a business rule:
// any that no state lifts, so all but that of the token in
// GetSecurityConfigurations and GetConnections. UNSPECIFIED when it breaks
// none. REQUIRES: all members of `request` are in force.
v1::ErrorCode NaiveBrokenRule(const Behavior& behavior, const Limits& limits,
                              const Caller& caller, const v1::Request& request);

// Returns the error with which `request` is answered in every state, with the
// broken constraints, if any, as many as `Limits::violations_max` lists. Its
// code is UNSPECIFIED when there are states in which the request succeeds.
// Members that are not in force are as if absent.
v1::Error NaiveRefusal(const Behavior& behavior, const Limits& limits,
                       const Caller& caller, const v1::Request& request);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ORACLE_NAIVE_RULES_H_
