#include "glue_security/encryption/keys/kms_refusal.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace glue_security {

KeyRefusal Refuse(absl::string_view code, std::string message) {
  KeyRefusal refusal = RefuseWithoutText(code);
  refusal.message = std::move(message);
  return refusal;
}

KeyRefusal RefuseWithoutText(absl::string_view code) {
  KeyRefusal refusal;
  refusal.code = std::string(code);
  return refusal;
}

std::optional<KeyRefusal> RefuseUnlessEnabled(KeyState state,
                                              absl::string_view key_arn) {
  switch (state) {
    case KeyState::kEnabled:
      return std::nullopt;
    case KeyState::kDisabled:
      return Refuse("DisabledException",
                    absl::StrCat(key_arn, " is disabled."));
    case KeyState::kPendingDeletion:
      return RefuseIfPendingDeletion(state, key_arn);
    case KeyState::kPendingImport:
      break;
  }
  return Refuse("KMSInvalidStateException",
                absl::StrCat(key_arn, " is pending import."));
}

std::optional<KeyRefusal> RefuseIfPendingDeletion(KeyState state,
                                                  absl::string_view key_arn) {
  if (state != KeyState::kPendingDeletion) return std::nullopt;
  return Refuse("KMSInvalidStateException",
                absl::StrCat(key_arn, " is pending deletion."));
}

}  // namespace glue_security
