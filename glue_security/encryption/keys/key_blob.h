// The ciphertexts of LocalKms: AES-256-GCM under a key's material, and the name
// of the key in front.
//
//   bytes 0-4    01 02 02 00 78 from Encrypt, 01 02 03 00 78 from
//                GenerateDataKey, as the real ones: AQICAH… and AQIDAH… in
//                base64
//   byte 5       the version of the format, 1
//   2 bytes      the size of the key's ARN, big-endian
//                the ARN
//   4 bytes      the number of the material, big-endian: 0 is the first, and
//                each rotation adds one
//   12 bytes     the nonce
//                the ciphertext, as long as the plaintext
//   16 bytes     the tag
//
// The associated data is all that is in front of the nonce, and the encryption
// context in the order of its keys, each part with its length.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_KEY_BLOB_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_KEY_BLOB_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/secret.h"

namespace glue_security {

// The operation that makes a ciphertext.
enum class BlobMaker { kEncrypt, kGenerateDataKey };

inline constexpr size_t kBlobKeyArnBytesMax = 1024;

// The parts of a ciphertext, as views of it.
struct KeyBlob {
  // All that is in front of the nonce.
  absl::string_view header;
  absl::string_view key_arn;
  uint32_t material_number = 0;
  absl::string_view nonce;
  // The ciphertext and the tag.
  absl::string_view sealed;
};

// REQUIRES: `key_arn` has at most kBlobKeyArnBytesMax bytes, and `nonce`
// kAesGcmNonceBytes.
std::string SealKeyBlob(BlobMaker maker, absl::string_view key_arn,
                        uint32_t material_number, const Secret& material,
                        absl::string_view nonce,
                        const EncryptionContext& context,
                        absl::string_view plaintext);

// Returns nullopt for bytes that do not have the form of a ciphertext.
std::optional<KeyBlob> ParseKeyBlob(absl::string_view bytes);

// Returns the plaintext; nullopt unless the ciphertext was made with this
// material and context, and nothing of it was changed.
std::optional<Secret> OpenKeyBlob(const KeyBlob& blob, const Secret& material,
                                  const EncryptionContext& context);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_KEY_BLOB_H_
