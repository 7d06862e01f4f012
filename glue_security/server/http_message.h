// HTTP requests and responses as values, without a socket.

#ifndef GLUE_SECURITY_SERVER_HTTP_MESSAGE_H_
#define GLUE_SECURITY_SERVER_HTTP_MESSAGE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace glue_security {

// A request as it came, borrowed from whoever read it.
struct HttpRequest {
  absl::string_view method;
  // The request target: path and query, as they were sent.
  absl::string_view target;
  // In the order in which they came; names in any case.
  std::vector<std::pair<absl::string_view, absl::string_view>> headers;
  absl::string_view body;
  // Tells connections apart, from 0 on.
  int connection = 0;

  // The value of the first header `name`, whose case does not matter; nullptr:
  // there is none.
  const absl::string_view* Find(absl::string_view name) const {
    for (const auto& [other, value] : headers) {
      if (absl::EqualsIgnoreCase(other, name)) return &value;
    }
    return nullptr;
  }
};

struct HttpResponse {
  int status = 200;
  // Besides Content-Length, Date and Connection, which the connection adds.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // It is sent so much later.
  absl::Duration delay = absl::ZeroDuration();
  // It is not sent: the connection ends instead.
  bool drop_connection = false;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_HTTP_MESSAGE_H_
