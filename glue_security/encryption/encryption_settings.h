// The meaning of a catalog's encryption settings: what is encrypted, under
// which key, and on whose behalf the key is used. docs/encryption.md explains
// it.

#ifndef GLUE_SECURITY_ENCRYPTION_ENCRYPTION_SETTINGS_H_
#define GLUE_SECURITY_ENCRYPTION_ENCRYPTION_SETTINGS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/key_call.h"
#include "glue_security/v1/catalog_encryption.pb.h"

namespace glue_security {

// The key that every account has in every region for AWS Glue. It is used where
// the settings name none.
inline constexpr char kDefaultGlueKey[] = "alias/aws/glue";

// In all functions `settings` are those that were put, or the default message
// when none were.

// Returns true when the passwords of connections are encrypted as they are
// written (`Behavior::password_protection`).
bool EncryptsPasswords(const Behavior& behavior,
                       const v1::DataCatalogEncryptionSettings& settings);

// Returns true when passwords stay encrypted in responses.
bool ReturnsPasswordsEncrypted(
    const v1::DataCatalogEncryptionSettings& settings);

// Returns the key for passwords: AwsKmsKeyId as it was given, or
// `kDefaultGlueKey`.
std::string PasswordKey(const v1::DataCatalogEncryptionSettings& settings);

// Returns true when the objects of the catalog are sealed as they are written:
// in every mode but DISABLED.
bool SealsObjects(const v1::DataCatalogEncryptionSettings& settings);

// Returns the key for the objects of the catalog: SseAwsKmsKeyId as it was
// given, or `kDefaultGlueKey`.
std::string ObjectKey(const v1::DataCatalogEncryptionSettings& settings);

// Returns the encryption context of what is encrypted for a whole catalog:
// {"glue_catalog_id": "123456789012"}.
EncryptionContext CatalogEncryptionContext(absl::string_view catalog_id);

// Returns the name of a service in a region, as keys see it in kms:ViaService:
// "glue.us-east-1.amazonaws.com". The end is that of the partition, which is
// `partition` or, when that is empty, the region's.
std::string RegionalServiceName(absl::string_view service,
                                absl::string_view region,
                                absl::string_view partition);

// Returns `caller` as the keys see it when it calls through AWS Glue. Passwords
// are encrypted and decrypted on behalf of this one, in every mode.
KeyCaller ThroughGlue(const Caller& caller);

// Returns on whose behalf the objects of the catalog are sealed and opened: the
// role in the mode SSE-KMS-WITH-SERVICE-ROLE, else `caller`. A mode with a role
// whose settings have none counts as one without.
KeyCaller ObjectKeyCaller(const Caller& caller,
                          const v1::DataCatalogEncryptionSettings& settings);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_ENCRYPTION_SETTINGS_H_
