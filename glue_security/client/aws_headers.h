// AwsHeaders: the headers of a call in AWS JSON 1.1, with its signature.

#ifndef GLUE_SECURITY_CLIENT_AWS_HEADERS_H_
#define GLUE_SECURITY_CLIENT_AWS_HEADERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/client/http_client.h"
#include "glue_security/http/credentials.h"

namespace glue_security {

// A call of `POST /`; the texts are borrowed.
struct AwsCall {
  // The service and the region of the credential scope: "glue", "us-east-1".
  absl::string_view service;
  absl::string_view region;
  // The value of the header Host.
  absl::string_view host;
  // The value of X-Amz-Target.
  absl::string_view target;
  absl::string_view body;
  absl::Time time;
  // Null: the call is not really signed. Its access key id is `access_key_id`,
  // and its signature a dummy.
  const Credential* credential = nullptr;
  absl::string_view access_key_id = {};
};

// Returns Host, Content-Type, X-Amz-Date, X-Amz-Target, X-Amz-Security-Token if
// the credential has one, and Authorization.
HttpHeaders AwsHeaders(const AwsCall& call);

// Returns true for a text that any header can hold unchanged.
bool IsHeaderText(absl::string_view text);

// Returns true for a text that can be a part of a credential scope.
bool IsScopeText(absl::string_view text);

// Returns kInvalidArgument for a credential that cannot be sent in a header:
// its access key id has a byte other than visible ASCII, a '/' or a ',', or its
// session token has a byte other than visible ASCII.
absl::Status CheckCredential(const Credential& credential);

}  // namespace glue_security

#endif  // GLUE_SECURITY_CLIENT_AWS_HEADERS_H_
