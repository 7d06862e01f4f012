// Which texts stand where in a policy.

#ifndef GLUE_SECURITY_POLICY_CHECK_POLICY_TEXT_H_
#define GLUE_SECURITY_POLICY_CHECK_POLICY_TEXT_H_

#include "absl/strings/string_view.h"

namespace glue_security {

// "*", or vendor:Name with wildcards.
bool IsAction(absl::string_view text);

// A name of a user, role or session: 1 to 64 letters, digits and _+=,.@-
bool IsPrincipalName(absl::string_view text);

// The pattern of Glue ends in ".*", where a dot is no line terminator.
bool HasLineTerminator(absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_CHECK_POLICY_TEXT_H_
