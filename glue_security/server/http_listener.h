// HttpListener: HTTP/1.1 on a socket, for handlers that take no time: they run
// on the connection's own thread. Boost.Beast reads and writes; this class
// keeps the connections within their bounds.

#ifndef GLUE_SECURITY_SERVER_HTTP_LISTENER_H_
#define GLUE_SECURITY_SERVER_HTTP_LISTENER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glue_security/server/http_message.h"

namespace glue_security {

struct HttpListenerOptions {
  // An address of this machine, IPv4 or IPv6. The default is reachable from
  // this machine only.
  std::string address = "127.0.0.1";
  // 0: the system picks one.
  uint16_t port = 0;
  // Threads that serve; each connection stays with one.
  int threads = 2;
  // Shared out evenly among the threads, at least one each. Beyond its share
  // the connection of a thread that has been idle longest is closed for a new
  // one; where none is idle, the new one is answered 503 and closed.
  size_t connections_max = 12'000;
  // A larger header is answered 431, a larger body 413, both as soon as that is
  // known, and the connection closed.
  size_t header_bytes_max = size_t{16} * 1024;
  size_t body_bytes_max = size_t{2} * 1024 * 1024;
  // How long a connection may be idle; take for a header, for a body, and for
  // the peer to read an answer. Then it is closed.
  absl::Duration idle_timeout = absl::Minutes(2);
  absl::Duration header_timeout = absl::Seconds(10);
  absl::Duration body_timeout = absl::Seconds(30);
  absl::Duration write_timeout = absl::Seconds(30);
  // `Stop` waits so long for requests on idle connections that are on their
  // way, and so long for everything.
  absl::Duration drain_idle = absl::Milliseconds(500);
  absl::Duration drain_max = absl::Seconds(10);
};

// Requests of one connection are answered in order, pipelined ones included. A
// request that can be read in two ways (two lengths, a length and chunks, a
// coding that is not chunked) is answered 400 and the connection closed.
class HttpListener {
 public:
  // Called from several threads at once.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Listens when it returns. Errors: kInvalidArgument for an address that is
  // none; kUnavailable, with the system's reason, where nothing can listen.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Start(
      const HttpListenerOptions& options, Handler handler);

  // Stops.
  ~HttpListener();

  uint16_t port() const;

  // Answers every request that has been sent, the last one of each connection
  // with `Connection: close`, and accepts no more. Returns when that is done or
  // `drain_max` is over.
  // Repeated calls only wait for the first. Not from a handler.
  void Stop();

  // Connections that are open now.
  size_t connections() const;

 private:
  class Impl;

  explicit HttpListener(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_HTTP_LISTENER_H_
