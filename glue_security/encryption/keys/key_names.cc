#include "glue_security/encryption/keys/key_names.h"

namespace glue_security {

absl::string_view KeyUsageName(KeyUsage usage) {
  switch (usage) {
    case KeyUsage::kEncryptDecrypt:
      return "ENCRYPT_DECRYPT";
    case KeyUsage::kSignVerify:
      return "SIGN_VERIFY";
    case KeyUsage::kGenerateVerifyMac:
      break;
  }
  return "GENERATE_VERIFY_MAC";
}

absl::string_view KeyStateName(KeyState state) {
  switch (state) {
    case KeyState::kEnabled:
      return "Enabled";
    case KeyState::kDisabled:
      return "Disabled";
    case KeyState::kPendingDeletion:
      return "PendingDeletion";
    case KeyState::kPendingImport:
      break;
  }
  return "PendingImport";
}

absl::string_view KeyManagerName(KeyManager manager) {
  return manager == KeyManager::kAws ? "AWS" : "CUSTOMER";
}

}  // namespace glue_security
