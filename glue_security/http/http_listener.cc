#include "glue_security/http/http_listener.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/ip/address.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/steady_timer.hpp"
#include "glue_security/http/bounded_time.h"
#include "glue_security/http/http_shared.h"
#include "glue_security/http/http_worker.h"
#include "glue_security/model/random_bits.h"

namespace glue_security {

namespace asio = boost::asio;
using asio::ip::tcp;
using SteadyTime = std::chrono::steady_clock::time_point;

namespace {

constexpr int kBacklog = 4096;
constexpr int kThreadsMax = 256;
constexpr size_t kHeaderBytesMax = size_t{1} << 30;
constexpr size_t kDescriptorsMax = size_t{1} << 20;
// Descriptors left for the files of the program; fewer when there are few.
constexpr size_t kDescriptorsSpare = 64;
// How much longer than `drain_max` `Stop` waits for threads to notice the end.
constexpr auto kGrace = std::chrono::seconds(2);
// How long `Stop` waits for the first thread to accept pending connections.
constexpr auto kAcceptGrace = std::chrono::seconds(1);

absl::Status CheckOptions(const HttpListenerOptions& options) {
  if (options.threads < 1 || options.threads > kThreadsMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "threads are 1 to ", kThreadsMax, ", not ", options.threads));
  }
  if (options.header_bytes_max > kHeaderBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("header_bytes_max is ", kHeaderBytesMax, " at most"));
  }
  if (options.pass_on && options.upstream.host.empty()) {
    return absl::InvalidArgumentError("pass_on needs an upstream");
  }
  return absl::OkStatus();
}

// Returns the bound below which descriptors can be opened.
size_t DescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  return static_cast<size_t>(std::min<rlim_t>(limit.rlim_cur, kDescriptorsMax));
}

// Returns a name that no other listener has.
std::string NewViaName() {
  return absl::StrCat("glue-security-",
                      absl::Hex(RandomBits(), absl::kZeroPad16));
}

size_t OpenDescriptors() {
  std::error_code error;
  std::filesystem::directory_iterator all("/proc/self/fd", error);
  if (error) return kDescriptorsSpare;
  // One of them belongs to the iterator.
  return static_cast<size_t>(std::distance(begin(all), end(all))) - 1;
}

}  // namespace

// The implementation. The first worker accepts; connections go to the workers
// in turn.
class HttpListener::Impl {
 public:
  // May throw errors of the system.
  Impl(const HttpListenerOptions& options, Handler handler)
      : shared_(options, std::move(handler), NewViaName(), DescriptorLimit()),
        process_(getpid()) {
    for (int i = 0; i < options.threads; ++i) {
      workers_.push_back(std::make_unique<HttpWorker>(&shared_));
    }
  }

  // Ends the threads that a failed `Listen` has started. After `Stop` none run.
  ~Impl() {
    for (const auto& worker : workers_) worker->Abandon();
    JoinAll();
  }

  // May throw errors of the system.
  absl::Status Listen() {
    if (auto status = Open(); !status.ok()) return status;
    HttpShares shares;
    if (auto status = ShareOut(&shares); !status.ok()) return status;
    shared_.descriptors.Insert(acceptor_->native_handle());
    workers_[0]->set_upkeep([this] { KeepUp(); });
    for (const auto& worker : workers_) worker->Run(shares);
    return absl::OkStatus();
  }

  uint16_t port() const { return port_; }

  bool is_forked() const { return getpid() != process_; }
  // Called in the child of a fork.
  void CloseDescriptors() { shared_.descriptors.CloseAll(); }

  size_t connections() const {
    size_t sum = 0;
    for (const auto& worker : workers_) sum += worker->connections();
    return sum;
  }

  HttpListenerStats stats() const {
    HttpListenerStats stats;
    stats.connections = connections();
    stats.connections_accepted = shared_.connections_accepted;
    stats.connections_evicted = shared_.connections_evicted;
    stats.refused_for_connections = shared_.refused_for_connections;
    stats.refused_for_bytes = shared_.refused_for_bytes;
    stats.handler_exceptions = shared_.handler_exceptions;
    stats.connection_exceptions = shared_.connection_exceptions;
    stats.accept_failures = shared_.accept_failures;
    stats.delayed_cancelled = shared_.delayed_cancelled;
    stats.bytes_held = shared_.budget.held();
    stats.bytes_held_max = shared_.budget.held_max();
    stats.upstream_connections = shared_.upstream_connections;
    return stats;
  }

