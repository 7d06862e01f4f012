// The operations of KMS that are known on the wire.

#ifndef GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_OPERATION_H_
#define GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_OPERATION_H_

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"

namespace glue_security {

enum class KmsOperation {
  kCreateKey,
  kDescribeKey,
  kCreateAlias,
  kListAliases,
  kEncrypt,
  kDecrypt,
  kGenerateDataKey,
  kEnableKey,
  kDisableKey,
  kScheduleKeyDeletion,
  kCancelKeyDeletion,
  kPutKeyPolicy,
  kGetKeyPolicy,
  kCreateGrant,
  kRevokeGrant,
  kListGrants,
};
inline constexpr size_t kKmsOperations = 16;

// Precedes the operation in the header X-Amz-Target.
inline constexpr char kKmsTargetPrefix[] = "TrentService.";

// Returns "CreateKey".
absl::string_view KmsOperationName(KmsOperation operation);

// Returns the operation with the name; nullopt when there is none.
std::optional<KmsOperation> FindKmsOperation(absl::string_view name);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_OPERATION_H_
