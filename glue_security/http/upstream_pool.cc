#include "glue_security/http/upstream_pool.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "boost/asio/post.hpp"
#include "glue_security/http/bounded_time.h"

namespace glue_security {

namespace asio = boost::asio;

UpstreamLink::UpstreamLink(asio::io_context* context, HttpShared* shared,
                           std::shared_ptr<size_t> places)
    : shared_(*shared), places_(std::move(places)), socket_(*context) {
  ++*places_;
  shared_.upstream_connections.fetch_add(1, std::memory_order_relaxed);
}

UpstreamLink::~UpstreamLink() {
  Close();
  --*places_;
  shared_.upstream_connections.fetch_sub(1, std::memory_order_relaxed);
}

boost::system::error_code UpstreamLink::Open(const asio::ip::tcp& protocol) {
  Close();
  boost::system::error_code error;
  socket_.open(protocol, error);
  if (error) return error;
  shared_.descriptors.Insert(socket_.native_handle());
  fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
  socket_.non_blocking(true, error);
  if (!error) socket_.set_option(asio::ip::tcp::no_delay(true), error);
  return error;
}

void UpstreamLink::Close() noexcept {
  if (!socket_.is_open()) return;
  shared_.descriptors.Erase(socket_.native_handle());
  boost::system::error_code ignored;
  socket_.close(ignored);
}

std::unique_ptr<UpstreamLink> UpstreamPool::TakeIdle() {
  while (!idle_.empty()) {
    std::unique_ptr<UpstreamLink> link = std::move(idle_.front());
    idle_.pop_front();
    char byte;
    const ssize_t peeked =
        recv(link->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return link;
  }
  return nullptr;
}

std::unique_ptr<UpstreamLink> UpstreamPool::TakeNew() {
  if (*places_ >= links_max_) return nullptr;
  return std::make_unique<UpstreamLink>(&context_, &shared_, places_);
}

void UpstreamPool::Keep(std::unique_ptr<UpstreamLink> link) {
  link->deadline = std::chrono::steady_clock::now() +
                   ToBoundedNanoseconds(shared_.options.upstream.keep_alive);
  idle_.push_front(std::move(link));
}

void UpstreamPool::Wait(std::weak_ptr<void> owner,
                        std::function<void()> ready) {
  waiting_.push_back({std::move(owner), std::move(ready)});
}

void UpstreamPool::WakeOne() {
  while (!waiting_.empty()) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.owner.expired()) continue;
    // Posted, because the caller is in the middle of its own end.
    return asio::post(context_, [next = std::move(next)] {
      if (const auto owner = next.owner.lock()) next.ready();
    });
  }
}

// A request that ended while it waited stays in the list until its turn, which
// comes at a sweep at the latest.
void UpstreamPool::Sweep(std::chrono::steady_clock::time_point now) {
  // The oldest are last.
  while (!idle_.empty() && idle_.back()->deadline < now) idle_.pop_back();
  if (*places_ < links_max_) WakeOne();
}

}  // namespace glue_security
