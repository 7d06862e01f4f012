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
// An endpoint that is not there is an answer, too, and one that says that
// nothing happened:
//
//   response.error();  // INTERNAL_SERVICE, NOT_APPLIED: "cannot connect to
//                      // 127.0.0.1:4566: Connection refused"
//
// An answer that is not the API's is not taken for one. Nobody knows what
// became of this call:
//
//   response.error();  // OPERATION_TIMEOUT, OUTCOME_UNKNOWN: "HTTP status 502:
//                      // the body of an error is not a JSON object"
//
// It speaks no TLS, and never sends a request twice.

#ifndef GLUE_SECURITY_SERVER_HTTP_BACKEND_H_
#define GLUE_SECURITY_SERVER_HTTP_BACKEND_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

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
  // Bounds a whole call: connecting, sending, and all of the answer together,
  // however slowly the bytes trickle. With zero or less nothing is sent. The
  // system's resolver alone takes a time of its own, for a host that is a name.
  absl::Duration timeout = absl::Seconds(60);
  // Bounds the body of one answer, in bytes. A larger answer leaves the outcome
  // unknown. The API's largest, a page, has at most some megabytes.
  uint64_t answer_bytes_max = uint64_t{64} << 20;
  // Bounds the number of connections that wait open for later calls. More than
  // these are closed.
  size_t idle_connections_max = 64;
  // Not owned. The time of signatures.
  Clock* clock = Clock::System();
};

// Thread-safe: each call has a connection of its own. A later call uses it
// again only where the answer was final, complete, readable, and followed by
// nothing, so that an answer never belongs to another call.
class HttpBackend : public Backend {
 public:
  // Does not connect yet. Errors: kInvalidArgument for a URL that is not
  // "http://HOST:PORT" (an IPv6 address stands in brackets), then for a
  // credential that cannot stand in a header: its session token has a byte
  // other than visible ASCII, or its access key id one of those, a '/' or a
  // ','.
  static absl::StatusOr<std::unique_ptr<HttpBackend>> Create(
      absl::string_view url, HttpBackendOptions options);

  ~HttpBackend() override;

  // Returns the endpoint's answer, behind at most 100 interim ones (1xx). An
  // exception of the API is an answer where its status is 400 to 599; an
  // OPERATION_TIMEOUT has the detail OUTCOME_UNKNOWN. `caller.principal_arn`
  // stays here; violations and other details of an error stay there. Besides
  // the endpoint's own errors, in this order:
  //
  //   INVALID_INPUT      the request has no operation; nothing is sent
  //   INVALID_INPUT      the caller's region (or account id, where there is no
  //                      credential) has a byte other than visible ASCII, a '/'
  //                      or a ',': it cannot stand in a header; nothing is sent
  //   INTERNAL_SERVICE   the endpoint cannot be connected to in time, or took
  //                      no byte of the request; detail NOT_APPLIED
  //   OPERATION_TIMEOUT  anything else once a byte may have been sent; detail
  //                      OUTCOME_UNKNOWN
  //
  // The last is what becomes of a call when no whole answer comes in time; when
  // the connection ends first, one of an earlier call included; when the answer
  // is not HTTP, is too large, or cannot be read; and when it has a status
  // other than 200 without an exception of the API (a proxy's 502, a
  // ThrottlingException, an InvalidSignatureException). An exception of C++,
  // such as `bad_alloc`, ends the call with one of the last two errors; out of
  // memory inside protobuf, which does not survive it, ends the process.
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override;

 private:
  struct Connection;

  HttpBackend(std::string host, std::string port, HttpBackendOptions options);

  // The call itself; sets `*may_be_sent` before the first byte may go out.
  v1::Response Call(const Caller& caller, const v1::Request& request,
                    bool* may_be_sent);
  // A connection that is open; else why not.
  absl::StatusOr<std::unique_ptr<Connection>> Open(
      std::chrono::steady_clock::time_point deadline);
  std::unique_ptr<Connection> TakeIdle();
  void KeepIdle(std::unique_ptr<Connection> connection);

  const std::string host_;
  const std::string port_;
  const HttpBackendOptions options_;
  std::mutex mutex_;
  // A stack, linked so that keeping one needs no memory.
  std::unique_ptr<Connection> idle_;
  size_t idle_connections_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_HTTP_BACKEND_H_
