// The access keys that a server knows.

#ifndef GLUE_SECURITY_SERVER_CREDENTIALS_H_
#define GLUE_SECURITY_SERVER_CREDENTIALS_H_

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
  // Empty: the key is used without one.
  std::string session_token;
  // Empty: the server's default account, or the key itself where it has 12
  // digits.
  std::string account_id;
  // Empty: not known.
  std::string principal_arn;
  // Infinite: the session token does not expire.
  absl::Time expiration = absl::InfiniteFuture();
};

// By access key id.
using Credentials = std::map<std::string, Credential>;

// Reads the shared credentials file, or the config file, that every AWS SDK
// reads, so that client and server can be given the same one:
//
//   [alice]
//   aws_access_key_id = AKIDEXAMPLE
//   aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
//   aws_session_token = ...
//   aws_account_id = 123456789012
//
// Of this project's own: `principal_arn` and `expiration` (RFC 3339, or
// "2019-09-01 00:00:00" in UTC).
//
// The file is read as botocore reads it, and where that refuses what other SDKs
// read, as they do. Names of settings are in any case; `aws_security_token` is
// the session token's old name; `=` or `:` stands behind a name. A line that is
// indented deeper than the setting above it belongs to that setting. Lines that
// start with # or ; are comments, and so is what follows a blank and # or ;. A
// byte order mark and CR at the ends of lines are ignored. A section that comes
// again goes on. Other settings, and sections without a key or without its
// secret (`role_arn`, `sso_session`, `credential_process`), are passed over.
//
// Errors: kInvalidArgument, with the number of the line, for the first line
// that is no setting or stands in no section, a section that is not closed, an
// expiration that is no time, or a key that has another secret, token, account
// or ARN in another section; without one where no section has a key and its
// secret. The message quotes no secret.
absl::StatusOr<Credentials> ParseCredentials(absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_CREDENTIALS_H_
