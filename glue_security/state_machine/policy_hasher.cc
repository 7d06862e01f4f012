#include "glue_security/state_machine/policy_hasher.h"

#include "absl/strings/escaping.h"
#include "glue_security/state_machine/sha256.h"

namespace glue_security {
namespace {

constexpr size_t kHashBytes = 16;

class Sha256PolicyHasher : public PolicyHasher {
 public:
  std::string Hash(absl::string_view text) const override {
    const auto digest = Sha256(text);
    return absl::Base64Escape(absl::string_view(
        reinterpret_cast<const char*>(digest.data()), kHashBytes));
  }
};

}  // namespace

const PolicyHasher* PolicyHasher::Default() {
  static const auto* const kHasher = new Sha256PolicyHasher();
  return kHasher;
}

}  // namespace glue_security
