// HttpEndpoint: the host and port of a URL.

#ifndef GLUE_SECURITY_CLIENT_HTTP_ENDPOINT_H_
#define GLUE_SECURITY_CLIENT_HTTP_ENDPOINT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace glue_security {

struct HttpEndpoint {
  // A name, an IPv4 address, or an IPv6 address in brackets.
  std::string host;
  // A number from 1 to 65535.
  std::string port;

  // Returns the host for a resolver: an IPv6 address without its brackets.
  std::string address() const;
};

// Parses "http://HOST:PORT", with or without a slash at the end. Errors:
// kInvalidArgument.
absl::StatusOr<HttpEndpoint> ParseHttpEndpoint(absl::string_view url);

}  // namespace glue_security

#endif  // GLUE_SECURITY_CLIENT_HTTP_ENDPOINT_H_
