// One thread of an HttpListener and the connections that it serves.

#ifndef GLUE_SECURITY_SERVER_INTERNAL_HTTP_WORKER_H_
#define GLUE_SECURITY_SERVER_INTERNAL_HTTP_WORKER_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/time/time.h"
#include "boost/asio/basic_stream_socket.hpp"
#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/steady_timer.hpp"
#include "glue_security/server/internal/http_shared.h"

namespace glue_security {

class HttpConnection;

// The one kind of executor that there is, instead of any: calls to it need no
// look at its kind.
using HttpSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                     boost::asio::io_context::executor_type>;

// How many connections a worker has, and how many beyond them.
struct HttpShares {
  size_t connections = 1;
  size_t reserved = 0;
};

// What a connection counts as.
enum class HttpPlace {
  // One of those that `connections_max` bounds.
  kOrdinary,
  // Beyond them: it may send one header, or its request is privileged.
  kReserved,
  // It is new or refused, or has had its last answer.
  kLeaving,
};

// All but the constructor, `Run`, `Join`, `Abandon`, `Post…` and `connections`
// is called on the worker's own thread.
class HttpWorker {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  using ConnectionList = std::list<HttpConnection*>;
  static constexpr size_t kPlaces = 3;
  // What is read at once.
  using Scratch = std::array<char, size_t{16} * 1024>;

  // REQUIRES: `shared` outlives this.
  // Throws what the system's event queue does, or std::bad_alloc.
  explicit HttpWorker(HttpShared* shared);
  ~HttpWorker();

  boost::asio::io_context& context() { return context_; }

  // Called on the thread before it accepts or serves, again after something was
  // thrown, and four times a second. May throw. REQUIRES: before `Run`.
  void set_upkeep(std::function<void()> upkeep) { upkeep_ = std::move(upkeep); }

  // Starts the thread; it ends some time after `PostDrain`. Throws
  // std::system_error where there is none.
  void Run(const HttpShares& shares);
  // Returns when the thread has ended, at once where there is none.
  void Join();
  // Lets the thread end as soon as it can, whatever its connections do.
  void Abandon();

  // Takes over a connection. Throws std::bad_alloc.
  void PostConnection(HttpSocket socket, int number);
  // No more connections come; those that there are end soon.
  // REQUIRES: `shared->draining`. Throws std::bad_alloc; it drains then, too,
  // but later.
  void PostDrain();
  // Closes a connection, as for one too many. Throws std::bad_alloc.
  void PostEviction();
  // Closes the connections that `HttpShared::cancellations` concerns. Throws
  // std::bad_alloc; it does so then, too, but later.
  void PostCancellation();

  size_t connections() const { return count_.load(std::memory_order_relaxed); }

  // For connections.
  HttpShared& shared() const { return shared_; }
  const HttpListenerOptions& options() const { return shared_.options; }
  bool draining() const { return draining_; }
  SteadyTime now() const { return std::chrono::steady_clock::now(); }
  // So much later; for ever is some years.
  SteadyTime After(absl::Duration duration) const;
  // The value of the header Date.
  const std::string& Date();
  Scratch& scratch() { return *scratch_; }
  // Connections with the longest idle first.
  ConnectionList& idle() { return idle_; }
  // Makes a connection of the reserve an ordinary one. False: there is no room.
  bool Promote(HttpConnection* connection);
  void Move(HttpConnection* connection, HttpPlace place);
  void Remove(HttpConnection* connection);

 private:
  void Serve();
  void Add(HttpSocket socket, int number);
  void Admit(HttpConnection* connection);
  ConnectionList& At(HttpPlace place) {
    return places_[static_cast<size_t>(place)];
  }
  // Whether there is a place for one more, made at the cost of another
  // connection if need be.
  bool MakeRoom();
  bool MakeReservedRoom();
  // Closes the connection that has been idle longest, or else the oldest whose
  // header has not come. False: there is none.
  bool Evict();
  void Drain();
  void CancelDelayed();
  // Closes, four times a second, what has passed its deadline.
  void Sweep();
  void FinishIfDrained();

  HttpShared& shared_;
  HttpShares shares_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      work_;
  boost::asio::steady_timer sweeper_;
  bool is_sweeping_ = false;
  std::function<void()> upkeep_;
  const std::unique_ptr<Scratch> scratch_;
  std::list<std::shared_ptr<HttpConnection>> connections_;
  // The connections by their place, those that came to it first in front.
  std::array<ConnectionList, kPlaces> places_;
  ConnectionList idle_;
  std::atomic<size_t> count_{0};
  bool draining_ = false;
  std::time_t date_second_ = -1;
  std::string date_;
  std::thread thread_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_INTERNAL_HTTP_WORKER_H_
