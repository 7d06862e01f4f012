// HMAC-SHA-256 (RFC 2104).

#ifndef GLUE_SECURITY_ENCRYPTION_HMAC_SHA256_H_
#define GLUE_SECURITY_ENCRYPTION_HMAC_SHA256_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "absl/strings/string_view.h"
#include "glue_security/model/secret.h"

namespace glue_security {

// The largest key that HmacSha256 takes, in bytes.
inline constexpr size_t kHmacSha256KeyBytesMax = 64;

// Returns the HMAC of the parts, one after the other. Keeps no copy of the key
// or of the parts. Throws std::bad_alloc when libcrypto has no memory.
//
// REQUIRES: key.size() <= kHmacSha256KeyBytesMax; the program ends otherwise.
std::array<uint8_t, 32> HmacSha256(
    const Secret& key, std::initializer_list<absl::string_view> parts);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_HMAC_SHA256_H_
