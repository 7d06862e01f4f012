// The answering half of HttpConnection: the handler, delays, writing.

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/post.hpp"
#include "boost/beast/http/status.hpp"
#include "glue_security/http/http_connection.h"

namespace glue_security {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr absl::Duration kLinger = absl::Seconds(1);
// The largest body of an answer that is sent in one piece with its header.
constexpr size_t kCopiedMax = size_t{16} * 1024;

}  // namespace

HttpRequest HttpConnection::MakeRequest(std::string* with_slash) const {
  const auto& message = parser_->get();
  HttpRequest request;
  request.method = ToAbsl(message.method_string());
  request.target = target_.path;
  if (target_.lacks_slash) {
    request.target = *with_slash = absl::StrCat("/", target_.path);
  }
  request.headers.reserve(16);
  // Uses the header alone: a trailer must not add fields to it.
  const http::fields& fields =
      header_.has_value() ? *header_
                          : static_cast<const http::fields&>(message.base());
  if (!target_.authority.empty() && fields.count(http::field::host) == 0) {
    request.headers.emplace_back("Host", target_.authority);
  }
  for (const auto& field : fields) {
    const bool is_replaced =
        !target_.authority.empty() && field.name() == http::field::host;
    request.headers.emplace_back(
        ToAbsl(field.name_string()),
        is_replaced ? target_.authority : ToAbsl(field.value()));
  }
  request.body = message.body();
  request.connection = number_;
  return request;
}

void HttpConnection::Handle() {
  const auto& message = parser_->get();
  std::string with_slash;
  const HttpRequest request = MakeRequest(&with_slash);
  // For HTTP/1.0 the answer would have to announce that the connection stays
  // open.
  keep_alive_ = message.keep_alive() && message.version() == 11;
  sends_body_ = message.method() != http::verb::head;
  HttpShared& shared = worker_.shared();
  cancellations_ = shared.cancellations;
  HttpResponse response;
  bool has_thrown = false;
  // An exception boundary: an exception of the handler ends its request.
  try {
    response = shared.handler(request);
  } catch (...) {
    HttpShared::Count(&shared.handler_exceptions);
    has_thrown = true;
  }
  if (has_thrown) return Fail(500, "the handler failed");
  if (response.drop_connection) return Close();
  Answer(std::move(response));
}

void HttpConnection::Answer(HttpResponse response) {
  answer_ = std::move(response);
  content_length_ = answer_.body.size();
  if (!sends_body_) std::string().swap(answer_.body);
  ReleaseRequest();
  if (!Charge()) return FailForBytes();
  if (answer_.delay > absl::ZeroDuration()) return Delay();
  Send();
}

void HttpConnection::Delay() {
  state_ = State::kDelayed;
  if (is_cancelled()) return Close();
  SetTimeout(answer_.delay + worker_.options().write_timeout);
  delay_.emplace(socket_.get_executor(), worker_.After(answer_.delay));
  delay_->async_wait([self = shared_from_this()](Error error) {
    if (error || self->state_ != State::kDelayed) return;
    self->Guarded([&self] { self->Send(); });
  });
  WaitToRead();
}

void HttpConnection::Watch() {
  const size_t most = worker_.options().header_bytes_max;
  if (buffer_.size() >= most) {
    // Bytes that come now stay with the system; only a reset is noticed.
    if (std::exchange(is_watching_errors_, true)) return;
    return socket_.async_wait(HttpSocket::wait_error,
                              [self = shared_from_this()](Error) {
                                self->is_watching_errors_ = false;
                                if (self->state_ != State::kDelayed) return;
                                self->Close();
                              });
  }
  const auto input = ReadSome(most - buffer_.size());
  if (!input.has_value()) return;
  Append(*input);
  if (!Charge()) return FailForBytes();
  WaitToRead();
}

bool HttpConnection::MayGoOn() {
  // Requests that have come are answered even while the listener stops.
  Error ignored;
  return !worker_.draining() || buffer_.size() > 0 ||
         socket_.available(ignored) > 0;
}

