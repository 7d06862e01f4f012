// A policy that shuts its author out.

#ifndef GLUE_SECURITY_POLICY_LOCK_OUT_H_
#define GLUE_SECURITY_POLICY_LOCK_OUT_H_

#include <optional>

#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy_checker.h"
#include "glue_security/policy/policy_document.h"

namespace glue_security {

// Whether the policy denies its author the calls that would undo it.
// REQUIRES: a policy without findings; catalog.caller_arn is not empty.
std::optional<Finding> FindLockOut(const PolicyDocument& document,
                                   const CatalogContext& catalog);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_LOCK_OUT_H_
