// AWS Signature Version 4 on the server's side: finds the signer of a request
// and verifies the signature. The rules are in "Signature Version 4 signing
// process" of the AWS General Reference.

#ifndef GLUE_SECURITY_HTTP_SIGV4_H_
#define GLUE_SECURITY_HTTP_SIGV4_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/http/credentials.h"
#include "glue_security/http/http_message.h"

namespace glue_security {

// The parts of the header Authorization, borrowed from it.
struct SignatureHeader {
  absl::string_view access_key_id;
  // The credential scope: "20150830", "us-east-1", "glue".
  absl::string_view date;
  absl::string_view region;
  absl::string_view service;
  // The names of the signed headers, in lower case, in the order of the list.
  std::vector<absl::string_view> signed_headers;
  absl::string_view signature;
};

// The reason why the caller of a request could not be established.
struct SignatureError {
  // The exception: "InvalidSignatureException".
  std::string type;
  std::string message;
};

// Parses the header Authorization of `request`, to which the result refers.
// Errors, in order of precedence:
//
//   MissingAuthenticationTokenException  the header is missing or empty
//   IncompleteSignatureException         a part of it is missing
std::variant<SignatureHeader, SignatureError> ParseSignatureHeader(
    const HttpRequest& request);

// Returns the value of the header Authorization that has these parts.
std::string FormatSignatureHeader(const SignatureHeader& header);

// Returns the canonical request of `request`. `normalize_path` removes dots and
// repeated slashes from the path, as every service except S3 does.
std::string CanonicalRequest(
    const HttpRequest& request,
    const std::vector<absl::string_view>& signed_headers, bool normalize_path);

// Returns the string to sign. `time` is that of the request,
// "20150830T123600Z".
std::string StringToSign(const SignatureHeader& header, absl::string_view time,
                         absl::string_view canonical_request);

// Returns the signature in hexadecimal.
std::string Sign(absl::string_view secret_access_key,
                 const SignatureHeader& header,
                 absl::string_view string_to_sign);

// Checks the signature of `request`, which must be for `service`, at the time
// `now`. Returns the credential of the signer, or the first of these
// errors:
//
//   IncompleteSignatureException         the request's time is missing; or a
//                                        header is signed twice, or not and
//                                        must be
//   UnrecognizedClientException          unknown access key, or not the key's
//                                        session token
//   InvalidSignatureException            the credential scope does not fit the
//                                        request, its time is more than 5
//                                        minutes from `now`, or the signature
//                                        is wrong
//   ExpiredTokenException                the key's session token has expired
//
// The signature is compared in constant time.
// REQUIRES: `header` is that of `request`; `credentials` outlives the result.
std::variant<const Credential*, SignatureError> VerifySignature(
    const HttpRequest& request, const SignatureHeader& header,
    const Credentials& credentials, absl::Time now,
    absl::string_view service = "glue");

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_SIGV4_H_
