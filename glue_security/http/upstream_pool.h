// UpstreamPool: the connections of one thread of an HttpListener to its
// upstream.

#ifndef GLUE_SECURITY_HTTP_UPSTREAM_POOL_H_
#define GLUE_SECURITY_HTTP_UPSTREAM_POOL_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>

#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/system/error_code.hpp"
#include "glue_security/http/http_shared.h"
#include "glue_security/http/http_socket.h"

namespace glue_security {

// One connection to the upstream, open or about to be. It holds a place in the
// pool as long as it lives.
class UpstreamLink {
 public:
  UpstreamLink(boost::asio::io_context* context, HttpShared* shared,
               std::shared_ptr<size_t> places);
  ~UpstreamLink();
  UpstreamLink(const UpstreamLink&) = delete;
  UpstreamLink& operator=(const UpstreamLink&) = delete;

  HttpSocket& socket() { return socket_; }
  // Opens the socket, without connecting it. Closes it first when it is open.
  boost::system::error_code Open(const boost::asio::ip::tcp& protocol);
  void Close() noexcept;

  // The time at which it is closed while it is idle.
  std::chrono::steady_clock::time_point deadline;

 private:
  HttpShared& shared_;
  // The number of places in use, which may outlive the pool.
  const std::shared_ptr<size_t> places_;
  HttpSocket socket_;
};

// Not thread-safe.
class UpstreamPool {
 public:
  UpstreamPool(boost::asio::io_context* context, HttpShared* shared)
      : context_(*context), shared_(*shared) {}

  // Bounds the connections. REQUIRES: called before the first of the methods
  // below.
  void set_links_max(size_t links_max) { links_max_ = links_max; }

  // Returns an idle connection whose peer has sent nothing and has not ended;
  // null: there is none.
  std::unique_ptr<UpstreamLink> TakeIdle();
  // Returns a new one, not yet open; null: all places are in use.
  std::unique_ptr<UpstreamLink> TakeNew();
  // Keeps a connection for a further request.
  void Keep(std::unique_ptr<UpstreamLink> link);

  // Calls `ready` once, when there may be a place, if `owner` still lives.
  void Wait(std::weak_ptr<void> owner, std::function<void()> ready);
  // Lets one request that waits try again.
  void WakeOne();

  // Closes idle connections that are old; lets waiting requests try again.
  void Sweep(std::chrono::steady_clock::time_point now);
  void CloseIdle() { idle_.clear(); }

 private:
  struct Waiting {
    std::weak_ptr<void> owner;
    std::function<void()> ready;
  };

  boost::asio::io_context& context_;
  HttpShared& shared_;
  size_t links_max_ = 0;
  const std::shared_ptr<size_t> places_ = std::make_shared<size_t>(0);
  // The one that was used last is first.
  std::list<std::unique_ptr<UpstreamLink>> idle_;
  std::deque<Waiting> waiting_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_UPSTREAM_POOL_H_
