#include "glue_security/http/http_worker.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/time/time.h"
#include "boost/asio/post.hpp"
#include "glue_security/http/bounded_time.h"
#include "glue_security/http/http_connection.h"

namespace glue_security {

namespace asio = boost::asio;

namespace {

constexpr auto kSweepInterval = std::chrono::milliseconds(250);
// The shorter interval of a worker that drains.
constexpr auto kDrainInterval = std::chrono::milliseconds(20);
// The pause after an exception outside a connection, after which there may be
// memory again.
constexpr auto kPause = std::chrono::milliseconds(10);

// Blocks signals for a new thread: they are left to the embedder's threads.
class SignalBlock {
 public:
  SignalBlock() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalBlock() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalBlock(const SignalBlock&) = delete;
  SignalBlock& operator=(const SignalBlock&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

HttpWorker::HttpWorker(HttpShared* shared)
    : shared_(*shared),
      context_(/*concurrency_hint=*/1),
      work_(asio::make_work_guard(context_)),
      sweeper_(context_),
      scratch_(std::make_unique<Scratch>()),
      upstream_(&context_, shared) {}

HttpWorker::~HttpWorker() = default;

void HttpWorker::Run(const HttpShares& shares) {
  shares_ = shares;
  upstream_.set_links_max(shares.upstream);
  const SignalBlock block;
  {
    const std::lock_guard<std::mutex> lock(shared_.mutex);
    ++shared_.running;
  }
  try {
    thread_ = std::thread([this] { Serve(); });
  } catch (...) {
    const std::lock_guard<std::mutex> lock(shared_.mutex);
    --shared_.running;
    throw;
  }
}

// The last exception boundary, for exceptions that belong to no connection.
void HttpWorker::Serve() {
  while (true) {
    try {
      if (!is_sweeping_) Sweep();
      context_.run();
      break;
    } catch (...) {
      HttpShared::Count(&shared_.connection_exceptions);
      std::this_thread::sleep_for(kPause);
    }
  }
  const std::lock_guard<std::mutex> lock(shared_.mutex);
  --shared_.running;
  shared_.changed.notify_all();
}

HttpWorker::SteadyTime HttpWorker::After(absl::Duration duration) const {
  return now() + ToBoundedNanoseconds(duration);
}

void HttpWorker::Join() {
  if (thread_.joinable()) thread_.join();
}

void HttpWorker::Abandon() { context_.stop(); }

void HttpWorker::PostConnection(HttpSocket socket, int number) {
  asio::post(context_, [this, number, moved = std::move(socket)]() mutable {
    Add(std::move(moved), number);
  });
}

void HttpWorker::PostDrain() {
  asio::post(context_, [this] { Drain(); });
}

void HttpWorker::PostEviction() {
  asio::post(context_, [this] { Evict(); });
}

void HttpWorker::PostCancellation() {
  asio::post(context_, [this] { CancelDelayed(); });
}

void HttpWorker::Add(HttpSocket socket, int number) {
  // There are many leaving connections only while their peers are slow.
  const size_t most = shares_.connections + 2 * shares_.reserved;
  if (connections_.size() > most && !At(HttpPlace::kLeaving).empty()) {
    At(HttpPlace::kLeaving).front()->Close();
  }
  auto connection =
      std::make_shared<HttpConnection>(std::move(socket), number, this);
  std::list<std::shared_ptr<HttpConnection>> node{connection};
  ConnectionList place{connection.get()};
  connection->position = node.begin();
  connection->place_position = place.begin();
  connections_.splice(connections_.end(), node);
  At(HttpPlace::kLeaving).splice(At(HttpPlace::kLeaving).end(), place);
  count_.store(connections_.size(), std::memory_order_relaxed);
  connection->Guarded([&] { Admit(connection.get()); });
}

void HttpWorker::Admit(HttpConnection* connection) {
  if (MakeRoom()) {
    Move(connection, HttpPlace::kOrdinary);
  } else if (options().is_privileged && MakeReservedRoom()) {
    Move(connection, HttpPlace::kReserved);
  } else {
    return connection->Refuse();
  }
  connection->Start();
}

bool HttpWorker::MakeRoom() {
  return At(HttpPlace::kOrdinary).size() < shares_.connections || Evict();
}

bool HttpWorker::MakeReservedRoom() {
  if (At(HttpPlace::kReserved).size() < shares_.reserved) return true;
  for (HttpConnection* connection : At(HttpPlace::kReserved)) {
    if (connection->has_header()) continue;
    connection->Guarded([connection] { connection->Refuse(); });
    return true;
  }
  return false;
}

bool HttpWorker::Evict() {
  HttpConnection* evicted = idle_.empty() ? nullptr : idle_.front();
  if (evicted == nullptr) {
    // Incomplete headers would keep others out for `header_timeout`. The oldest
    // connections come first.
    const ConnectionList& ordinary = At(HttpPlace::kOrdinary);
    const auto half = std::find_if(
        ordinary.begin(), ordinary.end(),
        [](const HttpConnection* each) { return !each->has_header(); });
    if (half == ordinary.end()) return false;
    evicted = *half;
  }
  HttpShared::Count(&shared_.connections_evicted);
  evicted->Close();
  return true;
}

bool HttpWorker::Promote(HttpConnection* connection) {
  if (!MakeRoom()) return false;
  Move(connection, HttpPlace::kOrdinary);
  return true;
}

void HttpWorker::Move(HttpConnection* connection, HttpPlace place) {
  ConnectionList& to = At(place);
  to.splice(to.end(), At(connection->place), connection->place_position);
  connection->place = place;
}

void HttpWorker::Remove(HttpConnection* connection) {
  At(connection->place).erase(connection->place_position);
  connections_.erase(connection->position);
  count_.store(connections_.size(), std::memory_order_relaxed);
  FinishIfDrained();
}

void HttpWorker::Drain() {
  if (draining_) return;
  draining_ = true;
  const SteadyTime idle_end = After(options().drain_idle);
  for (HttpConnection* connection : idle_) connection->LimitDeadline(idle_end);
  // Restarts the sweeper, which waits for its long interval.
  sweeper_.cancel();
  FinishIfDrained();
}

void HttpWorker::CancelDelayed() {
  for (auto next = connections_.begin(); next != connections_.end();) {
    const std::shared_ptr<HttpConnection> connection = *next++;
    if (connection->is_cancelled()) connection->Close();
  }
}

void HttpWorker::Sweep() {
  is_sweeping_ = false;
  // Posted, so that it runs after connections that were posted before.
  if (shared_.draining && !draining_) PostDrain();
  const SteadyTime time = now();
  for (auto next = connections_.begin(); next != connections_.end();) {
    const std::shared_ptr<HttpConnection> connection = *next++;
    if (connection->IsLate(time) || connection->is_cancelled() ||
        (draining_ && shared_.drain_end < time)) {
      connection->Close();
    }
  }
  upstream_.Sweep(time);
  if (draining_ && connections_.empty()) return;
  if (upkeep_) upkeep_();
  sweeper_.expires_after(draining_ ? kDrainInterval : kSweepInterval);
  sweeper_.async_wait([this](boost::system::error_code) { Sweep(); });
  is_sweeping_ = true;
}

void HttpWorker::FinishIfDrained() {
  if (!draining_ || !connections_.empty()) return;
  sweeper_.cancel();
  work_.reset();
}

const std::string& HttpWorker::Date() {
  const std::time_t second = std::time(nullptr);
  if (second != date_second_) {
    date_ = absl::FormatTime("%a, %d %b %E4Y %H:%M:%S GMT",
                             absl::FromTimeT(second), absl::UTCTimeZone());
    date_second_ = second;
  }
  return date_;
}

}  // namespace glue_security
