// The rules of grants: which operations a grant may have, and which calls its
// constraints allow.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_GRANT_RULES_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_GRANT_RULES_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "glue_security/encryption/keys/key_spec.h"
#include "glue_security/encryption/keys/local_kms_calls.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

// The operations that a grant may have, in the order of the model.
absl::Span<const absl::string_view> GrantOperationNames();

// Returns the ValidationException for a grant that this kind of key cannot
// have: an operation that the key does not support, constraints on a key
// without an encryption context, or constraints that are too large. nullopt:
// the key can have it.
std::optional<KeyRefusal> RefuseGrant(const CreateGrantCall& call,
                                      const KeySpec& spec, KeyUsage usage);

// Returns true if a call with this encryption context fulfils the constraints.
bool Fulfils(const EncryptionContext& context,
             const GrantConstraints& constraints);

// Returns true if every context that fulfils `child` fulfils `parent`.
bool IsAtLeastAsStrict(const GrantConstraints& child,
                       const GrantConstraints& parent);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_GRANT_RULES_H_
