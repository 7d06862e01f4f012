// HopByHop: the headers of a message that concern one connection only, and that
// an intermediary does not pass on (RFC 9110, section 7.6.1).

#ifndef GLUE_SECURITY_HTTP_HOP_BY_HOP_H_
#define GLUE_SECURITY_HTTP_HOP_BY_HOP_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace glue_security {

class HopByHop {
 public:
  // Adds the names in one value of the header Connection.
  void AddConnection(absl::string_view value);

  // Returns true for Connection and the names in it, Keep-Alive, TE, Trailer,
  // Transfer-Encoding, Upgrade, and each name that begins with "Proxy-". The
  // case of `name` does not matter. False for Host and Content-Length even when
  // Connection names them: without them the message would be another one.
  // REQUIRES: `Sort` was called after the last `AddConnection`.
  bool Contains(absl::string_view name) const;

  void Sort();

 private:
  // In lower case.
  std::vector<std::string> named_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_HOP_BY_HOP_H_
