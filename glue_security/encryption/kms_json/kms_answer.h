// The answers of KMS's JSON protocol: a `LocalKms` answers a decoded request.
//
//   LocalKms kms;
//   auto decoded = DecodeKmsRequest(target, body);
//   const WireResponse answer =
//       std::holds_alternative<KeyRefusal>(decoded)
//           ? EncodeKmsRefusal(std::get<KeyRefusal>(decoded))
//           : AnswerKmsRequest(&kms, caller, std::get<KmsRequest>(decoded));
//
// A refusal is an answer, too:
//
//   // 400 {"__type":"NotFoundException","message":"Key 'arn:…' does not
//   exist"}

#ifndef GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_ANSWER_H_
#define GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_ANSWER_H_

#include "glue_security/aws_json/wire_response.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/kms_json/kms_request.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

// Makes the call on `kms` and encodes its answer. The body of an operation
// without a result is empty.
//
// Refusals besides those of `LocalKms`: required members that are not given,
// and illegal texts of members that `LocalKms` does not have, are among the
// broken constraints. Then, before the key is looked for:
//
//   ValidationException          GenerateDataKey with both or neither of
//                                KeySpec and NumberOfBytes; CreateKey with both
//                                of KeySpec and CustomerMasterKeySpec
//   UnsupportedOperationException  a member asks for what LocalKms does not
//                                have: Recipient, MultiRegion, an Origin other
//                                than AWS_KMS, XksKeyId; DryRun of CreateGrant
//                                and RevokeGrant
//   CustomKeyStoreNotFoundException  CustomKeyStoreId
//
// and, where the call would succeed:
//
//   InvalidKeyUsageException     an EncryptionAlgorithm that is not that of
//                                symmetric keys
//   DryRunOperationException     DryRun
WireResponse AnswerKmsRequest(LocalKms* kms, const KeyCaller& caller,
                              const KmsRequest& request);

// Encodes a refusal: status 500 for DependencyTimeoutException,
// KMSInternalException and KeyUnavailableException, 400 for every other;
// `__type` and, where the refusal has a text, `message`.
WireResponse EncodeKmsRefusal(const KeyRefusal& refusal);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_ANSWER_H_
