// HttpWorker: one thread of an HttpListener and the connections that it serves.

#ifndef GLUE_SECURITY_HTTP_HTTP_WORKER_H_
#define GLUE_SECURITY_HTTP_HTTP_WORKER_H_

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
#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/steady_timer.hpp"
#include "glue_security/http/http_shared.h"
#include "glue_security/http/http_socket.h"
#include "glue_security/http/upstream_pool.h"

namespace glue_security {

class HttpConnection;

// The number of connections of a worker, of reserved ones beyond them, and of
// those to the upstream.
struct HttpShares {
  size_t connections = 1;
  size_t reserved = 0;
  size_t upstream = 0;
};

// The class in which a connection is counted.
enum class HttpPlace {
  // Counted against `connections_max`.
  kOrdinary,
  // On the reserve: it may send one header, or its request is privileged.
  kReserved,
  // New, refused, or after its last answer.
  kLeaving,
};

// Not thread-safe: everything except the constructor, `Run`, `Join`, `Abandon`,
// `Post…` and `connections` is called on the worker's own thread.
class HttpWorker {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  using ConnectionList = std::list<HttpConnection*>;
  static constexpr size_t kPlaces = 3;
  // The buffer of one read.
  using Scratch = std::array<char, size_t{16} * 1024>;

  // Throws errors of the system's event queue, or std::bad_alloc. REQUIRES:
  // `shared` outlives this object.
  explicit HttpWorker(HttpShared* shared);
  ~HttpWorker();

  boost::asio::io_context& context() { return context_; }

  // Sets a function that the thread calls before it serves, again after an
  // exception, and four times a second. It may throw. REQUIRES: called before
  // `Run`.
  void set_upkeep(std::function<void()> upkeep) { upkeep_ = std::move(upkeep); }

  // Starts the thread, which ends some time after `PostDrain`. Throws
  // std::system_error when the system has none.
  void Run(const HttpShares& shares);
  // Waits for the thread to end, if there is one.
  void Join();
  // Lets the thread end as soon as it can, whatever its connections do.
  void Abandon();

  // Takes over a connection. Throws std::bad_alloc.
  void PostConnection(HttpSocket socket, int number);
  // Drains the worker: no more connections come, and the existing ones end
  // soon. Throws std::bad_alloc; the worker then still drains, but later.
  // REQUIRES: `shared->draining` is set.
  void PostDrain();
  // Closes one connection to make room. Throws std::bad_alloc.
  void PostEviction();
  // Closes the connections that `HttpShared::cancellations` cancels. Throws
  // std::bad_alloc; the worker then still closes them, but later.
  void PostCancellation();

  size_t connections() const { return count_.load(std::memory_order_relaxed); }

  // Used by connections.
  HttpShared& shared() const { return shared_; }
  const HttpListenerOptions& options() const { return shared_.options; }
  bool draining() const { return draining_; }
  SteadyTime now() const { return std::chrono::steady_clock::now(); }
  // Returns the time `duration` from now; an infinite one counts as some years.
  SteadyTime After(absl::Duration duration) const;
  // The value of the header Date.
  const std::string& Date();
  Scratch& scratch() { return *scratch_; }
  UpstreamPool& upstream() { return upstream_; }
  // The idle connections, the longest idle first.
  ConnectionList& idle() { return idle_; }
  // Makes a reserved connection an ordinary one. Returns false when there is no
  // room.
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
  // Returns true when there is room for one more connection, after closing
  // another one if necessary.
  bool MakeRoom();
  bool MakeReservedRoom();
  // Closes the connection that has been idle longest, or else the oldest whose
  // header has not come. Returns false when there is none.
  bool Evict();
  void Drain();
  void CancelDelayed();
  // Closes connections that have passed their deadline; runs four times a
  // second.
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
  // Destroyed before `context_`, whose sockets it has.
  UpstreamPool upstream_;
  std::list<std::shared_ptr<HttpConnection>> connections_;
  // The connections by place, in the order in which they came to it.
  std::array<ConnectionList, kPlaces> places_;
  ConnectionList idle_;
  std::atomic<size_t> count_{0};
  bool draining_ = false;
  std::time_t date_second_ = -1;
  std::string date_;
  std::thread thread_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_HTTP_WORKER_H_
