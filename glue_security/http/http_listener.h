// HttpListener: serves HTTP/1.1 on a socket, for fast handlers: they run on the
// connection's own thread. Boost.Beast parses; this class bounds the
// connections and the memory that they hold. docs/reference/http.md lists the
// bounds.

#ifndef GLUE_SECURITY_HTTP_HTTP_LISTENER_H_
#define GLUE_SECURITY_HTTP_HTTP_LISTENER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/http/http_message.h"
#include "glue_security/http/http_upstream.h"

namespace glue_security {

// The default bound of a body: just above the largest encoding that an SDK
// makes of a request that the engine accepts. The engine accepts 256 KiB of
// protocol buffers (`Limits::request_bytes_max`). On the wire, text grows by a
// factor of at most 6: json.dumps writes a control character, one byte, as
// `\u001f`; a character of two bytes also takes six, one of four bytes twelve.
// A list of encryptions without keys grows most: four bytes become the 34 of
// `{"S3EncryptionMode": "DISABLED"}, `, a factor of 8.5. Blanks and escapes
// that no SDK writes can exceed any bound.
inline constexpr size_t kHttpBodyBytesMax = size_t{9} * 256 * 1024;

struct HttpListenerOptions {
  // An address of this machine, IPv4 or IPv6. The default is reachable from
  // this machine only.
  std::string address = "127.0.0.1";
  // When 0, the system picks one.
  uint16_t port = 0;
  // The number of threads, 1 to 256. Each connection stays with one thread.
  int threads = 2;
  // The largest number of connections, divided evenly among the threads, at
  // least one each; fewer when the process may not open as many descriptors.
  // When a thread has its share and a new connection comes, the connection that
  // has been idle longest is closed; when none is idle, the oldest whose header
  // has not come; when there is none either, the new one is answered 503 and
  // closed.
  size_t connections_max = 12'000;
  // A larger header, or one with more than 256 fields, is answered 431, and a
  // larger body 413, as soon as that is known; then the connection is closed.
  // `header_bytes_max` is at most 1 GiB.
  size_t header_bytes_max = size_t{16} * 1024;
  size_t body_bytes_max = kHttpBodyBytesMax;
  // The budget for the memory of all connections: headers and bodies received
  // so far, and answers that are delayed or being sent. A request in progress
  // counts at least 4 KiB; an idle connection counts nothing. A request that
  // would exceed the budget is answered 503 and its connection closed, possibly
  // after it was executed. A connection that holds more than 32 KiB gets
  // nothing from the last quarter of the budget, which is kept for small
  // requests.
  size_t buffered_bytes_max = size_t{64} * 1024 * 1024;
  // Returns true for the target of a privileged request, which is served even
  // beyond `connections_max` and `buffered_bytes_max`. When empty, no request
  // is privileged. Called from several threads. When a bound is reached, a
  // further connection may send one header. If its target is privileged, it is
  // served on the reserve, with `Connection: close`. Else, or when a later
  // connection needs its place before its header has come, it is answered 503.
  std::function<bool(absl::string_view target)> is_privileged;
  // The reserve: connections for each thread, and bytes for all threads.
  size_t reserved_connections = 8;
  size_t reserved_bytes = size_t{8} * 1024 * 1024;
  // How long a connection may be idle, may take for a header, may take for a
  // body, and how long its peer may take no byte of an answer. It is then
  // closed.
  absl::Duration idle_timeout = absl::Minutes(2);
  absl::Duration header_timeout = absl::Seconds(10);
  absl::Duration body_timeout = absl::Seconds(30);
  absl::Duration write_timeout = absl::Seconds(30);
  // How long `Stop` waits for requests that may be on their way on idle
  // connections, and for everything.
  absl::Duration drain_idle = absl::Milliseconds(500);
  absl::Duration drain_max = absl::Seconds(10);
  // Requests are passed on to it when `pass_on` says so.
  HttpUpstreamOptions upstream;
  // Decides about a request whose header has come; its body is empty. When null
  // is returned, the handler answers the request. When this is empty, no
  // request is passed on. Called from several threads. An exception is answered
  // 500 and ends the connection. REQUIRES: when set, `upstream` has a host.
  std::function<std::unique_ptr<HttpPassedRequest>(const HttpRequest& head)>
      pass_on;
};

// The statistics of a listener since its start.
struct HttpListenerStats {
  // Connections that are open now.
  size_t connections = 0;
  uint64_t connections_accepted = 0;
  // Connections that were closed to make room.
  uint64_t connections_evicted = 0;
  // Requests answered 503 because of the number of connections.
  uint64_t refused_for_connections = 0;
  // Requests answered 503 because of `buffered_bytes_max`.
  uint64_t refused_for_bytes = 0;
  // Requests whose handler threw.
  uint64_t handler_exceptions = 0;
  // Connections that ended with an exception from outside a handler, mostly
  // `std::bad_alloc`.
  uint64_t connection_exceptions = 0;
  // Times that the system had no descriptor or no memory for a connection.
  uint64_t accept_failures = 0;
  // Delayed answers that were never sent, because of the peer, `CancelDelayed`
  // or `Stop`.
  uint64_t delayed_cancelled = 0;
  // The bytes that count against the budget, reserve included: now, and the
  // maximum so far.
  size_t bytes_held = 0;
  size_t bytes_held_max = 0;
  // Connections to the upstream that are open now.
  size_t upstream_connections = 0;
};

// Requests of one connection are answered in order, pipelined ones included.
//
// An ambiguous request (two lengths, a length and chunks, a coding that is not
// chunked) is answered 400 and the connection closed. So is a request of
// HTTP/1.1 without Host, one with two Hosts or a malformed one, and one whose
// target has none of the forms of RFC 9112, section 3.2. If the target is in
// absolute form, the handler gets its path and query as the target, and the
// authority as the value of Host. Up to four empty lines before a request are
// ignored.
//
// The listener's own error answers have a body, `{"message":"..."}`, which SDKs
// show.
//
// A request that is passed on goes to the upstream, and its answer to the
// client, with target, headers and body unchanged, in pieces of at most 16 KiB:
// a piece is read from one side when the other has taken the last one.
// `body_bytes_max` does not bound it, and `body_timeout` is the time between
// two bytes of its body. Left out are the headers that concern one connection
// (hop_by_hop.h) and the extensions of chunks; Via is added to requests. The
// upstream decides about `Expect: 100-continue`. A request is sent a second
// time, on a new connection, only when an idle connection turns out to have
// ended, nothing of an answer has come, and either none of the request has been
// sent or its method is safe and it has no body.
//
// An exception from the handler is answered 500 and ends the connection; an
// exception elsewhere in a connection ends that connection. No exception ends
// the process.
//
// In the child of a fork() no thread serves. There this object can be
// destroyed, which closes the inherited descriptors without affecting the
// parent's connections; `Stop` and `CancelDelayed` do nothing.
class HttpListener {
 public:
  // Called from several threads at once.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Starts to serve; the listener accepts connections when this returns.
  // Errors, in this order: kInvalidArgument for an option out of its range or
  // text that is not an address; kResourceExhausted, with the system's reason,
  // when memory, descriptors or threads do not suffice; kUnavailable, with the
  // system's reason, when the address cannot be listened on. After an error
  // everything is released.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Start(
      const HttpListenerOptions& options, Handler handler);

  // Stops. Unlike `Stop`, waits without limit for a handler that does not
  // return, because the handler uses objects that its owner is about to
  // destroy. A program in which `Stop` returned false must exit without
  // destroying this object (_exit).
  ~HttpListener();

  uint16_t port() const;

  // Answers every request that has been sent, the last one of each connection
  // with `Connection: close`, and accepts no more. Returns when that is done,
  // or soon after `drain_max`, whatever peers and handlers do. Returns true
  // when all connections and threads have ended; false when some handlers still
  // run. Their threads end when they return, and serve nothing more. Concurrent
  // and repeated calls wait for the same end. REQUIRES: not called from a
  // handler.
  bool Stop();

  // Closes, soon, the connections whose answers are currently delayed, and
  // those whose handlers are running and will return a delay. May be called
  // from a handler.
  void CancelDelayed();

  // Returns true in the child of a fork() of the process that started this.
  bool is_forked() const;

  // Returns the number of open connections.
  size_t connections() const;

  HttpListenerStats stats() const;

 private:
  class Impl;

  explicit HttpListener(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_HTTP_LISTENER_H_
