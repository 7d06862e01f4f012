// Parsing of request targets and values of Host (RFC 9112, section 3.2).

#ifndef GLUE_SECURITY_HTTP_HTTP_TARGET_H_
#define GLUE_SECURITY_HTTP_HTTP_TARGET_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace glue_security {

// A request target, borrowed from its text.
struct HttpTarget {
  // The path and query, in the origin form; or "*", for OPTIONS.
  absl::string_view path;
  // The host of the absolute form; empty in other forms.
  absl::string_view authority;
  // The absolute form had no path, so "/" belongs before `path`.
  bool lacks_slash = false;
};

// Parses a target. Returns nullopt for a character that no target has, a `%`
// without two hexadecimal digits, or a form that `method` does not have.
std::optional<HttpTarget> ParseTarget(absl::string_view method,
                                      absl::string_view target);

// Returns true when `host` is a name or an address, with or without a port, or
// is empty, as for a target that names no host.
bool IsHost(absl::string_view host);

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_HTTP_TARGET_H_
