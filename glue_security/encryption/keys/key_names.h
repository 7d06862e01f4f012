// The names that KMS gives to the facts about a key.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_KEY_NAMES_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_KEY_NAMES_H_

#include "absl/strings/string_view.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

// Returns "ENCRYPT_DECRYPT", "SIGN_VERIFY" or "GENERATE_VERIFY_MAC".
absl::string_view KeyUsageName(KeyUsage usage);

// Returns "Enabled", "Disabled", "PendingDeletion" or "PendingImport".
absl::string_view KeyStateName(KeyState state);

// Returns "CUSTOMER" or "AWS".
absl::string_view KeyManagerName(KeyManager manager);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_KEY_NAMES_H_
