#include "glue_security/client/aws_headers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/http/http_message.h"
#include "glue_security/http/sigv4.h"

namespace glue_security {
namespace {

// Returns the value of the header Authorization.
std::string Authorize(const AwsCall& call, const HttpHeaders& headers,
                      absl::string_view time) {
  SignatureHeader header;
  header.access_key_id = call.access_key_id;
  header.date = time.substr(0, 8);
  header.region = call.region;
  header.service = call.service;
  header.signed_headers = {"content-type", "host", "x-amz-date",
                           "x-amz-target"};
  std::string signature(64, '0');
  if (const Credential* const credential = call.credential) {
    header.access_key_id = credential->access_key_id;
    if (!credential->session_token.empty()) {
      header.signed_headers.insert(header.signed_headers.end() - 1,
                                   "x-amz-security-token");
    }
    HttpRequest request;
    request.method = "POST";
    request.target = "/";
    request.body = call.body;
    for (const auto& [name, value] : headers) {
      request.headers.emplace_back(name, value);
    }
    signature =
        Sign(credential->secret_access_key, header,
             StringToSign(header, time,
                          CanonicalRequest(request, header.signed_headers,
                                           /*normalize_path=*/true)));
  }
  header.signature = signature;
  return FormatSignatureHeader(header);
}

}  // namespace

HttpHeaders AwsHeaders(const AwsCall& call) {
  const std::string time =
      absl::FormatTime("%E4Y%m%dT%H%M%SZ", call.time, absl::UTCTimeZone());
  HttpHeaders headers = {{"Host", std::string(call.host)},
                         {"Content-Type", kAwsJsonContentType},
                         {"X-Amz-Date", time},
                         {"X-Amz-Target", std::string(call.target)}};
  if (call.credential != nullptr && !call.credential->session_token.empty()) {
    headers.emplace_back("X-Amz-Security-Token",
                         call.credential->session_token);
  }
  std::string authorization = Authorize(call, headers, time);
  headers.emplace_back("Authorization", std::move(authorization));
  return headers;
}

bool IsHeaderText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
}

bool IsScopeText(absl::string_view text) {
  return IsHeaderText(text) && text.find_first_of("/,") == text.npos;
}

absl::Status CheckCredential(const Credential& credential) {
  if (!IsScopeText(credential.access_key_id)) {
    return absl::InvalidArgumentError(
        "the access key id is not legal in a header");
  }
  if (!IsHeaderText(credential.session_token)) {
    return absl::InvalidArgumentError(
        "the session token is not legal in a header");
  }
  return absl::OkStatus();
}

}  // namespace glue_security