  bool Stop() {
    std::call_once(stopped_, [this] { BeginToStop(); });
    std::unique_lock<std::mutex> lock(shared_.mutex);
    return shared_.changed.wait_until(lock, stop_end_,
                                      [this] { return shared_.running == 0; });
  }

  void JoinAll() {
    for (const auto& worker : workers_) worker->Join();
  }

  void CancelDelayed() {
    ++shared_.cancellations;
    for (const auto& worker : workers_) {
      Prompt([&worker] { worker->PostCancellation(); });
    }
  }

 private:
  // Calls `function`, which posts a message to a worker. Ignores a lack of
  // memory: the worker then notices the change by itself a little later.
  template <typename Function>
  static void Prompt(Function function) {
    try {
      function();
    } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch)
    }
  }

  absl::Status Open() {
    const HttpListenerOptions& options = shared_.options;
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", options.address, "\" is not an address"));
    }
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.emplace(workers_[0]->context());
    retry_.emplace(workers_[0]->context());
    acceptor_->open(endpoint.protocol(), error);
    if (error == asio::error::no_descriptors) {
      return absl::ResourceExhaustedError(
          absl::StrCat("cannot start: ", error.message()));
    }
    if (!error) {
      fcntl(acceptor_->native_handle(), F_SETFD, FD_CLOEXEC);
      acceptor_->set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(kBacklog, error);
    if (!error) acceptor_->non_blocking(true, error);
    if (error) {
      return absl::UnavailableError(
          absl::StrCat("cannot listen on ", options.address, ", port ",
                       options.port, ": ", error.message()));
    }
    port_ = acceptor_->local_endpoint().port();
    return absl::OkStatus();
  }

  // Computes each worker's share of the connections, limited by the descriptors
  // that are available.
  absl::Status ShareOut(HttpShares* shares) const {
    const HttpListenerOptions& options = shared_.options;
    const size_t limit = DescriptorLimit();
    const size_t open = OpenDescriptors();
    const size_t left = limit - std::min(limit, open);
    const size_t spare = std::min(kDescriptorsSpare, left / 4);
    const size_t threads = workers_.size();
    // The descriptors of each thread. One is for a connection that is refused.
    const size_t each = (left - spare) / threads;
    if (each < 2) {
      return absl::ResourceExhaustedError(
          absl::StrCat("cannot start: of ", limit, " descriptors ", open,
                       " are open, which leaves too few for connections"));
    }
    shares->reserved = std::min(options.reserved_connections, each / 8);
    if (options.pass_on) {
      shares->upstream =
          std::clamp<size_t>(options.upstream.connections_max / threads, 1,
                             std::max<size_t>(1, each / 3));
    }
    const size_t taken = 1 + 2 * shares->reserved + shares->upstream;
    shares->connections =
        std::clamp<size_t>(options.connections_max / threads, 1,
                           std::max<size_t>(1, each - std::min(each, taken)));
    return absl::OkStatus();
  }

  // Called on the first worker's thread, from its start on.
  void KeepUp() {
    if (shared_.stopping) return AcceptTheRest();
    if (!is_accepting_) Accept();
  }

  void BeginToStop() {
    const SteadyTime now = std::chrono::steady_clock::now();
    shared_.drain_end = now + ToBoundedNanoseconds(shared_.options.drain_max);
    stop_end_ = shared_.drain_end + kGrace;
    shared_.stopping = true;
    Prompt([this] {
      asio::post(workers_[0]->context(), [this] { AcceptTheRest(); });
    });
    // Bounded, so that the other threads do not wait for a first one that hangs
    // in a handler.
    std::unique_lock<std::mutex> lock(shared_.mutex);
    shared_.changed.wait_until(lock, std::min(stop_end_, now + kAcceptGrace),
                               [this] { return shared_.draining.load(); });
    lock.unlock();
    DrainAll();
  }

  void DrainAll() {
    {
      const std::lock_guard<std::mutex> lock(shared_.mutex);
      shared_.draining = true;
      shared_.changed.notify_all();
    }
    for (const auto& worker : workers_) {
      Prompt([&worker] { worker->PostDrain(); });
    }
  }

  HttpWorker& NextWorker() {
    next_ = (next_ + 1) % workers_.size();
    return *workers_[next_];
  }

  void Accept() {
    HttpWorker& worker = NextWorker();
    acceptor_->async_accept(
        worker.context(),
        [this, &worker](boost::system::error_code error, HttpSocket socket) {
          is_accepting_ = false;
          if (error == asio::error::operation_aborted) return;
          if (!error) HandOver(&worker, std::move(socket));
          if (closing_) return;
          if (!error || error == asio::error::connection_aborted) {
            return Accept();
          }
          HttpShared::Count(&shared_.accept_failures);
          MakeRoom();
        });
    is_accepting_ = true;
  }

  // Gives a connection to a worker. Without memory for that, the connection is
  // closed.
  void HandOver(HttpWorker* worker, HttpSocket socket) {
    HttpShared::Count(&shared_.connections_accepted);
    worker->PostConnection(std::move(socket), accepted_++);
  }

  // Closes an idle connection and tries again soon: most likely the process is
  // out of descriptors.
  void MakeRoom() {
    victim_ = (victim_ + 1) % workers_.size();
    workers_[victim_]->PostEviction();
    retry_->expires_after(std::chrono::milliseconds(20));
    retry_->async_wait([this](boost::system::error_code stopped) {
      if (!stopped && !closing_ && !is_accepting_) Accept();
    });
  }

  // Accepts the pending connections, whose peers expect an answer, then closes
  // the acceptor.
  void AcceptTheRest() {
    if (std::exchange(closing_, true)) return;
    boost::system::error_code error;
    while (!error) {
      HttpWorker& worker = NextWorker();
      HttpSocket socket(worker.context());
      acceptor_->accept(socket, error);
      if (!error) HandOver(&worker, std::move(socket));
    }
    retry_->cancel();
    shared_.descriptors.Erase(acceptor_->native_handle());
    acceptor_->close(error);
    // Posted, so that it runs after connections that were accepted just before.
    asio::post(workers_[0]->context(), [this] { DrainAll(); });
  }

  HttpShared shared_;
  const pid_t process_;
  std::vector<std::unique_ptr<HttpWorker>> workers_;
  std::optional<tcp::acceptor> acceptor_;
  std::optional<asio::steady_timer> retry_;
  uint16_t port_ = 0;
  std::once_flag stopped_;
  SteadyTime stop_end_;
  // Used only on the first worker's thread.
  size_t next_ = 0;
  size_t victim_ = 0;
  int accepted_ = 0;
  bool is_accepting_ = false;
  bool closing_ = false;
};

