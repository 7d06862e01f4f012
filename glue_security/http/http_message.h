// HTTP requests and responses as values, without a socket.

#ifndef GLUE_SECURITY_HTTP_HTTP_MESSAGE_H_
#define GLUE_SECURITY_HTTP_HTTP_MESSAGE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace glue_security {

// A request as it was received. It borrows its texts from the reader of the
// connection.
struct HttpRequest {
  absl::string_view method;
  // The request target: path and query, as they were sent.
  absl::string_view target;
  // In the order in which they came. The case of names is as it was sent.
  std::vector<std::pair<absl::string_view, absl::string_view>> headers;
  absl::string_view body;
  // The number of the connection, counted from 0.
  int connection = 0;

  // Returns the value of the first header `name`, or nullptr when there is
  // none. The case of `name` does not matter.
  const absl::string_view* Find(absl::string_view name) const {
    for (const auto& [other, value] : headers) {
      if (absl::EqualsIgnoreCase(other, name)) return &value;
    }
    return nullptr;
  }
};

struct HttpResponse {
  int status = 200;
  // The headers except Content-Length, Date and Connection, which the
  // connection adds.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // The answer is sent this much later.
  absl::Duration delay = absl::ZeroDuration();
  // The answer is not sent; the connection is closed instead.
  bool drop_connection = false;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_HTTP_MESSAGE_H_
