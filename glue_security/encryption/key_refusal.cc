#include "glue_security/encryption/key_refusal.h"

#include "absl/strings/str_cat.h"
#include "glue_security/model/error.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {

std::string KeyRefusalText(const KeyRefusal& refusal) {
  return absl::StrCat(refusal.message.has_value() ? *refusal.message : "null",
                      " (Service: AWSKMS; Status Code: ", refusal.http_status,
                      "; Error Code: ", refusal.code,
                      "; Request ID: ", refusal.request_id, "; Proxy: null)");
}

v1::Error GlueEncryptionError(const KeyRefusal& refusal) {
  return MakeError(v1::ERROR_CODE_GLUE_ENCRYPTION, KeyRefusalText(refusal));
}

}  // namespace glue_security
