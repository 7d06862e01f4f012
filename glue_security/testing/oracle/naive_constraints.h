// NaiveViolations, NaiveBreaksRule: the reference model's own validation of a
// request, regardless of the state. The constraints are written by hand from
// the contract. No code is shared with the validator, and the options in the
// protos are not read.

#ifndef GLUE_SECURITY_TESTING_ORACLE_NAIVE_CONSTRAINTS_H_
#define GLUE_SECURITY_TESTING_ORACLE_NAIVE_CONSTRAINTS_H_

#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Returns every constraint that `request` breaks, in the order in which they
// are reported. Only the path and the constraint of each are set.
v1::Error NaiveViolations(const Behavior& behavior, const v1::Request& request);

// Returns true when `request`, which breaks no constraint, breaks a business
// rule other than the rule of the page token.
bool NaiveBreaksRule(const Behavior& behavior, const Limits& limits,
                     const v1::Request& request);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ORACLE_NAIVE_CONSTRAINTS_H_
