// UTF-8 in bytes of unknown origin.

#ifndef GLUE_SECURITY_MODEL_UTF8_TEXT_H_
#define GLUE_SECURITY_MODEL_UTF8_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/secret.h"

namespace glue_security {

// Returns true if `text` is valid UTF-8.
bool IsUtf8(absl::string_view text);

// Return `bytes` with U+FFFD in the place of each byte that belongs to no
// character.
Secret ToUtf8(const Secret& bytes);
std::string ToUtf8(absl::string_view bytes);

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_UTF8_TEXT_H_
