// SHA256_Init and the like are deprecated since OpenSSL 3.0 in favour of EVP,
// which allocates a context for each text.
#define OPENSSL_API_COMPAT 0x10100000L

#include "glue_security/state_machine/sha256.h"

#include <openssl/sha.h>

#include <cstdlib>

namespace glue_security {

std::array<uint8_t, 32> Sha256(absl::string_view text) {
  SHA256_CTX context;
  std::array<uint8_t, 32> digest;
  // UNCOVERED-BEGIN: these calls fail only when libcrypto is broken, and then
  // there is no right answer.
  if (SHA256_Init(&context) != 1 ||
      SHA256_Update(&context, text.data(), text.size()) != 1 ||
      SHA256_Final(digest.data(), &context) != 1) {
    std::abort();
  }
  // UNCOVERED-END
  return digest;
}

}  // namespace glue_security
