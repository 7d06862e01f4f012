#include "glue_security/testing/oracle/naive_passwords.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "glue_security/testing/oracle/naive_dates.h"

namespace glue_security {
namespace {

constexpr absl::string_view kPrefix = "ENCRYPTED/PASSWORD/";
constexpr char kDefaultKey[] = "alias/aws/glue";

struct Pair {
  const char* clear;
  const char* encrypted;
  absl::CivilDay since;
  // The end of its ciphertexts.
  char letter;
};

constexpr Pair kPairs[] = {
    {"PASSWORD", "ENCRYPTED_PASSWORD", kContractDate, 'A'},
    {"KAFKA_CLIENT_KEYSTORE_PASSWORD",
     "ENCRYPTED_KAFKA_CLIENT_KEYSTORE_PASSWORD", kLaterConnections, 'B'},
    {"KAFKA_CLIENT_KEY_PASSWORD", "ENCRYPTED_KAFKA_CLIENT_KEY_PASSWORD",
     kLaterConnections, 'C'},
};

// Returns a text of 24 characters, or of 4 more for every 4 digits more, so
// that it is base64.
std::string CiphertextOf(int64_t write, char letter) {
  std::string number = absl::StrFormat("%04d", write);
  while (number.size() % 4 != 0) number.insert(0, "0");
  return absl::StrCat(kPrefix, number, std::string(1, letter));
}

bool IsProtected(const Behavior& behavior,
                 const v1::DataCatalogEncryptionSettings& settings) {
  const auto& passwords = settings.connection_password_encryption();
  const bool flag = passwords.return_connection_password_encrypted();
  const bool key = passwords.has_aws_kms_key_id();
  switch (behavior.password_protection) {
    case PasswordProtection::kFlag:
      return flag;
    case PasswordProtection::kKey:
      return key;
    case PasswordProtection::kFlagOrKey:
      break;
  }
  return flag || key;
}

bool Seals(const v1::DataCatalogEncryptionSettings& settings) {
  const auto mode = settings.encryption_at_rest().catalog_encryption_mode();
  return mode == v1::CATALOG_ENCRYPTION_MODE_SSE_KMS ||
         mode == v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE;
}

std::string CatalogKeyOf(const v1::DataCatalogEncryptionSettings& settings) {
  const auto& rest = settings.encryption_at_rest();
  return rest.has_sse_aws_kms_key_id() ? rest.sse_aws_kms_key_id()
                                       : kDefaultKey;
}

// Returns on whose behalf the catalog's key is used.
Caller UserOfCatalogKey(const v1::DataCatalogEncryptionSettings& settings,
                        const Caller& caller) {
  const auto& rest = settings.encryption_at_rest();
  if (rest.catalog_encryption_mode() !=
          v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE ||
      !rest.has_catalog_encryption_service_role()) {
    return caller;
  }
  Caller role = caller;
  role.principal_arn = rest.catalog_encryption_service_role();
  const std::vector<std::string> parts =
      absl::StrSplit(role.principal_arn, ':');
  role.account_id = parts[4];
  return role;
}

}  // namespace

bool IsModelCiphertext(absl::string_view text) {
  return absl::StartsWith(text, kPrefix) && text.size() % 4 == 0;
}

absl::string_view WriteOfModelCiphertext(absl::string_view text) {
  return text.substr(0, text.size() - 1);
}

std::string NaivePasswords::Store(const Behavior& behavior,
                                  const Settings& settings,
                                  const Caller& caller, Properties* properties,
                                  bool* sealed, Seal* seal) {
  using Kind = ModelKeyCall::Kind;
  const auto& passwords = settings.connection_password_encryption();
  const std::string key =
      passwords.has_aws_kms_key_id() ? passwords.aws_kms_key_id() : kDefaultKey;
  Properties stored = *properties;
  std::map<std::string, Ciphertext> made;
  for (const Pair& pair : kPairs) {
    const bool is_in_force =
        pair.since == kContractDate || behavior.api_date >= pair.since;
    if (!is_in_force || stored.count(pair.clear) == 0) {
      continue;
    }
    stored.erase(pair.encrypted);
    const std::string password = stored[pair.clear];
    if (!IsProtected(behavior, settings) || password.empty()) continue;
    const std::string refusal = keys_({Kind::kEncrypt, caller, key, caller});
    if (!refusal.empty()) return refusal;
    const std::string text = CiphertextOf(writes_ + 1, pair.letter);
    made[text] = {password, key, caller};
    stored.erase(pair.clear);
    stored[pair.encrypted] = text;
  }
  *sealed = Seals(settings);
  if (*sealed) {
    seal->key = CatalogKeyOf(settings);
    seal->by = UserOfCatalogKey(settings, caller);
    const std::string refusal =
        keys_({Kind::kGenerateDataKey, seal->by, seal->key, seal->by});
    if (!refusal.empty()) return refusal;
  }
  if (!made.empty()) ++writes_;
  ciphertexts_.merge(made);
  *properties = std::move(stored);
  return "";
}

std::string NaivePasswords::Open(const Settings& settings, const Caller& caller,
                                 const Seal& seal) const {
  return keys_({ModelKeyCall::Kind::kDecrypt,
                UserOfCatalogKey(settings, caller), seal.key, seal.by});
}

std::string NaivePasswords::MayDecrypt(const Settings& settings,
                                       const Caller& caller) const {
  if (!Seals(settings)) return "";
  const Caller user = UserOfCatalogKey(settings, caller);
  return keys_(
      {ModelKeyCall::Kind::kMayDecrypt, user, CatalogKeyOf(settings), user});
}

std::string NaivePasswords::Decrypt(const Caller& caller,
                                    const std::string& text,
                                    std::string* password) const {
  const auto found = ciphertexts_.find(text);
  if (found == ciphertexts_.end()) {
    // A text that a request gave: no key service has made it. Base64 may stand
    // for no bytes at all.
    std::string bytes;
    const bool is_empty = absl::Base64Unescape(text, &bytes) && bytes.empty();
    return is_empty ? "ValidationException" : "InvalidCiphertextException";
  }
  const Ciphertext& known = found->second;
  *password = known.password;
  return keys_({ModelKeyCall::Kind::kDecrypt, caller, known.key, known.by});
}

std::string NaivePasswords::Show(const Settings& settings, const Caller& caller,
                                 bool hide, Properties* properties) const {
  Properties shown = *properties;
  const bool stays_encrypted = settings.connection_password_encryption()
                                   .return_connection_password_encrypted();
  for (const Pair& pair : kPairs) {
    if (hide) {
      shown.erase(pair.clear);
      shown.erase(pair.encrypted);
      continue;
    }
    const auto found = shown.find(pair.encrypted);
    if (stays_encrypted || found == shown.end() || found->second.empty()) {
      continue;
    }
    std::string password;
    const std::string refusal = Decrypt(caller, found->second, &password);
    if (!refusal.empty()) return refusal;
    shown.erase(pair.encrypted);
    shown[pair.clear] = password;
  }
  *properties = std::move(shown);
  return "";
}

NaivePasswords::Properties NaivePasswords::Revealed(
    Properties properties) const {
  for (auto& [key, text] : properties) {
    const auto found = ciphertexts_.find(text);
    if (found == ciphertexts_.end()) continue;
    const Ciphertext& known = found->second;
    text =
        absl::StrCat(known.password, "\n", known.key, "\n", known.by.account_id,
                     "\n", known.by.region, "\n", known.by.principal_arn);
  }
  return properties;
}

}  // namespace glue_security
