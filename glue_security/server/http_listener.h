// HttpListener: HTTP/1.1 on a socket, for handlers that take no time: they run
// on the connection's own thread. Boost.Beast parses; this class keeps the
// connections, and the memory that they hold, within their bounds.

#ifndef GLUE_SECURITY_SERVER_HTTP_LISTENER_H_
#define GLUE_SECURITY_SERVER_HTTP_LISTENER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/server/http_message.h"

namespace glue_security {

// The default bound of a body: just above the largest encoding that an SDK
// makes of a request that the engine accepts. The engine accepts 256 KiB of
// protocol buffers (`Limits::request_bytes_max`). Text grows by 6 at most on
// the wire: json.dumps writes a control character, one byte, as `\u001f`; a
// character of two bytes becomes six, too, one of four bytes twelve. What grows
// most is a list of encryptions without keys: four bytes stand for the 34 of
// `{"S3EncryptionMode": "DISABLED"}, `, which is 8.5 to 1. Blanks and escapes
// that no SDK writes can exceed any bound.
inline constexpr size_t kHttpBodyBytesMax = size_t{9} * 256 * 1024;

struct HttpListenerOptions {
  // An address of this machine, IPv4 or IPv6. The default is reachable from
  // this machine only.
  std::string address = "127.0.0.1";
  // 0: the system picks one.
  uint16_t port = 0;
  // Threads that serve, 1 to 256; each connection stays with one.
  int threads = 2;
  // Shared out evenly among the threads, at least one each; fewer where the
  // process may not open so many descriptors. Beyond its share the connection
  // of a thread that has been idle longest is closed for a new one; where none
  // is idle, the oldest whose header has not come; where there is none either,
  // the new one is answered 503 and closed.
  size_t connections_max = 12'000;
  // A larger header, or one of more than 256 fields, is answered 431, a larger
  // body 413, both as soon as that is known, and the connection closed.
  // `header_bytes_max` is 1 GiB at most.
  size_t header_bytes_max = size_t{16} * 1024;
  size_t body_bytes_max = kHttpBodyBytesMax;
  // One budget for what all connections hold: headers and bodies as far as they
  // have come, and answers that are delayed or being sent. A request under way
  // counts 4 KiB at least, an idle connection nothing. What would exceed
  // the budget is answered 503 and the connection closed; that may be the
  // answer to a request that was executed. A connection that holds more than
  // 32 KiB gets no more from the last quarter of the budget, which stays for
  // small requests.
  size_t buffered_bytes_max = size_t{64} * 1024 * 1024;
  // Tells by its target whether a request is served beyond `connections_max`
  // and `buffered_bytes_max`; empty: none is. Called from several threads.
  // Where a bound is reached, a connection beyond it may send one header. It is
  // served on the reserve when its target is privileged, with `Connection:
  // close`; it is answered 503 otherwise, or when a later one needs its place
  // before its header has come.
  std::function<bool(absl::string_view target)> is_privileged;
  // The reserve: connections of each thread, bytes of all of them.
  size_t reserved_connections = 8;
  size_t reserved_bytes = size_t{8} * 1024 * 1024;
  // How long a connection may be idle, take for a header, take for a body, and
  // go on without its peer taking a byte of an answer. Then it is closed.
  absl::Duration idle_timeout = absl::Minutes(2);
  absl::Duration header_timeout = absl::Seconds(10);
  absl::Duration body_timeout = absl::Seconds(30);
  absl::Duration write_timeout = absl::Seconds(30);
  // `Stop` waits so long for requests on idle connections that are on their
  // way, and so long for everything.
  absl::Duration drain_idle = absl::Milliseconds(500);
  absl::Duration drain_max = absl::Seconds(10);
};

// What a listener has seen, from its start on.
struct HttpListenerStats {
  // Open now.
  size_t connections = 0;
  uint64_t connections_accepted = 0;
  // Those that were closed to make room.
  uint64_t connections_evicted = 0;
  // Answered 503 because of the number of connections.
  uint64_t refused_for_connections = 0;
  // Answered 503 because of `buffered_bytes_max`.
  uint64_t refused_for_bytes = 0;
  // Requests whose handler threw.
  uint64_t handler_exceptions = 0;
  // Connections that ended because something outside a handler threw:
  // `std::bad_alloc`, mostly.
  uint64_t connection_exceptions = 0;
  // Times that the system had no descriptor or no memory for a connection.
  uint64_t accept_failures = 0;
  // Delayed answers that were never sent: the peer ended its side, or
  // `CancelDelayed`, or the listener stopped.
  uint64_t delayed_cancelled = 0;
  // What counts against the budget, reserve included: now, and at most so far.
  size_t bytes_held = 0;
  size_t bytes_held_max = 0;
};

// Requests of one connection are answered in order, pipelined ones included.
//
// A request that can be read in two ways (two lengths, a length and chunks, a
// coding that is not chunked) is answered 400 and the connection closed; so is
// one of HTTP/1.1 without Host, one with two or a malformed one, and one whose
// target is not in one of the forms of RFC 9112, section 3.2. The absolute form
// reaches the handler as path and query, its authority as the value of Host.
// Empty lines in front of a request are ignored, four at most.
//
// What the listener answers by itself has a body, `{"message":"..."}`, which
// SDKs show.
//
// An exception that leaves the handler ends its request with 500 and its
// connection; one in a connection's own buffers ends that connection. Nothing
// that is thrown ends the process.
//
// In the child of a fork() no thread serves. There this class can be destroyed,
// which closes what the child inherited without touching the parent's
// connections; `Stop` and `CancelDelayed` do nothing.
class HttpListener {
 public:
  // Called from several threads at once.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Listens when it returns. Errors, in this order: kInvalidArgument for an
  // option out of its range or an address that is none; kResourceExhausted,
  // with the system's reason, where memory, descriptors or threads do not
  // suffice; kUnavailable, with the system's reason, where nothing can listen.
  // After an error nothing is left behind.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Start(
      const HttpListenerOptions& options, Handler handler);

  // Stops. Unlike `Stop` it waits for a handler that does not return, for as
  // long as that takes: the handler uses what its owner is about to destroy. A
  // program that `Stop` has told of such a handler must leave without
  // destroying this (_exit).
  ~HttpListener();

  uint16_t port() const;

  // Answers every request that has been sent, the last one of each connection
  // with `Connection: close`, and accepts no more. Returns when that is done or
  // soon after `drain_max` is over, whatever peers and handlers do. True: all
  // connections and threads have ended. False: some handlers still run; their
  // threads end when they return, and serve nothing more.
  // Concurrent and repeated calls wait for the same end. Not from a handler.
  bool Stop();

  // Closes, soon after, the connections whose answers are delayed now, and
  // those whose handlers run now and will ask for a delay. May be called from a
  // handler.
  void CancelDelayed();

  // True in the child of a fork() of the process that started this.
  bool is_forked() const;

  // Connections that are open now.
  size_t connections() const;

  HttpListenerStats stats() const;

 private:
  class Impl;

  explicit HttpListener(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_HTTP_LISTENER_H_
