// The refusals of LocalKms. The texts are those of KMS; the sources are in
// docs/decisions/local-kms.md. Each is returned without a request id, which
// LocalKms adds.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_KMS_REFUSAL_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_KMS_REFUSAL_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

KeyRefusal Refuse(absl::string_view code, std::string message);
KeyRefusal RefuseWithoutText(absl::string_view code);

// Returns the refusal of an operation that needs an enabled key:
// DisabledException, or KMSInvalidStateException for a key that is pending
// deletion or import. nullopt: the key is enabled.
std::optional<KeyRefusal> RefuseUnlessEnabled(KeyState state,
                                              absl::string_view key_arn);

// Returns the KMSInvalidStateException for a key that is pending deletion, in
// which state it cannot be changed; nullopt in any other.
std::optional<KeyRefusal> RefuseIfPendingDeletion(KeyState state,
                                                  absl::string_view key_arn);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_KMS_REFUSAL_H_
