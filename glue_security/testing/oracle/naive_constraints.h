// NaiveViolations: the reference model's own constraints. They are written by
// hand from the contract and, for what came later, from the history of the
// service's model. No code is shared with the validator, and the options in the
// protos are not read.

#ifndef GLUE_SECURITY_TESTING_ORACLE_NAIVE_CONSTRAINTS_H_
#define GLUE_SECURITY_TESTING_ORACLE_NAIVE_CONSTRAINTS_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Returns the size of a policy document as the bounds of its size see it: where
// documents are re-printed, without the blanks outside of its strings.
size_t NaivePolicyBytes(const Behavior& behavior, absl::string_view text);

// Returns every constraint that `request` breaks, in the order in which they
// are reported. Only the path and the constraint of each are set. A text that a
// codec could not parse is ignored where its member is not in force.
// REQUIRES: the operation and all members of `request` are in force.
v1::Error NaiveViolations(const Behavior& behavior, const v1::Request& request);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ORACLE_NAIVE_CONSTRAINTS_H_
