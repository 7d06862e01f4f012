#include "glue_security/state_machine/sha256.h"

#include <openssl/evp.h>

#include <cstdlib>

namespace glue_security {

std::array<uint8_t, 32> Sha256(absl::string_view text) {
  // Fetched once: looking the algorithm up costs more than a short text's
  // digest.
  static const EVP_MD* const kSha256 =
      EVP_MD_fetch(/*ctx=*/nullptr, "SHA256", /*properties=*/nullptr);
  std::array<uint8_t, 32> digest;
  unsigned int size = 0;
  // UNCOVERED-BEGIN: it fails only where libcrypto is broken or memory is
  // exhausted, and then there is no right answer.
  if (kSha256 == nullptr || EVP_Digest(text.data(), text.size(), digest.data(),
                                       &size, kSha256, nullptr) != 1) {
    std::abort();
  }
  // UNCOVERED-END
  return digest;
}

}  // namespace glue_security
