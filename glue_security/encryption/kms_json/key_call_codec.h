// The client's side of KMS's JSON protocol: the calls of a `KeyService` to
// encode, their answers to decode.
//
//   const KmsWireRequest request = EncodeKeyCall(call);
//   ...  // send request.body with the header X-Amz-Target: request.target
//   auto answer = DecodeEncryptAnswer({200, "", body});
//
// An answer that is not KMS's is a refusal:
//
//   DecodeEncryptAnswer({502, "", "<html>"});
//       // KMSInternalException: "HTTP status 502: the answer is not one of
//       KMS"

#ifndef GLUE_SECURITY_ENCRYPTION_KMS_JSON_KEY_CALL_CODEC_H_
#define GLUE_SECURITY_ENCRYPTION_KMS_JSON_KEY_CALL_CODEC_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/wiped_text.h"

namespace glue_security {

struct KmsWireRequest {
  // The value of the header X-Amz-Target.
  std::string target;
  WipedText body;
};

KmsWireRequest EncodeKeyCall(const EncryptCall& call);
KmsWireRequest EncodeKeyCall(const DecryptCall& call);
// 32 bytes are asked for as KeySpec AES_256, others as NumberOfBytes.
KmsWireRequest EncodeKeyCall(const GenerateDataKeyCall& call);
KmsWireRequest EncodeKeyCall(const DescribeKeyCall& call);

// An answer as it was received; the texts are borrowed.
struct KmsWireAnswer {
  int http_status = 200;
  // The value of the header x-amzn-ErrorType; empty when there is none.
  absl::string_view error_type;
  absl::string_view body;
};

// Each function returns the result, or the refusal in an answer of status 400
// to 599: its code is the name of the exception without a namespace, at most
// 128 letters and digits; its text is cut to 16 KiB; it has no request id. What
// is neither is a KMSInternalException that says what is wrong, and quotes
// nothing of the answer: another status, a body that is not a JSON object or
// nests deeper than 100, a result without one of its members or with a data key
// of another size than `data_key_bytes`, a plaintext or ciphertext that is not
// base64 or longer than KMS's bounds.
KeyAnswerOf<EncryptResult> DecodeEncryptAnswer(const KmsWireAnswer& answer);
KeyAnswerOf<DecryptResult> DecodeDecryptAnswer(const KmsWireAnswer& answer);
KeyAnswerOf<GenerateDataKeyResult> DecodeGenerateDataKeyAnswer(
    const KmsWireAnswer& answer, size_t data_key_bytes);
// A key in a state that `KeyState` does not have is disabled, or pending
// deletion for PendingReplicaDeletion, or enabled for Updating. A spec that is
// neither symmetric, RSA nor HMAC counts as KeyKind::kEcc.
KeyAnswerOf<DescribeKeyResult> DecodeDescribeKeyAnswer(
    const KmsWireAnswer& answer);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KMS_JSON_KEY_CALL_CODEC_H_
