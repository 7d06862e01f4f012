// HttpBackend: a backend behind an HTTP endpoint that speaks AWS JSON 1.1, such
// as our server or another mock. Everything that takes a `Backend` (the testing
// kit's suites, a recorder, another server) can use it.
//
//   absl::StatusOr<std::unique_ptr<HttpBackend>> backend =
//       HttpBackend::Create("http://127.0.0.1:4566", {});
//   v1::Request request;
//   request.mutable_get_resource_policy();
//   const v1::Response response =
//       (*backend)->Execute({"123456789012", "us-east-1", ""}, request);
//
// An endpoint that cannot be reached gives an error, too, and it says that
// nothing was changed:
//
//   response.error();  // INTERNAL_SERVICE, NOT_APPLIED: "cannot connect to
//                      // 127.0.0.1:4566: Connection refused"
//
// An answer that is not of the API leaves the outcome of the call unknown:
//
//   response.error();  // OPERATION_TIMEOUT, OUTCOME_UNKNOWN: "HTTP status 502:
//                      // the body of an error is not a JSON object"
//
// It does not support TLS, and never sends a request twice.

#ifndef GLUE_SECURITY_CLIENT_HTTP_BACKEND_H_
#define GLUE_SECURITY_CLIENT_HTTP_BACKEND_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/clock.h"
#include "glue_security/client/http_client.h"
#include "glue_security/client/http_endpoint.h"
#include "glue_security/http/credentials.h"
#include "glue_security/model/caller.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// How an endpoint learns the account of a caller.
enum class AccountSentAs {
  // The access key id, as most mocks expect. A `credential` replaces it.
  kAccessKeyId,
  // The value of the header `HttpBackendOptions::account_header`.
  kHeader,
  // It does not learn it: all callers have the endpoint's own account.
  kNothing,
};

struct HttpBackendOptions {
  // When set, calls are signed with it, and the endpoint derives the account
  // from it. When absent, the access key id is the caller's account or, where
  // that is sent otherwise, "test", and the signature is a dummy.
  std::optional<Credential> credential;
  AccountSentAs account = AccountSentAs::kAccessKeyId;
  // The name of the header with the account, as "x-moto-account-id". Not used
  // unless `account` is kHeader.
  std::string account_header;
  // Further headers of every call, name and value. They are not signed.
  std::vector<std::pair<std::string, std::string>> headers;
  // Bounds a whole call: connecting, sending and receiving the answer together.
  // At zero or less, nothing is sent. The time of the system's resolver, for a
  // host that is a name, is not bounded.
  absl::Duration timeout = absl::Seconds(60);
  // Bounds the body of one answer, in bytes. A larger answer leaves the outcome
  // unknown. The API's largest answer, a page, has a few megabytes.
  uint64_t answer_bytes_max = uint64_t{64} << 20;
  // Bounds the number of connections that are kept open for later calls.
  // Further connections are closed.
  size_t idle_connections_max = 64;
  // Not owned. Gives the time of signatures.
  Clock* clock = Clock::System();
};

// Thread-safe: each call has a connection of its own. A later call reuses it
// only when the answer was final, complete, readable, and followed by nothing,
// so that an answer never belongs to another call.
class HttpBackend : public Backend {
 public:
  // Does not connect yet. Errors, all kInvalidArgument, in this order:
  //
  //   the URL is not "http://HOST:PORT" (an IPv6 address is in brackets)
  //   the credential cannot be sent in a header: its access key id has a byte
  //     other than visible ASCII, a '/' or a ',', or its session token has a
  //     byte other than visible ASCII
  //   the name of a header (of `headers`, then `account_header`) is not an HTTP
  //     token, or is of a header that the client sends itself: Host,
  //     Connection, Content-…, Transfer-Encoding, Authorization, X-Amz-…
  //   its value has a byte other than visible ASCII, or a blank at an end
  static absl::StatusOr<std::unique_ptr<HttpBackend>> Create(
      absl::string_view url, HttpBackendOptions options);

  // Returns the endpoint's answer, after at most 100 interim answers (1xx). An
  // exception of the API counts as an answer when its status is 400 to 599; an
  // OPERATION_TIMEOUT gets the detail OUTCOME_UNKNOWN. `caller.principal_arn`
  // is not sent; violations and other details of an error are not received.
  // Errors besides the endpoint's own, in this order:
  //
  //   INVALID_INPUT      the request has no operation; nothing is sent
  //   INVALID_INPUT      the caller's region, or the account id if it is sent,
  //                      has a byte other than visible ASCII, a '/' or a ',',
  //                      so no header can hold it; nothing is sent
  //   INTERNAL_SERVICE   the endpoint cannot be connected to in time, or took
  //                      no byte of the request; detail NOT_APPLIED
  //   OPERATION_TIMEOUT  every other failure after a byte may have been sent;
  //                      detail OUTCOME_UNKNOWN
  //
  // The last one covers these cases: no complete answer comes in time; the
  // connection ends first, even a reused one; the answer is not HTTP, is too
  // large, or cannot be read; its status is not 200 and it has no exception of
  // the API (a proxy's 502, a ThrottlingException, an
  // InvalidSignatureException). A C++ exception, such as `bad_alloc`, ends the
  // call with one of the last two errors. Running out of memory inside protobuf
  // ends the process (docs/out_of_memory.md).
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override;

 private:
  HttpBackend(HttpEndpoint endpoint, HttpBackendOptions options);

  // Makes the call. Sets `*may_be_sent` before the first byte may be sent.
  v1::Response Call(const Caller& caller, const v1::Request& request,
                    bool* may_be_sent);

  const HttpBackendOptions options_;
  HttpClient client_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_CLIENT_HTTP_BACKEND_H_
