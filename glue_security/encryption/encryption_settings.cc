#include "glue_security/encryption/encryption_settings.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "glue_security/model/partition.h"

namespace glue_security {
namespace {

std::string KeyOrDefault(const std::string& key) {
  return key.empty() ? kDefaultGlueKey : key;
}

// Returns the account in a role's ARN, such as
// "arn:aws:iam::123456789012:role/glue"; empty when there is none.
std::string AccountOfRole(const std::string& arn) {
  constexpr size_t kAccountField = 4;
  const std::vector<absl::string_view> fields =
      absl::StrSplit(arn, absl::MaxSplits(':', kAccountField + 1));
  return fields.size() > kAccountField ? std::string(fields[kAccountField])
                                       : "";
}

}  // namespace

EncryptionContext CatalogEncryptionContext(absl::string_view catalog_id) {
  return {{"glue_catalog_id", std::string(catalog_id)}};
}

bool EncryptsPasswords(const Behavior& behavior,
                       const v1::DataCatalogEncryptionSettings& settings) {
  const bool has_key =
      !settings.connection_password_encryption().aws_kms_key_id().empty();
  const bool has_flag = ReturnsPasswordsEncrypted(settings);
  switch (behavior.password_protection) {
    case PasswordProtection::kFlag:
      return has_flag;
    case PasswordProtection::kKey:
      return has_key;
    case PasswordProtection::kFlagOrKey:
      return has_flag || has_key;
  }
  return true;
}

bool ReturnsPasswordsEncrypted(
    const v1::DataCatalogEncryptionSettings& settings) {
  return settings.connection_password_encryption()
      .return_connection_password_encrypted();
}

std::string PasswordKey(const v1::DataCatalogEncryptionSettings& settings) {
  return KeyOrDefault(
      settings.connection_password_encryption().aws_kms_key_id());
}

bool SealsObjects(const v1::DataCatalogEncryptionSettings& settings) {
  const v1::CatalogEncryptionMode mode =
      settings.encryption_at_rest().catalog_encryption_mode();
  return mode != v1::CATALOG_ENCRYPTION_MODE_UNSPECIFIED &&
         mode != v1::CATALOG_ENCRYPTION_MODE_DISABLED;
}

std::string ObjectKey(const v1::DataCatalogEncryptionSettings& settings) {
  return KeyOrDefault(settings.encryption_at_rest().sse_aws_kms_key_id());
}

std::string RegionalServiceName(absl::string_view service,
                                absl::string_view region,
                                absl::string_view partition) {
  return absl::StrCat(
      service, ".", region, ".",
      DnsSuffixOfPartition(partition.empty() ? PartitionOfRegion(region)
                                             : partition));
}

KeyCaller ThroughGlue(const Caller& caller) {
  return {caller, RegionalServiceName("glue", caller.region, caller.partition)};
}

KeyCaller ObjectKeyCaller(const Caller& caller,
                          const v1::DataCatalogEncryptionSettings& settings) {
  const v1::EncryptionAtRest& at_rest = settings.encryption_at_rest();
  const std::string& role = at_rest.catalog_encryption_service_role();
  if (at_rest.catalog_encryption_mode() !=
          v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE ||
      role.empty()) {
    return ThroughGlue(caller);
  }
  Caller assumed;
  assumed.account_id = AccountOfRole(role);
  if (assumed.account_id.empty()) assumed.account_id = caller.account_id;
  assumed.region = caller.region;
  assumed.partition = caller.partition;
  assumed.principal_arn = role;
  return ThroughGlue(assumed);
}

}  // namespace glue_security