HttpListener::HttpListener(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

HttpListener::~HttpListener() {
  if (impl_->is_forked()) {
    impl_->CloseDescriptors();
    // Not destroyed: one of its locks may be held by a thread that does not
    // exist here, and the event queue is shared with the parent.
    impl_.release();  // NOLINT(bugprone-unused-return-value)
    return;
  }
  Stop();
  impl_->JoinAll();
}

// An exception boundary: Asio and the standard library throw errors of the
// system.
absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Start(
    const HttpListenerOptions& options, Handler handler) {
  if (auto status = CheckOptions(options); !status.ok()) return status;
  try {
    auto impl = std::make_unique<Impl>(options, std::move(handler));
    if (auto status = impl->Listen(); !status.ok()) return status;
    return absl::WrapUnique(new HttpListener(std::move(impl)));
  } catch (const std::exception& error) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot start: ", error.what()));
  }
}

uint16_t HttpListener::port() const { return impl_->port(); }

bool HttpListener::Stop() { return impl_->is_forked() || impl_->Stop(); }

void HttpListener::CancelDelayed() {
  if (!impl_->is_forked()) impl_->CancelDelayed();
}

bool HttpListener::is_forked() const { return impl_->is_forked(); }

size_t HttpListener::connections() const { return impl_->connections(); }

HttpListenerStats HttpListener::stats() const { return impl_->stats(); }

}  // namespace glue_security
