#include "glue_security/encryption/kms_json/kms_operation.h"

namespace glue_security {
namespace {

// In the order of the enumeration.
constexpr absl::string_view kNames[kKmsOperations] = {
    "CreateKey",           "DescribeKey",       "CreateAlias",
    "ListAliases",         "Encrypt",           "Decrypt",
    "GenerateDataKey",     "EnableKey",         "DisableKey",
    "ScheduleKeyDeletion", "CancelKeyDeletion", "PutKeyPolicy",
    "GetKeyPolicy",        "CreateGrant",       "RevokeGrant",
    "ListGrants",
};

}  // namespace

absl::string_view KmsOperationName(KmsOperation operation) {
  return kNames[static_cast<size_t>(operation)];
}

std::optional<KmsOperation> FindKmsOperation(absl::string_view name) {
  for (size_t i = 0; i < kKmsOperations; ++i) {
    const auto operation = static_cast<KmsOperation>(i);
    if (KmsOperationName(operation) == name) return operation;
  }
  return std::nullopt;
}

}  // namespace glue_security
