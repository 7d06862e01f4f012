// What can be wrong with a request as such, whatever the state, for the
// reference model. The constraints are written out by hand from the contract:
// no code is shared with the validator, and the options in the protos are not
// read.

#ifndef GLUE_SECURITY_TESTING_NAIVE_CONSTRAINTS_H_
#define GLUE_SECURITY_TESTING_NAIVE_CONSTRAINTS_H_

#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Every constraint that `request` breaks, in the order in which they are
// reported. Only the path and the constraint of each are filled in.
v1::Error NaiveViolations(const Behavior& behavior, const v1::Request& request);

// Whether `request`, which breaks no constraint, breaks a business rule other
// than that of the page token.
bool NaiveBreaksRule(const Behavior& behavior, const Limits& limits,
                     const v1::Request& request);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_NAIVE_CONSTRAINTS_H_
