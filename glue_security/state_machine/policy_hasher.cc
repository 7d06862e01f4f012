#include "glue_security/state_machine/policy_hasher.h"

#include <openssl/evp.h>

#include <array>
#include <cstddef>

#include "glue_security/state_machine/sha256.h"

namespace glue_security {
namespace {

constexpr int kHashBytes = 16;
constexpr size_t kHashTextBytes = 24;

class Sha256PolicyHasher : public PolicyHasher {
 public:
  std::string Hash(absl::string_view text) const override {
    const auto digest = Sha256(text);
    // EVP_EncodeBlock ends the text with a NUL.
    std::array<unsigned char, kHashTextBytes + 1> hash;
    EVP_EncodeBlock(hash.data(), digest.data(), kHashBytes);
    return std::string(reinterpret_cast<const char*>(hash.data()),
                       kHashTextBytes);
  }
};

}  // namespace

const PolicyHasher* PolicyHasher::Default() {
  static const auto* const kHasher = new Sha256PolicyHasher();
  return kHasher;
}

}  // namespace glue_security
