#include "glue_security/server/internal/http_connection.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/write.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/read.hpp"
#include "boost/beast/http/write.hpp"

namespace glue_security {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr absl::Duration kLinger = absl::Seconds(1);
// What an idle connection keeps of its buffer.
constexpr size_t kIdleBufferMax = 4096;

absl::string_view ToAbsl(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// A message whose end two readers may see in two places.
template <typename Fields>
bool IsAmbiguous(const Fields& fields) {
  const auto lengths = fields.count(http::field::content_length);
  const auto codings = fields.count(http::field::transfer_encoding);
  if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0)) return true;
  if (lengths > 0) {
    // Boost.Beast takes "4, 4" for 4.
    const absl::string_view length =
        ToAbsl(fields[http::field::content_length]);
    return length.empty() ||
           length.find_first_not_of("0123456789") != absl::string_view::npos;
  }
  return codings > 0 &&
         !absl::EqualsIgnoreCase(ToAbsl(fields[http::field::transfer_encoding]),
                                 "chunked");
}

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket, int number,
                               HttpWorker* worker)
    : socket_(std::move(socket)),
      number_(number),
      worker_(*worker),
      buffer_(worker->options().header_bytes_max +
              worker->options().body_bytes_max) {
  SetTimeout(worker_.options().idle_timeout);
}

void HttpConnection::SetTimeout(absl::Duration timeout) {
  deadline_ = worker_.now() + absl::ToChronoNanoseconds(timeout);
}

void HttpConnection::LimitDeadline(HttpWorker::SteadyTime limit) {
  deadline_ = std::min(deadline_, limit);
}

void HttpConnection::SetIdle(bool idle) {
  if (idle == is_idle_) return;
  is_idle_ = idle;
  if (idle) {
    idle_position_ = worker_.idle().insert(worker_.idle().end(), this);
  } else {
    worker_.idle().erase(idle_position_);
  }
}

void HttpConnection::Start() {
  Error ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  WaitForRequest();
}

void HttpConnection::Refuse() { Fail(503); }

void HttpConnection::WaitForRequest() {
  if (buffer_.size() > 0) return ReadHeader();
  parser_.reset();
  if (buffer_.capacity() > kIdleBufferMax) buffer_.shrink_to_fit();
  SetIdle(true);
  SetTimeout(worker_.options().idle_timeout);
  if (worker_.draining()) {
    LimitDeadline(worker_.now() +
                  absl::ToChronoNanoseconds(worker_.options().drain_idle));
  }
  // Not a read: until something comes, an idle connection needs no buffer, and
  // the time for the header starts with its first byte.
  socket_.async_wait(asio::ip::tcp::socket::wait_read,
                     [self = shared_from_this()](Error error) {
                       if (error) return self->Close();
                       self->ReadHeader();
                     });
}

void HttpConnection::ReadHeader() {
  SetIdle(false);
  SetTimeout(worker_.options().header_timeout);
  parser_.emplace();
  parser_->header_limit(
      static_cast<uint32_t>(worker_.options().header_bytes_max));
  parser_->body_limit(worker_.options().body_bytes_max);
  http::async_read_header(socket_, buffer_, *parser_,
                          [self = shared_from_this()](Error error, size_t) {
                            self->OnHeader(error);
                          });
}

int HttpConnection::StatusFor(Error error) {
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  if (error == http::error::end_of_stream ||
      error == http::error::partial_message) {
    return 0;
  }
  const Error any_of_http = http::make_error_code(http::error::bad_method);
  return error.category() == any_of_http.category() ? 400 : 0;
}

void HttpConnection::OnHeader(Error error) {
  if (is_closed_) return;
  if (error) return Fail(StatusFor(error));
  const auto& fields = parser_->get().base();
  if (IsAmbiguous(fields)) return Fail(400);
  if (parser_->content_length().value_or(0) >
      worker_.options().body_bytes_max) {
    return Fail(413);
  }
  SetTimeout(worker_.options().body_timeout);
  if (!absl::EqualsIgnoreCase(ToAbsl(fields[http::field::expect]),
                              "100-continue")) {
    return ReadBody();
  }
  static constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue, sizeof(kContinue) - 1),
                    [self = shared_from_this()](Error failed, size_t) {
                      if (failed) return self->Close();
                      self->ReadBody();
                    });
}

void HttpConnection::ReadBody() {
  if (parser_->is_done()) return OnBody(Error());
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](Error error, size_t) {
                     self->OnBody(error);
                   });
}

void HttpConnection::OnBody(Error error) {
  if (is_closed_) return;
  if (error) return Fail(StatusFor(error));
  Handle();
}

void HttpConnection::Handle() {
  const auto& message = parser_->get();
  HttpRequest request;
  request.method = ToAbsl(message.method_string());
  request.target = ToAbsl(message.target());
  request.headers.reserve(16);
  for (const auto& field : message) {
    request.headers.emplace_back(ToAbsl(field.name_string()),
                                 ToAbsl(field.value()));
  }
  request.body = message.body();
  request.connection = number_;
  HttpResponse response = worker_.handler()(request);
  if (response.drop_connection) return Close();
  const bool keep_alive = message.keep_alive() && !worker_.draining();
  if (response.delay <= absl::ZeroDuration()) {
    return Send(std::move(response), keep_alive);
  }
  SetTimeout(response.delay + worker_.options().write_timeout);
  delay_.emplace(socket_.get_executor(),
                 absl::ToChronoNanoseconds(response.delay));
  delay_->async_wait([self = shared_from_this(), delayed = std::move(response),
                      keep_alive](Error error) mutable {
    if (error || self->is_closed_) return;
    self->Send(std::move(delayed), keep_alive && !self->worker_.draining());
  });
}

void HttpConnection::Send(HttpResponse response, bool keep_alive) {
  SetTimeout(worker_.options().write_timeout);
  response_ = {};
  response_.version(11);
  response_.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers) {
    response_.insert(boost::beast::string_view(name.data(), name.size()),
                     value);
  }
  response_.set(http::field::date, worker_.Date());
  response_.body() = std::move(response.body);
  response_.content_length(response_.body().size());
  response_.keep_alive(keep_alive);
  http::async_write(
      socket_, response_,
      [self = shared_from_this(), keep_alive](Error error, size_t) {
        self->OnSent(error, keep_alive);
      });
}

void HttpConnection::Fail(int status) {
  if (status == 0) return Close();
  HttpResponse response;
  response.status = status;
  Send(std::move(response), /*keep_alive=*/false);
}

void HttpConnection::OnSent(Error error, bool keep_alive) {
  if (is_closed_) return;
  if (error) return Close();
  if (keep_alive) return WaitForRequest();
  Error ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  SetTimeout(kLinger);
  Linger();
}

void HttpConnection::Linger() {
  // What the peer still sends is read and forgotten: closing over it would take
  // the answer back from a peer that has not read it.
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(kIdleBufferMax),
                          [self = shared_from_this()](Error error, size_t) {
                            if (self->is_closed_) return;
                            if (error) return self->Close();
                            self->Linger();
                          });
}

void HttpConnection::Close() {
  if (is_closed_) return;
  is_closed_ = true;
  SetIdle(false);
  if (delay_.has_value()) delay_->cancel();
  Error ignored;
  socket_.close(ignored);
  worker_.Remove(this);
}

}  // namespace glue_security
