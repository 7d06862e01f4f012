// KeyService: a key management service, as `CatalogSealer` uses it. `LocalKms`
// (local_kms.h) is one in the process.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_KEY_SERVICE_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_KEY_SERVICE_H_

#include "glue_security/model/key_call.h"

namespace glue_security {

// Implementations are thread-safe. A refusal is a value and changes nothing; a
// call changes no key either way, so that one without an answer may be made
// again. What is not reached in time is refused with
// DependencyTimeoutException. An implementation that throws ends the operation
// that asked it with InternalServiceException.
//
// Refusals, in order of precedence: a broken constraint (ValidationException);
// the key is not found (NotFoundException, InvalidArnException) or the grant
// token is not valid (InvalidGrantTokenException); access
// (AccessDeniedException); the key's state (DisabledException,
// KMSInvalidStateException, KeyUnavailableException); the key is not that of
// the ciphertext (IncorrectKeyException); its usage
// (InvalidKeyUsageException); the ciphertext is damaged or has another context
// (InvalidCiphertextException, without a message). Others may come at any
// time: LimitExceededException, DependencyTimeoutException,
// KMSInternalException.
class KeyService {
 public:
  virtual ~KeyService() = default;

  virtual KeyAnswerOf<EncryptResult> Encrypt(const KeyCaller& caller,
                                             const EncryptCall& call) = 0;
  virtual KeyAnswerOf<DecryptResult> Decrypt(const KeyCaller& caller,
                                             const DecryptCall& call) = 0;
  virtual KeyAnswerOf<GenerateDataKeyResult> GenerateDataKey(
      const KeyCaller& caller, const GenerateDataKeyCall& call) = 0;
  virtual KeyAnswerOf<DescribeKeyResult> DescribeKey(
      const KeyCaller& caller, const DescribeKeyCall& call) = 0;

  // Makes the call that `call` holds.
  KeyAnswer Answer(const KeyCall& call);
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_KEY_SERVICE_H_
