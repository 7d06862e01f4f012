#include "glue_security/state_machine/sha256.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

namespace glue_security {

std::array<uint8_t, 32> Sha256(absl::string_view text) {
  // Fetched once: looking the algorithm up costs more than a short text's
  // digest.
  static const EVP_MD* const kSha256 =
      EVP_MD_fetch(/*ctx=*/nullptr, "SHA256", /*properties=*/nullptr);
  // Only memory: nothing of a text outlives the call that hashes it.
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>
      context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<uint8_t, 32> digest;
  // It can fail only where libcrypto is broken or memory is exhausted, and then
  // there is no right answer.
  if (kSha256 == nullptr || context == nullptr ||
      EVP_DigestInit_ex(context.get(), kSha256, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) {
    std::abort();
  }
  return digest;
}

}  // namespace glue_security
