// AES-GCM (NIST SP 800-38D) with nonces of 96 bits and tags of 128 bits:
// encryption that also finds every change.
//
//   const std::string sealed = SealAesGcm(key, nonce, "record 7", "clear");
//   OpenAesGcm(key, nonce, "record 7", sealed)->view();  // "clear"
//
// Bytes that were sealed with other associated data do not open:
//
//   OpenAesGcm(key, nonce, "record 8", sealed);  // nullopt
//
// Both functions are thread-safe and keep no copy of the key or the plaintext.
// They throw std::bad_alloc when libcrypto has no memory.

#ifndef GLUE_SECURITY_ENCRYPTION_AES_GCM_H_
#define GLUE_SECURITY_ENCRYPTION_AES_GCM_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/secret.h"

namespace glue_security {

inline constexpr size_t kAesGcmNonceBytes = 12;
inline constexpr size_t kAesGcmTagBytes = 16;

// Returns true for the sizes of a key: 16 bytes (AES-128) and 32 (AES-256).
bool IsAesKeySize(size_t bytes);

// Returns the ciphertext, which is as long as the plaintext, and after it the
// tag.
//
// REQUIRES: IsAesKeySize(key.size()) and nonce.size() == kAesGcmNonceBytes; the
// program ends otherwise.
// REQUIRES: the nonce has not been used with this key. A second use gives away
// the exclusive or of both plaintexts, and lets others make tags. Random nonces
// are safe for 2^32 uses of a key.
std::string SealAesGcm(const Secret& key, absl::string_view nonce,
                       absl::string_view associated_data,
                       absl::string_view plaintext);

// Returns the plaintext, or nullopt unless all four are those of a SealAesGcm.
// Sizes that no call of SealAesGcm has give nullopt, too.
std::optional<Secret> OpenAesGcm(const Secret& key, absl::string_view nonce,
                                 absl::string_view associated_data,
                                 absl::string_view sealed);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_AES_GCM_H_
