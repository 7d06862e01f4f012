// Objects of a catalog that are encrypted at rest: AES-256-GCM under a data key
// of their own, which is stored beside them, encrypted by the key service. Pure
// functions, which ask for key calls and take their answers. To write:
//
//   const GenerateDataKeyCall call = DataKeyToSeal(settings, name.catalog_id);
//   // ... the answer is `data_key`
//   const std::optional<v1::SealedObject> sealed =
//       SealObject(name, data_key, bytes);
//
// To read:
//
//   const std::optional<DecryptCall> call =
//       DataKeyToOpen(sealed, name.catalog_id);
//   // ... the answer is `data_key`
//   const std::optional<Secret> bytes = OpenObject(name, sealed, data_key);
//
// An object that was moved to another id does not open, although its data key
// decrypts:
//
//   OpenObject({catalog_id, region, kind, "another id"}, sealed, data_key);
//   // nullopt
//
// The calls are made on behalf of ObjectKeyCaller (encryption_settings.h). A
// refused call ends the operation (key_refusal.h). docs/encryption.md explains
// what is found and what is not.

#ifndef GLUE_SECURITY_ENCRYPTION_SEALED_OBJECT_H_
#define GLUE_SECURITY_ENCRYPTION_SEALED_OBJECT_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/secret.h"
#include "glue_security/v1/catalog_encryption.pb.h"
#include "glue_security/v1/stored_record.pb.h"

namespace glue_security {

// The version of v1::SealedObject that SealObject makes, and the only one that
// OpenObject knows.
inline constexpr uint32_t kSealedFormatVersion = 1;

// The name of an object: no two objects share one. Borrowed texts of any bytes.
struct ObjectName {
  absl::string_view catalog_id;
  absl::string_view region;
  // The kind of object, such as "connection" or "table".
  absl::string_view kind;
  // Unique among the objects of the kind in the catalog.
  absl::string_view id;
};

// Returns the call for a data key with which an object of the catalog is
// sealed. Each write of an object asks for one of its own.
GenerateDataKeyCall DataKeyToSeal(
    const v1::DataCatalogEncryptionSettings& settings,
    absl::string_view catalog_id);

// Returns `bytes` sealed under `name`. The result depends on the arguments
// alone: the nonce follows from the data key, the name and the bytes. So a data
// key may seal again when its write met a conflict, with the same bytes or
// others.
//
// Returns nullopt when the answer is none that a key service gives: the data
// key is not of 32 bytes, its ciphertext is empty, or the ARN is empty or not
// UTF-8.
std::optional<v1::SealedObject> SealObject(
    const ObjectName& name, const GenerateDataKeyResult& data_key,
    absl::string_view bytes);

// Returns the call that decrypts the data key of `sealed`. It names the key, so
// that a changed ARN is refused. Returns nullopt when `sealed` does not have
// the form of this version: the stored record is damaged.
std::optional<DecryptCall> DataKeyToOpen(const v1::SealedObject& sealed,
                                         absl::string_view catalog_id);

// Returns what was sealed. Returns nullopt unless `sealed` is what SealObject
// made for this name, no bit changed, and `data_key` is the answer to
// DataKeyToOpen: the stored record is damaged.
std::optional<Secret> OpenObject(const ObjectName& name,
                                 const v1::SealedObject& sealed,
                                 const DecryptResult& data_key);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_SEALED_OBJECT_H_
