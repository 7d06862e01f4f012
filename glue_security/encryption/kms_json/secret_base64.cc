#include "glue_security/encryption/kms_json/secret_base64.h"

#include <string>

#include "absl/strings/escaping.h"

namespace glue_security {
namespace {

// Overwrites all that the string has room for.
void Wipe(std::string* text) {
  text->resize(text->capacity());
  WipeBytes(text->data(), text->size());
}

}  // namespace

std::optional<Secret> SecretFromBase64(absl::string_view text) {
  std::string bytes;
  std::optional<Secret> secret;
  if (absl::Base64Unescape(text, &bytes)) secret.emplace(bytes);
  Wipe(&bytes);
  return secret;
}

void AppendBase64(absl::string_view bytes, WipedText* out) {
  std::string text = absl::Base64Escape(bytes);
  out->append(text.data(), text.size());
  Wipe(&text);
}

}  // namespace glue_security
