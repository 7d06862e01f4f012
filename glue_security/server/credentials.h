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

// Reads the shared credentials file that every AWS SDK reads, so that client
// and server can be given the same one:
//
//   [alice]
//   aws_access_key_id = AKIDEXAMPLE
//   aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
//   aws_session_token = ...
//   aws_account_id = 123456789012
//
// Of this project's own: `principal_arn` and `expiration` (RFC 3339). Other
// settings are ignored; lines that start with # or ; are comments.
//
// Errors: kInvalidArgument, with the number of the line, for a line that is no
// setting, a section without key or secret, a key that comes twice, or an
// expiration that is no time. The message quotes no secret.
absl::StatusOr<Credentials> ParseCredentials(absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_CREDENTIALS_H_
