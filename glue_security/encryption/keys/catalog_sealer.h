// CatalogSealer: the encryption of a catalog for objects that the embedder
// keeps itself, such as databases, tables, partitions and functions. The engine
// does the same for connections.
//
//   // `settings` are those that were read in the transaction of the write.
//   const CatalogSealer sealer(settings, &keys);
//   const CatalogKey catalog = {"123456789012", "us-east-1"};
//   auto sealed = sealer.Seal(caller, catalog, "table", "default/orders",
//   bytes); auto opened = sealer.Open(caller, catalog, "table",
//   "default/orders", *sealed);
//   // opened->view() == bytes
//
// What was sealed as one object does not open as another:
//
//   sealer.Open(caller, catalog, "table", "default/invoices", *sealed);
//   // InternalServiceException, DETAIL_DATA_LOSS
//
// "The specified encryption is applied to every catalog write thereafter": for
// that, a write has the precondition that the settings are unchanged since they
// were read. docs/encryption.md explains what is found and what is not.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_CATALOG_SEALER_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_CATALOG_SEALER_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/record.h"
#include "glue_security/model/secret.h"
#include "glue_security/v1/catalog_encryption.pb.h"

namespace glue_security {

// Immutable and thread-safe. The key service must outlive it. What the service
// throws passes through both methods, which have no other effect.
class CatalogSealer {
 public:
  // The size of an object, in bytes.
  static constexpr size_t kObjectBytesMax = size_t{1} << 30;

  // `settings` are those in force, as GetDataCatalogEncryptionSettings shows
  // them.
  CatalogSealer(v1::DataCatalogEncryptionSettings settings, KeyService* keys);

  // Returns what to store of an object. While the catalog is not encrypted, it
  // holds the bytes as they are, and no key is asked. Otherwise it is sealed
  // with a data key of its own, on behalf of the caller, who needs
  // kms:GenerateDataKey, or of the role in the settings.
  //
  // `kind` and `id` name the object; any texts will do. The kind "connection"
  // is the engine's.
  //
  // Errors, in order of precedence:
  // - InvalidInputException: more than `kObjectBytesMax` bytes;
  // - GlueEncryptionException: the key service refuses (key_refusal.h);
  // - InternalServiceException: its answer holds no data key.
  absl::StatusOr<std::string> Seal(const Caller& caller,
                                   const CatalogKey& catalog,
                                   absl::string_view kind, absl::string_view id,
                                   absl::string_view bytes) const;

  // Returns the bytes of an object that Seal gave for the same catalog, kind
  // and id. The settings may have changed since: an object that was sealed
  // needs kms:Decrypt on the key that sealed it, one that was not needs no key.
  //
  // Errors, in order of precedence:
  // - InternalServiceException with DETAIL_DATA_LOSS: `stored` is not the
  //   result of a Seal, or of a later version of this format;
  // - GlueEncryptionException: the key service refuses, also because the
  //   encrypted data key, its ARN or the catalog is another;
  // - InternalServiceException with DETAIL_DATA_LOSS: `stored` was changed, or
  //   sealed for another object.
  absl::StatusOr<Secret> Open(const Caller& caller, const CatalogKey& catalog,
                              absl::string_view kind, absl::string_view id,
                              absl::string_view stored) const;

 private:
  const v1::DataCatalogEncryptionSettings settings_;
  KeyService* const keys_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_CATALOG_SEALER_H_
