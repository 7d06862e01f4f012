// EndpointControl: calls the control endpoints of a mock: not its API, but the
// paths by which a test resets it or sets its clock.

#ifndef GLUE_SECURITY_TESTING_REMOTE_ENDPOINT_CONTROL_H_
#define GLUE_SECURITY_TESTING_REMOTE_ENDPOINT_CONTROL_H_

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/client/http_endpoint.h"

namespace glue_security {

// Thread-safe: one call is made at a time, and its connection is kept.
class EndpointControl {
 public:
  // Does not connect yet. Errors: kInvalidArgument for a URL that is not
  // "http://HOST:PORT". REQUIRES: the headers are legal in HTTP.
  static absl::StatusOr<std::unique_ptr<EndpointControl>> Create(
      absl::string_view url,
      std::vector<std::pair<std::string, std::string>> headers,
      absl::Duration timeout);

  ~EndpointControl();

  // Returns true for a path that a request can carry: it begins with a slash
  // and has visible ASCII only.
  static bool IsPath(absl::string_view path);

  // Sends `body`, which is JSON or empty. When a kept connection has ended, the
  // request is sent again on a new one. Errors, which name the request:
  //
  //   kUnavailable        the endpoint cannot be connected to, or gives no
  //                       answer in time
  //   kFailedPrecondition the status of the answer is not 200 to 299
  //
  // REQUIRES: IsPath(path).
  absl::Status Send(absl::string_view method, absl::string_view path,
                    absl::string_view body);

 private:
  struct Connection;

  EndpointControl(HttpEndpoint endpoint,
                  std::vector<std::pair<std::string, std::string>> headers,
                  absl::Duration timeout);

  absl::Status TrySend(absl::string_view method, absl::string_view path,
                       absl::string_view body);

  const HttpEndpoint endpoint_;
  const std::vector<std::pair<std::string, std::string>> headers_;
  const absl::Duration timeout_;
  std::mutex mutex_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_REMOTE_ENDPOINT_CONTROL_H_
