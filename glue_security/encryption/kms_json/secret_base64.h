// Base64 of secrets, which leaves no copy in memory.

#ifndef GLUE_SECURITY_ENCRYPTION_KMS_JSON_SECRET_BASE64_H_
#define GLUE_SECURITY_ENCRYPTION_KMS_JSON_SECRET_BASE64_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "glue_security/model/secret.h"
#include "glue_security/model/wiped_text.h"

namespace glue_security {

// Returns the bytes; nullopt when `text` is not base64.
std::optional<Secret> SecretFromBase64(absl::string_view text);

// Appends the base64 of `bytes`.
void AppendBase64(absl::string_view bytes, WipedText* out);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KMS_JSON_SECRET_BASE64_H_
