// Checks of actions, principal names and resources in a policy.

#ifndef GLUE_SECURITY_POLICY_CHECK_POLICY_TEXT_H_
#define GLUE_SECURITY_POLICY_CHECK_POLICY_TEXT_H_

#include "absl/strings/string_view.h"

namespace glue_security {

// Returns true for "*", or vendor:Name. Only the name may have wildcards.
bool IsAction(absl::string_view text);

// Returns true for a name of a user, role or session: 1 to 64 letters, digits
// and _+=,.@-
bool IsPrincipalName(absl::string_view text);

// Returns true if `text` has a line terminator. Glue's pattern of a resource
// ends in ".*", and its dot does not match one.
bool HasLineTerminator(absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_CHECK_POLICY_TEXT_H_
