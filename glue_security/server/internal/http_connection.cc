#include "glue_security/server/internal/http_connection.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/write.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/status.hpp"

namespace glue_security {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr absl::Duration kLinger = absl::Seconds(1);
// Room for the header of a request, most of the time.
constexpr size_t kReadMin = 1024;
// What is read of a body at once.
constexpr size_t kBodyRead = size_t{16} * 1024;
// What an idle connection keeps of each of its buffers.
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

HttpConnection::HttpConnection(HttpSocket socket, int number,
                               HttpWorker* worker)
    : socket_(std::move(socket)),
      number_(number),
      worker_(*worker),
      buffer_(worker->options().header_bytes_max + kBodyRead) {
  SetTimeout(worker_.options().idle_timeout);
}

void HttpConnection::SetTimeout(absl::Duration timeout) {
  deadline_ = worker_.After(timeout);
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
  parser_.emplace();
  parser_->header_limit(
      static_cast<uint32_t>(worker_.options().header_bytes_max));
  parser_->body_limit(worker_.options().body_bytes_max);
  header_bytes_ = 0;
  header_.reset();
  // Of a peer that does not wait for answers.
  if (buffer_.size() > 0) return OnFirstBytes();
  if (buffer_.capacity() > kIdleBufferMax) buffer_.shrink_to_fit();
  if (outgoing_.capacity() > kIdleBufferMax) std::string().swap(outgoing_);
  SetIdle(true);
  SetTimeout(worker_.options().idle_timeout);
  if (worker_.draining()) {
    LimitDeadline(worker_.After(worker_.options().drain_idle));
  }
  Read();
}

void HttpConnection::Read() {
  const size_t room =
      std::max(buffer_.capacity() - buffer_.size(),
               parser_->is_header_done() ? kBodyRead : kReadMin);
  socket_.async_read_some(
      buffer_.prepare(std::min(room, buffer_.max_size() - buffer_.size())),
      [self = shared_from_this()](Error error, size_t size) {
        self->OnRead(error, size);
      });
}

void HttpConnection::OnRead(Error error, size_t size) {
  if (is_closed_) return;
  // What the peer has begun and does not end is forgotten.
  if (error) return Close();
  buffer_.commit(size);
  if (is_idle_) return OnFirstBytes();
  Parse();
}

void HttpConnection::OnFirstBytes() {
  SetIdle(false);
  SetTimeout(worker_.options().header_timeout);
  Parse();
}

// Beast's own operations are not used: they go back to the event loop between
// a header and a body that have both come.
void HttpConnection::Parse() {
  while (!parser_->is_done()) {
    const bool had_header = parser_->is_header_done();
    Error error;
    const size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    // Beast holds to its limit only what it has not taken yet.
    if (!had_header) header_bytes_ += used;
    if (header_bytes_ > worker_.options().header_bytes_max) return Fail(431);
    if (error && error != http::error::need_more) return Fail(StatusFor(error));
    if (!had_header && parser_->is_header_done()) {
      if (!OnHeader()) return;
    } else if (error == http::error::need_more || buffer_.size() == 0) {
      break;
    }
  }
  if (parser_->is_done()) return Handle();
  // Only the header, or what is around a chunk, is left in the buffer.
  const bool has_header = parser_->is_header_done();
  if (buffer_.size() + (has_header ? 0 : header_bytes_) >
      worker_.options().header_bytes_max) {
    return Fail(has_header ? 400 : 431);
  }
  Read();
}

int HttpConnection::StatusFor(Error error) {
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  return 400;
}

bool HttpConnection::OnHeader() {
  const auto& fields = parser_->get().base();
  if (IsAmbiguous(fields)) {
    Fail(400);
    return false;
  }
  if (parser_->content_length().value_or(0) >
      worker_.options().body_bytes_max) {
    Fail(413);
    return false;
  }
  SetTimeout(worker_.options().body_timeout);
  parser_->eager(true);
  if (parser_->chunked()) header_.emplace(fields);
  if (parser_->get().version() < 11 ||
      !absl::EqualsIgnoreCase(ToAbsl(fields[http::field::expect]),
                              "100-continue")) {
    return true;
  }
  static constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue, sizeof(kContinue) - 1),
                    [self = shared_from_this()](Error failed, size_t) {
                      if (self->is_closed_) return;
                      if (failed) return self->Close();
                      self->Parse();
                    });
  return false;
}

void HttpConnection::Handle() {
  const auto& message = parser_->get();
  HttpRequest request;
  request.method = ToAbsl(message.method_string());
  request.target = ToAbsl(message.target());
  request.headers.reserve(16);
  // A trailer does not say what the header did not.
  const http::fields& fields =
      header_.has_value() ? *header_
                          : static_cast<const http::fields&>(message.base());
  for (const auto& field : fields) {
    request.headers.emplace_back(ToAbsl(field.name_string()),
                                 ToAbsl(field.value()));
  }
  request.body = message.body();
  request.connection = number_;
  HttpResponse response = worker_.handler()(request);
  if (response.drop_connection) return Close();
  // A client of HTTP/1.0 would have to be told that it goes on.
  const bool keep_alive = message.keep_alive() && message.version() == 11;
  const bool body = message.method() != http::verb::head;
  if (response.delay <= absl::ZeroDuration()) {
    return Send(response, keep_alive && MayGoOn(), body);
  }
  SetTimeout(response.delay + worker_.options().write_timeout);
  delay_.emplace(socket_.get_executor(), worker_.After(response.delay));
  delay_->async_wait([self = shared_from_this(), delayed = std::move(response),
                      keep_alive, body](Error error) {
    if (error || self->is_closed_) return;
    self->Send(delayed, keep_alive && self->MayGoOn(), body);
  });
}

bool HttpConnection::MayGoOn() {
  // Requests that have come are answered, whatever ends.
  Error ignored;
  return !worker_.draining() || buffer_.size() > 0 ||
         socket_.available(ignored) > 0;
}

void HttpConnection::Send(const HttpResponse& response, bool keep_alive,
                          bool body) {
  SetTimeout(worker_.options().write_timeout);
  // One piece of memory, and by hand: the system takes it in half the time that
  // it takes for the many pieces of a message of Boost.Beast.
  const boost::beast::string_view reason =
      http::obsolete_reason(static_cast<http::status>(response.status));
  outgoing_.clear();
  absl::StrAppend(&outgoing_, "HTTP/1.1 ", response.status, " ", ToAbsl(reason),
                  "\r\n");
  for (const auto& [name, value] : response.headers) {
    absl::StrAppend(&outgoing_, name, ": ", value, "\r\n");
  }
  absl::StrAppend(&outgoing_, "Date: ", worker_.Date(),
                  "\r\nContent-Length: ", response.body.size(),
                  keep_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n",
                  body ? absl::string_view(response.body) : "");
  asio::async_write(
      socket_, asio::buffer(outgoing_),
      [self = shared_from_this(), keep_alive](Error error, size_t) {
        self->OnSent(error, keep_alive);
      });
}

void HttpConnection::Fail(int status) {
  HttpResponse response;
  response.status = status;
  Send(response, /*keep_alive=*/false);
}

void HttpConnection::OnSent(Error error, bool keep_alive) {
  if (is_closed_) return;
  if (error) return Close();
  if (keep_alive) return WaitForRequest();
  Error ignored;
  socket_.shutdown(HttpSocket::shutdown_send, ignored);
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
