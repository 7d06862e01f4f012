#include "glue_security/server/http_listener.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/ip/address.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/steady_timer.hpp"
#include "glue_security/server/internal/http_worker.h"

namespace glue_security {

namespace asio = boost::asio;
using asio::ip::tcp;

// The first worker accepts; the workers take the connections in turn.
class HttpListener::Impl {
 public:
  Impl(HttpListenerOptions options, Handler handler)
      : options_(std::move(options)), handler_(std::move(handler)) {
    const int threads = std::max(options_.threads, 1);
    const size_t share = std::max<size_t>(
        options_.connections_max / static_cast<size_t>(threads), 1);
    for (int i = 0; i < threads; ++i) {
      workers_.push_back(
          std::make_unique<HttpWorker>(&options_, &handler_, share));
    }
  }

  absl::Status Listen() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options_.address, error);
    if (error) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", options_.address, "\" is no address"));
    }
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.emplace(workers_[0]->context());
    retry_.emplace(workers_[0]->context());
    acceptor_->open(endpoint.protocol(), error);
    if (!error) {
      acceptor_->set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(kBacklog, error);
    if (!error) acceptor_->non_blocking(true, error);
    if (error) {
      return absl::UnavailableError(
          absl::StrCat("cannot listen on ", options_.address, ", port ",
                       options_.port, ": ", error.message()));
    }
    port_ = acceptor_->local_endpoint().port();
    Accept();
    for (const auto& worker : workers_) worker->Run();
    return absl::OkStatus();
  }

  uint16_t port() const { return port_; }

  size_t connections() const {
    size_t sum = 0;
    for (const auto& worker : workers_) sum += worker->connections();
    return sum;
  }

  void Stop() {
    std::call_once(stopped_, [this] { StopOnce(); });
  }

 private:
  static constexpr int kBacklog = 4096;

  void StopOnce() {
    asio::post(workers_[0]->context(), [this] {
      AcceptTheRest();
      // Behind a connection that was accepted just before.
      asio::post(workers_[0]->context(), [this] {
        for (const auto& worker : workers_) worker->PostDrain();
      });
    });
    for (const auto& worker : workers_) worker->Join();
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
          if (error == asio::error::operation_aborted) return;
          if (!error) worker.PostConnection(std::move(socket), accepted_++);
          if (closing_) return;
          if (!error) return Accept();
          // Out of descriptors, most likely: some will be free soon.
          retry_->expires_after(std::chrono::milliseconds(50));
          retry_->async_wait([this](boost::system::error_code stopped) {
            if (!stopped && !closing_) Accept();
          });
        });
  }

  // Peers that are connected already have been promised an answer.
  void AcceptTheRest() {
    closing_ = true;
    boost::system::error_code error;
    while (!error) {
      HttpWorker& worker = NextWorker();
      HttpSocket socket(worker.context());
      acceptor_->accept(socket, error);
      if (!error) worker.PostConnection(std::move(socket), accepted_++);
    }
    retry_->cancel();
    acceptor_->close(error);
  }

  const HttpListenerOptions options_;
  const Handler handler_;
  std::vector<std::unique_ptr<HttpWorker>> workers_;
  size_t next_ = 0;
  int accepted_ = 0;
  std::optional<tcp::acceptor> acceptor_;
  std::optional<asio::steady_timer> retry_;
  uint16_t port_ = 0;
  std::once_flag stopped_;
  // Of the first worker's thread.
  bool closing_ = false;
};

HttpListener::HttpListener(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

HttpListener::~HttpListener() { Stop(); }

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Start(
    const HttpListenerOptions& options, Handler handler) {
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  if (auto status = impl->Listen(); !status.ok()) return status;
  return absl::WrapUnique(new HttpListener(std::move(impl)));
}

uint16_t HttpListener::port() const { return impl_->port(); }

void HttpListener::Stop() { impl_->Stop(); }

size_t HttpListener::connections() const { return impl_->connections(); }

}  // namespace glue_security
