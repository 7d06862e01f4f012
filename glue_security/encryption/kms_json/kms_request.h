// KmsRequest: a request of KMS's JSON protocol, decoded.
//
//   auto decoded = DecodeKmsRequest("TrentService.DescribeKey",
//                                   R"({"KeyId": "alias/orders"})");
//   std::get<KmsRequest>(decoded).members.key_id;  // "alias/orders"
//
// A value of another type than its member's is refused:
//
//   DecodeKmsRequest("TrentService.DescribeKey", R"({"KeyId": 1})");
//       // SerializationException: "NUMBER_VALUE can not be converted to a
//       // String"

#ifndef GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_REQUEST_H_
#define GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/secret.h"

namespace glue_security {

// The members of all operations, named as in KMS's model; absent where the
// request does not give them, or gives null. Only those of the request's
// operation can be present.
struct KmsMembers {
  std::optional<std::string> alias_name;
  std::optional<bool> bypass_policy_lockout_safety_check;
  std::optional<Secret> ciphertext_blob;
  std::optional<bool> constraints;
  std::optional<EncryptionContext> constraints_equals;
  std::optional<EncryptionContext> constraints_subset;
  std::optional<std::string> custom_key_store_id;
  std::optional<std::string> customer_master_key_spec;
  std::optional<std::string> description;
  std::optional<bool> dry_run;
  std::optional<std::string> encryption_algorithm;
  std::optional<EncryptionContext> encryption_context;
  std::optional<std::string> grant_id;
  std::optional<std::vector<std::string>> grant_tokens;
  std::optional<std::string> grantee_principal;
  std::optional<std::string> key_id;
  std::optional<std::string> key_spec;
  std::optional<std::string> key_usage;
  std::optional<int64_t> limit;
  std::optional<std::string> marker;
  std::optional<bool> multi_region;
  std::optional<std::string> name;
  std::optional<int64_t> number_of_bytes;
  std::optional<std::vector<std::string>> operations;
  std::optional<std::string> origin;
  std::optional<int64_t> pending_window_in_days;
  std::optional<Secret> plaintext;
  std::optional<std::string> policy;
  std::optional<std::string> policy_name;
  // Present when the request has the structure, whatever is in it.
  std::optional<bool> recipient;
  std::optional<std::string> retiring_principal;
  std::optional<std::string> target_key_id;
  std::optional<std::string> xks_key_id;
};

struct KmsRequest {
  KmsOperation operation = KmsOperation::kCreateKey;
  KmsMembers members;
};

// The largest body of a request. The longest member, a policy of 131,072
// characters, takes less in any spelling.
inline constexpr size_t kKmsRequestBytesMax = size_t{1} << 20;

// Returns the request in `body`. `target` is the value of the header
// X-Amz-Target. Unknown members are ignored. When a member is repeated, the
// last one counts. A number is truncated, and reduced to 32 bits. Nothing of
// the body stays in memory but in the result.
//
// Refusals, in order of precedence, without a request id:
//
//   ValidationException        the body has more than `kKmsRequestBytesMax`
//   SerializationException     the body is not a JSON object, or nests deeper
//                              than 1000
//   UnknownOperationException  the target names no operation that is known
//   SerializationException     a value has the wrong type for its member, or is
//                              not base64 where bytes are wanted; the first
//                              such place in the text
//
// Takes time linear in the size of the body.
std::variant<KmsRequest, KeyRefusal> DecodeKmsRequest(absl::string_view target,
                                                      absl::string_view body);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KMS_JSON_KMS_REQUEST_H_
