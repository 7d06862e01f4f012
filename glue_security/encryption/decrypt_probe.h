// DecryptProbe: asks whether a key would decrypt for a caller, without a
// ciphertext of the key.
//
//   const auto answer =
//       key_service.Decrypt(caller, DecryptProbe(key, context));
//   IsRefusalOfProbe(std::get<KeyRefusal>(answer));  // true: it would decrypt

#ifndef GLUE_SECURITY_ENCRYPTION_DECRYPT_PROBE_H_
#define GLUE_SECURITY_ENCRYPTION_DECRYPT_PROBE_H_

#include <string>
#include <utility>
#include <variant>

#include "glue_security/model/key_call.h"

namespace glue_security {

// Returns a call without a genuine ciphertext. A key service looks at the
// ciphertext last (key_service.h), so that it refuses anything else first.
inline DecryptCall DecryptProbe(std::string key, EncryptionContext context) {
  return {"?", std::move(key), std::move(context), {}};
}

// Returns true when only the ciphertext was refused.
inline bool IsRefusalOfProbe(const KeyRefusal& refusal) {
  return refusal.code == "InvalidCiphertextException" ||
         refusal.code == "IncorrectKeyException";
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_DECRYPT_PROBE_H_
