#include "benchmarks/http_request.h"

#include "absl/strings/str_cat.h"
#include "glue_security/aws_json/codec.h"

namespace glue_security {

std::string HttpOf(const v1::Request& request, absl::string_view account_id) {
  const WireRequest wire = EncodeRequest(request);
  return absl::StrCat(
      "POST / HTTP/1.1\r\nHost: 127.0.0.1:4566\r\nAccept-Encoding: identity\r\n"
      "X-Amz-Target: ",
      wire.target,
      "\r\nContent-Type: application/x-amz-json-1.1\r\n"
      "User-Agent: Boto3/1.26.27 Python/3.11.2 Linux/6.1.0 Botocore/1.29.27\r\n"
      "X-Amz-Date: 20261125T120000Z\r\n"
      "Authorization: AWS4-HMAC-SHA256 Credential=",
      account_id,
      "/20261125/us-east-1/glue/aws4_request, "
      "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=",
      std::string(64, 'a'),
      "\r\namz-sdk-invocation-id: 1d2e7b50-55c5-4ce1-8a4b-8a1d4a5c9c3f\r\n"
      "amz-sdk-request: attempt=1\r\nContent-Length: ",
      wire.body.size(), "\r\n\r\n", wire.body);
}

}  // namespace glue_security
