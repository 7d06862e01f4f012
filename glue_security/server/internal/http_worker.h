// One thread of an HttpListener and the connections that it serves.

#ifndef GLUE_SECURITY_SERVER_INTERNAL_HTTP_WORKER_H_
#define GLUE_SECURITY_SERVER_INTERNAL_HTTP_WORKER_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "boost/asio/basic_stream_socket.hpp"
#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/steady_timer.hpp"
#include "glue_security/server/http_listener.h"

namespace glue_security {

class HttpConnection;

// The one kind of executor that there is, instead of any: calls to it need no
// look at its kind.
using HttpSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                     boost::asio::io_context::executor_type>;

// All but the constructor, `Run`, `Post…` and `connections` is called on the
// worker's own thread.
class HttpWorker {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  // Connections with the longest idle first.
  using IdleList = std::list<HttpConnection*>;

  // REQUIRES: both outlive this.
  HttpWorker(const HttpListenerOptions* options,
             const HttpListener::Handler* handler, size_t connections_max);
  ~HttpWorker();

  boost::asio::io_context& context() { return context_; }

  // Starts the thread; it ends some time after `PostDrain`.
  void Run();
  void Join();

  // Takes over a connection.
  void PostConnection(HttpSocket socket, int number);
  // No more connections come; those that there are end soon.
  void PostDrain();

  size_t connections() const { return count_.load(std::memory_order_relaxed); }

  // For connections.
  const HttpListenerOptions& options() const { return options_; }
  const HttpListener::Handler& handler() const { return handler_; }
  bool draining() const { return draining_; }
  SteadyTime now() const { return std::chrono::steady_clock::now(); }
  // So much later; for ever is some years.
  SteadyTime After(absl::Duration duration) const;
  // The value of the header Date.
  const std::string& Date();
  IdleList& idle() { return idle_; }
  void Remove(HttpConnection* connection);

 private:
  void Add(HttpSocket socket, int number);
  void Drain();
  // Closes, four times a second, what has passed its deadline.
  void Sweep();
  void FinishIfDrained();

  const HttpListenerOptions& options_;
  const HttpListener::Handler& handler_;
  const size_t connections_max_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      work_;
  boost::asio::steady_timer sweeper_;
  std::list<std::shared_ptr<HttpConnection>> connections_;
  IdleList idle_;
  std::atomic<size_t> count_{0};
  bool draining_ = false;
  SteadyTime drain_end_;
  std::time_t date_second_ = -1;
  std::string date_;
  std::thread thread_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_INTERNAL_HTTP_WORKER_H_
