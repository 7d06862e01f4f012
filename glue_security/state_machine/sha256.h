// SHA-256 of a text.

#ifndef GLUE_SECURITY_STATE_MACHINE_SHA256_H_
#define GLUE_SECURITY_STATE_MACHINE_SHA256_H_

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace glue_security {

// Returns the SHA-256 digest of `text` (FIPS 180-4).
std::array<uint8_t, 32> Sha256(absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_SHA256_H_
