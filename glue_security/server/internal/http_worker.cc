#include "glue_security/server/internal/http_worker.h"

#include <pthread.h>

#include <csignal>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "boost/asio/post.hpp"
#include "glue_security/server/internal/bounded_time.h"
#include "glue_security/server/internal/http_connection.h"

namespace glue_security {

namespace asio = boost::asio;

namespace {

constexpr auto kSweepInterval = std::chrono::milliseconds(250);
// While it drains, a worker looks more often.
constexpr auto kDrainInterval = std::chrono::milliseconds(20);

}  // namespace

HttpWorker::HttpWorker(const HttpListenerOptions* options,
                       const HttpListener::Handler* handler,
                       size_t connections_max)
    : options_(*options),
      handler_(*handler),
      connections_max_(connections_max),
      context_(/*concurrency_hint=*/1),
      work_(asio::make_work_guard(context_)),
      sweeper_(context_) {}

HttpWorker::~HttpWorker() = default;

void HttpWorker::Run() {
  // Signals are for the threads of whoever embeds this.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] {
    Sweep();
    context_.run();
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

HttpWorker::SteadyTime HttpWorker::After(absl::Duration duration) const {
  return now() + ToBoundedNanoseconds(duration);
}

void HttpWorker::Join() { thread_.join(); }

void HttpWorker::PostConnection(HttpSocket socket, int number) {
  asio::post(context_, [this, number, moved = std::move(socket)]() mutable {
    Add(std::move(moved), number);
  });
}

void HttpWorker::PostDrain() {
  asio::post(context_, [this] { Drain(); });
}

void HttpWorker::Add(HttpSocket socket, int number) {
  const bool is_full = connections_.size() >= connections_max_;
  if (is_full && !idle_.empty()) idle_.front()->Close();
  auto connection =
      std::make_shared<HttpConnection>(std::move(socket), number, this);
  connection->position = connections_.insert(connections_.end(), connection);
  count_.store(connections_.size(), std::memory_order_relaxed);
  if (connections_.size() > connections_max_) {
    connection->Refuse();
  } else {
    connection->Start();
  }
}

void HttpWorker::Remove(HttpConnection* connection) {
  connections_.erase(connection->position);
  count_.store(connections_.size(), std::memory_order_relaxed);
  FinishIfDrained();
}

void HttpWorker::Drain() {
  draining_ = true;
  const SteadyTime idle_end = After(options_.drain_idle);
  drain_end_ = After(options_.drain_max);
  for (HttpConnection* connection : idle_) connection->LimitDeadline(idle_end);
  // The sweeper waits for its long interval; it starts anew.
  sweeper_.cancel();
  FinishIfDrained();
}

void HttpWorker::Sweep() {
  const SteadyTime time = now();
  std::vector<std::shared_ptr<HttpConnection>> late;
  for (const auto& connection : connections_) {
    if (connection->deadline() < time || (draining_ && drain_end_ < time)) {
      late.push_back(connection);
    }
  }
  for (const auto& connection : late) connection->Close();
  if (draining_ && connections_.empty()) return;
  sweeper_.expires_after(draining_ ? kDrainInterval : kSweepInterval);
  sweeper_.async_wait([this](boost::system::error_code) { Sweep(); });
}

void HttpWorker::FinishIfDrained() {
  if (!draining_ || !connections_.empty()) return;
  sweeper_.cancel();
  work_.reset();
}

const std::string& HttpWorker::Date() {
  const std::time_t second = std::time(nullptr);
  if (second != date_second_) {
    date_second_ = second;
    date_ = absl::FormatTime("%a, %d %b %E4Y %H:%M:%S GMT",
                             absl::FromTimeT(second), absl::UTCTimeZone());
  }
  return date_;
}

}  // namespace glue_security