void HttpConnection::Send() {
  delay_.reset();
  state_ = State::kSending;
  is_last_ = !keep_alive_ || place != HttpPlace::kOrdinary || on_reserve_ ||
             !MayGoOn();
  // Written by hand into one piece of memory: the system sends it in half the
  // time that the many pieces of a Boost.Beast message take.
  const bool is_copied = answer_.body.size() <= kCopiedMax;
  const boost::beast::string_view reason =
      http::obsolete_reason(static_cast<http::status>(answer_.status));
  outgoing_.clear();
  outgoing_.reserve(512 + (is_copied ? answer_.body.size() : 0));
  absl::StrAppend(&outgoing_, "HTTP/1.1 ", answer_.status, " ", ToAbsl(reason),
                  "\r\n");
  for (const auto& [name, value] : answer_.headers) {
    absl::StrAppend(&outgoing_, name, ": ", value, "\r\n");
  }
  absl::StrAppend(&outgoing_, "Date: ", worker_.Date(),
                  "\r\nContent-Length: ", content_length_,
                  is_last_ ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n",
                  is_copied ? absl::string_view(answer_.body) : "");
  if (is_copied) std::string().swap(answer_.body);
  sent_ = 0;
  // `SendSome` sets a deadline when it waits for the peer.
  SetTimeout(absl::InfiniteDuration());
  SendSome();
}

void HttpConnection::SendSome() {
  const size_t size = outgoing_.size() + answer_.body.size();
  for (int i = 0; i < kTurnMax; ++i) {
    const size_t of_head = std::min(sent_, outgoing_.size());
    const std::array<asio::const_buffer, 2> rest = {
        asio::buffer(outgoing_) + of_head,
        asio::buffer(answer_.body) + (sent_ - of_head)};
    Error error;
    // Sending one buffer is faster than sending a list of one.
    sent_ += answer_.body.empty() ? socket_.write_some(rest[0], error)
                                  : socket_.write_some(rest, error);
    if (error && !IsForLater(error)) return Close();
    if (sent_ == size) return OnSent();
    if (error) {
      unacknowledged_ = Unacknowledged();
      SetTimeout(worker_.options().write_timeout);
      return socket_.async_wait(HttpSocket::wait_write,
                                [self = shared_from_this()](Error) {
                                  self->Guarded([&self] { self->SendSome(); });
                                });
    }
  }
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->Guarded([&self] { self->SendSome(); });
  });
}

int HttpConnection::Unacknowledged() {
  int bytes = 0;
  return ioctl(descriptor_, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

void HttpConnection::OnSent() {
  std::string().swap(answer_.body);
  if (!is_last_) {
    // A direct call would recurse once per request. Posting it also gives other
    // connections a turn.
    return asio::post(socket_.get_executor(), [self = shared_from_this()] {
      self->Guarded([&self] { self->WaitForRequest(); });
    });
  }
  Error ignored;
  socket_.shutdown(HttpSocket::shutdown_send, ignored);
  Linger();
}

void HttpConnection::Fail(int status, absl::string_view message) {
  if (HasBegunAnswer()) return Close();
  EndPassing(status, /*is_whole=*/true, /*has_failed=*/true);
  SetIdle(false);
  ReleaseRequest();
  buffer_.clear();
  ReleaseAll();
  answer_ = HttpResponse();
  answer_.status = status;
  answer_.headers = {{"Content-Type", "application/json"}};
  // SDKs show the message.
  answer_.body = absl::StrCat(R"({"message":")", message, R"("})");
  content_length_ = answer_.body.size();
  keep_alive_ = false;
  Send();
}

void HttpConnection::FailFor(int status) {
  const HttpListenerOptions& options = worker_.options();
  if (status == 413) {
    Fail(413, absl::StrCat("the body has more than ", options.body_bytes_max,
                           " bytes"));
  } else if (status == 431) {
    Fail(431,
         absl::StrCat("the header has more than ", options.header_bytes_max,
                      " bytes or ", kHttpFieldsMax, " fields"));
  } else {
    Fail(status, "the request is malformed");
  }
}

void HttpConnection::FailForBytes() {
  HttpShared::Count(&worker_.shared().refused_for_bytes);
  Fail(503, "too many bytes are under way");
}

void HttpConnection::Linger() {
  // Reads and drops what the peer still sends: closing with unread bytes would
  // reset the connection, and the peer could lose the answer.
  state_ = State::kLingering;
  buffer_.clear();
  ReleaseAll();
  worker_.Move(this, HttpPlace::kLeaving);
  SetTimeout(kLinger);
  WaitToRead();
}

void HttpConnection::ReadAndForget() {
  for (int i = 0; i < kTurnMax; ++i) {
    if (!ReadSome(sizeof(HttpWorker::Scratch)).has_value()) return;
  }
  WaitToRead();
}

}  // namespace glue_security
