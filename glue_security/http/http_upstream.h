// The upstream of an HttpListener: another HTTP/1.1 endpoint, to which the
// listener passes requests on instead of giving them to its handler.
//
//   HttpListenerOptions options;
//   options.upstream.host = "127.0.0.1";
//   options.upstream.port = 5000;
//   options.pass_on = [](const HttpRequest& head) {
//     return absl::StartsWith(head.target, "/theirs/")
//                ? std::make_unique<Passed>()
//                : nullptr;  // the handler answers it
//   };
//
// When nothing listens there, the client gets what `Passed::Fail` makes of
//
//   502, "cannot connect to the upstream http://127.0.0.1:5000: Connection
//   refused"

#ifndef GLUE_SECURITY_HTTP_HTTP_UPSTREAM_H_
#define GLUE_SECURITY_HTTP_HTTP_UPSTREAM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/http/http_message.h"

namespace glue_security {

struct HttpUpstreamOptions {
  // A name, an IPv4 address, or an IPv6 address without brackets. Empty: there
  // is no upstream. A name is resolved for each new connection.
  std::string host;
  uint16_t port = 80;
  // Bounds the connections to the upstream, idle ones included. Divided evenly
  // among the threads of the listener, at least one each. A request for which
  // there is none waits for one.
  size_t connections_max = 256;
  // How long a request may wait for a connection: for its turn, the resolver
  // and the system. It is then answered 504.
  absl::Duration connect_timeout = absl::Seconds(5);
  // How long the upstream may neither take nor send a byte. The request is then
  // answered 504, or cut off when its answer has begun.
  absl::Duration idle_timeout = absl::Minutes(2);
  // How long a connection is kept for a further request.
  absl::Duration keep_alive = absl::Seconds(4);
  // A larger header of an answer, or one with more than 256 fields, is answered
  // 502.
  size_t header_bytes_max = size_t{64} * 1024;
};

// One request that is passed on. Its methods are called on the thread of its
// connection, and must not wait.
class HttpPassedRequest {
 public:
  virtual ~HttpPassedRequest() = default;

  // Makes the answer to the client when the upstream gives none. `status` is
  //
  //   502  it cannot be connected to, ends before it answers, or what it sends
  //        is not HTTP or too large
  //   504  it is late
  //   508  the request has come through this listener before
  //
  // `reason` is a text without a line end.
  virtual HttpResponse Fail(int status, absl::string_view reason) = 0;

  // Called once, at the end. `status` is that of the answer, 0 when there was
  // none; `is_whole` is false when the answer was cut off, by the client, the
  // upstream or a timeout; `has_failed` is true when `Fail` made the answer.
  // Must not throw.
  virtual void End(int status, bool is_whole, bool has_failed) = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_HTTP_UPSTREAM_H_
