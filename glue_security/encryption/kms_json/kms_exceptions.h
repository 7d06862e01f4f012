// The exceptions of KMS.

#ifndef GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_EXCEPTIONS_H_
#define GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_EXCEPTIONS_H_

#include "absl/strings/string_view.h"

namespace glue_security {

// The exceptions of the operations that are known on the wire.
inline constexpr const char* kKmsExceptions[] = {
    "AccessDeniedException",
    "AlreadyExistsException",
    "CustomKeyStoreNotFoundException",
    "DependencyTimeoutException",
    "DisabledException",
    "DryRunOperationException",
    "IncorrectKeyException",
    "InvalidAliasNameException",
    "InvalidArnException",
    "InvalidCiphertextException",
    "InvalidGrantIdException",
    "InvalidGrantTokenException",
    "InvalidKeyUsageException",
    "InvalidMarkerException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "KeyUnavailableException",
    "LimitExceededException",
    "MalformedPolicyDocumentException",
    "NotAuthorizedException",
    "NotFoundException",
    "ThrottlingException",
    "UnsupportedOperationException",
    "ValidationException",
};

// Returns the HTTP status of an exception: 500 for DependencyTimeoutException,
// KMSInternalException and KeyUnavailableException, 400 for every other.
inline int KmsStatusOf(absl::string_view code) {
  return code == "DependencyTimeoutException" ||
                 code == "KMSInternalException" ||
                 code == "KeyUnavailableException"
             ? 500
             : 400;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_EXCEPTIONS_H_
