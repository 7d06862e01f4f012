// The error of an operation whose key call was refused.

#ifndef GLUE_SECURITY_ENCRYPTION_KEY_REFUSAL_H_
#define GLUE_SECURITY_ENCRYPTION_KEY_REFUSAL_H_

#include <string>

#include "glue_security/model/key_call.h"
#include "glue_security/v1/error.pb.h"

namespace glue_security {

// Returns the text in which the service reports a refusal of its key service,
// as in
//
//   KEYARN is disabled. (Service: AWSKMS; Status Code: 400; Error Code:
//   DisabledException; Request ID: UUID; Proxy: null)
//
// on one line. It starts with "null" where the refusal has no message.
std::string KeyRefusalText(const KeyRefusal& refusal);

// Returns the GlueEncryptionException with that text.
v1::Error GlueEncryptionError(const KeyRefusal& refusal);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEY_REFUSAL_H_
