// The HTTP status of a refusal of KMS.

#ifndef GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_STATUS_H_
#define GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_STATUS_H_

#include "absl/strings/string_view.h"

namespace glue_security {

// Returns 500 for DependencyTimeoutException, KMSInternalException and
// KeyUnavailableException, 400 for every other exception.
inline int KmsStatusOf(absl::string_view code) {
  return code == "DependencyTimeoutException" ||
                 code == "KMSInternalException" ||
                 code == "KeyUnavailableException"
             ? 500
             : 400;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_STATUS_H_
