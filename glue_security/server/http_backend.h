// HttpBackend: a backend that is somewhere else, behind an endpoint that speaks
// AWS JSON 1.1: our server, or somebody's mock. Whatever takes a `Backend` (the
// testing kit's suites, a recorder, another server) can be pointed at it.
//
//   absl::StatusOr<std::unique_ptr<HttpBackend>> backend =
//       HttpBackend::Create("http://127.0.0.1:4566", {});
//   v1::Request request;
//   request.mutable_get_resource_policy();
//   const v1::Response response =
//       (*backend)->Execute({"123456789012", "us-east-1", ""}, request);
//
// An endpoint that is not there is an answer, too:
//
//   response.error();  // INTERNAL_SERVICE: "cannot connect to 127.0.0.1:4566:
//                      // Connection refused"
//
// It speaks no TLS, and does not try again.

#ifndef GLUE_SECURITY_SERVER_HTTP_BACKEND_H_
#define GLUE_SECURITY_SERVER_HTTP_BACKEND_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/clock.h"
#include "glue_security/model/caller.h"
#include "glue_security/server/credentials.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

struct HttpBackendOptions {
  // Set: calls are signed with it, and the endpoint tells the account by it.
  // Absent: the access key id is the caller's account, which is how mocks are
  // told one, and the signature says nothing.
  std::optional<Credential> credential;
  // For each of connecting, sending, and the answer. The system resolves a name
  // in its own time.
  absl::Duration timeout = absl::Seconds(60);
  // Not owned. The time of signatures.
  Clock* clock = Clock::System();
};

// Thread-safe: each call has a connection of its own, which the next one uses
// again.
class HttpBackend : public Backend {
 public:
  // Does not connect yet. Errors: kInvalidArgument for what is not
  // "http://HOST:PORT".
  static absl::StatusOr<std::unique_ptr<HttpBackend>> Create(
      absl::string_view url, HttpBackendOptions options);

  ~HttpBackend() override;

  // The endpoint's answer. `caller.principal_arn` stays here, and so do the
  // violations of an error there. Besides the endpoint's own errors, in this
  // order:
  //
  //   INVALID_INPUT      no operation; nothing is sent
  //   INTERNAL_SERVICE   it cannot be connected to; nothing was sent
  //   OPERATION_TIMEOUT  no whole answer came in time; what became of the call
  //                      is not known
  //   INTERNAL_SERVICE   the answer cannot be read, or is an exception that the
  //                      API does not have; the message has its text
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override;

 private:
  struct Connection;

  HttpBackend(std::string host, std::string port, HttpBackendOptions options);

  // A connection that is open; else why not.
  absl::StatusOr<std::unique_ptr<Connection>> Open();
  std::unique_ptr<Connection> TakeIdle();

  const std::string host_;
  const std::string port_;
  const HttpBackendOptions options_;
  std::mutex mutex_;
  // The last is the one that was used last.
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_HTTP_BACKEND_H_
