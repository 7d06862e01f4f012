// Credentials: the access keys that a server knows.

#ifndef GLUE_SECURITY_HTTP_CREDENTIALS_H_
#define GLUE_SECURITY_HTTP_CREDENTIALS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace glue_security {

struct Credential {
  std::string access_key_id;
  std::string secret_access_key;
  // Empty when the key is used without one.
  std::string session_token;
  // When empty, the account is the access key id if that has 12 digits, else
  // the server's default.
  std::string account_id;
  // Empty when unknown.
  std::string principal_arn;
  // The time at which the session token expires; infinite for never.
  absl::Time expiration = absl::InfiniteFuture();
  // The ARN of a session's role, and the unique id of the user or role; empty
  // when unknown (see Caller).
  std::string principal_role_arn = {};
  std::string principal_id = {};
  // The decision of the identity policies of the principal: "allow",
  // "implicit_deny", or the name of a file with a policy. Empty: "allow".
  std::string identity_policies = {};
};

// Credentials by access key id.
using Credentials = std::map<std::string, Credential>;

// Parses the shared credentials file, or the config file, that every AWS SDK
// reads, so that client and server can use the same file:
//
//   [alice]
//   aws_access_key_id = AKIDEXAMPLE
//   aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
//   aws_session_token = ...
//   aws_account_id = 123456789012
//
// This project adds the settings `principal_arn`, `principal_role_arn` (of a
// session's role), `principal_id` (the unique id of a user, or of a session's
// role), `identity_policies` and `expiration` (RFC 3339, or "2019-09-01
// 00:00:00" in UTC).
//
// The file is read as botocore reads it; where botocore refuses a file that
// other SDKs accept, it is read as they read it. The case of setting names does
// not matter. `aws_security_token` is the old name of the session token. A name
// is followed by `=` or `:`. A line that is indented deeper than the setting
// above it belongs to that setting. Lines that start with # or ; are comments,
// and so is the rest of a line after a blank and # or ;. A byte order mark and
// CR at the ends of lines are ignored. A repeated section continues the first.
// Other settings, and sections without a key or without its secret (`role_arn`,
// `sso_session`, `credential_process`), are ignored.
//
// Errors: kInvalidArgument. With the number of the line: the first line that is
// not a setting or is outside of a section, a section header that is not
// closed, an expiration that is not a time, or a key that has another secret,
// token, expiration, account or principal in another section. Without a line
// number: no section has a key and its secret. The message quotes no secret.
absl::StatusOr<Credentials> ParseCredentials(absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_CREDENTIALS_H_
