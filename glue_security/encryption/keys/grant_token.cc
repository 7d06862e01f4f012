#include "glue_security/encryption/keys/grant_token.h"

#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "glue_security/encryption/aes_gcm.h"

namespace glue_security {
namespace {

// Part of no ARN and no id.
constexpr char kSeparator = '\n';

}  // namespace

std::string GrantTokens::Make(const GrantName& grant,
                              absl::string_view nonce) const {
  const std::string name = absl::StrCat(
      grant.key_arn, absl::string_view(&kSeparator, 1), grant.grant_id);
  return absl::Base64Escape(
      absl::StrCat(nonce, SealAesGcm(key_, nonce, "", name)));
}

std::optional<GrantName> GrantTokens::Parse(absl::string_view token) const {
  std::string decoded;
  if (!absl::Base64Unescape(token, &decoded) ||
      decoded.size() < kAesGcmNonceBytes ||
      absl::Base64Escape(decoded) != token) {
    return std::nullopt;
  }
  const absl::string_view bytes = decoded;
  const std::optional<Secret> name =
      OpenAesGcm(key_, bytes.substr(0, kAesGcmNonceBytes), "",
                 bytes.substr(kAesGcmNonceBytes));
  if (!name.has_value()) return std::nullopt;
  const size_t separator = name->view().find(kSeparator);
  return GrantName{std::string(name->view().substr(0, separator)),
                   std::string(name->view().substr(separator + 1))};
}

}  // namespace glue_security
