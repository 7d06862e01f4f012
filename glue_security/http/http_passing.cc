// The passing half of HttpConnection: a request goes to the upstream in pieces,
// and the answer to the client.

#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "boost/asio/buffer.hpp"
#include "glue_security/http/http_connection.h"

namespace glue_security {

namespace asio = boost::asio;

bool HttpConnection::DecideRoute() {
  const HttpListenerOptions& options = worker_.options();
  if (options.pass_on) {
    bool has_thrown = false;
    std::string with_slash;
    const HttpRequest head = MakeRequest(&with_slash);
    // An exception boundary, as in `Handle`.
    try {
      passed_ = options.pass_on(head);
    } catch (...) {
      HttpShared::Count(&worker_.shared().handler_exceptions);
      has_thrown = true;
    }
    if (has_thrown) {
      Fail(500, "the handler failed");
      return false;
    }
    if (passed_ != nullptr) {
      const bool is_loop = IsLoop(head);
      if (is_loop) {
        FailPassed(508, "the upstream leads back to this server");
      }
      return !is_loop;
    }
  }
  if (parser_->content_length().value_or(0) > options.body_bytes_max) {
    FailFor(413);
    return false;
  }
  parser_->body_limit(options.body_bytes_max);
  return true;
}

bool HttpConnection::IsLoop(const HttpRequest& head) const {
  for (const auto& [name, value] : head.headers) {
    if (absl::EqualsIgnoreCase(name, "Via") &&
        absl::StrContains(value, worker_.shared().via_name)) {
      return true;
    }
  }
  return false;
}

bool HttpConnection::is_modern() const {
  return parser_->get().version() == 11;
}

bool HttpConnection::PassBody() {
  std::shared_ptr<HttpRelay> relay = relay_;
  if (relay == nullptr) {
    state_ = State::kPassing;
    keep_alive_ = parser_->get().keep_alive() && is_modern();
    sends_body_ = parser_->get().method() != boost::beast::http::verb::head;
    relay = relay_ = std::make_shared<HttpRelay>(this, &worker_);
    outgoing_.clear();
    sent_ = 0;
    ends_with_connection_ = false;
    NoteProgress();
    std::string with_slash;
    relay->Start(MakeRequest(&with_slash), parser_->chunked());
    if (state_ != State::kPassing) return false;
  }
  const bool is_last = parser_->is_done();
  std::vector<std::pair<std::string, std::string>> trailer;
  if (is_last && header_.has_value()) {
    trailer = TrailerOf(parser_->get().base(), *header_);
  }
  const bool wants_more = relay->Send(parser_->get().body(), is_last, trailer);
  if (state_ != State::kPassing) return false;
  parser_->get().body().clear();
  if (!Charge()) {
    FailForBytes();
    return false;
  }
  // Notices a client that goes away.
  if (is_last) WaitToRead();
  return wants_more;
}

void HttpConnection::ContinueBody() {
  if (state_ == State::kPassing && !parser_->is_done()) ReadRequest();
}

void HttpConnection::OnPassingReadable() {
  if (!parser_->is_done()) return ReadRequest();
  char byte;
  const ssize_t peeked = recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (peeked > 0) return;  // the next request
  if (peeked < 0 && (errno == EAGAIN || errno == EINTR)) return WaitToRead();
  Close();
}

void HttpConnection::NoteProgress() {
  if (state_ != State::kPassing) return;
  const HttpListenerOptions& options = worker_.options();
  if (!outgoing_.empty()) {
    SetTimeout(options.write_timeout);
  } else if (relay_->wants_body()) {
    SetTimeout(options.body_timeout);
  } else {
    SetTimeout(relay_->Timeout());
  }
}

void HttpConnection::OnPassingLate() {
  const std::shared_ptr<HttpRelay> relay = relay_;
  if (!outgoing_.empty()) {
    // As in `IsLate`.
    const int left = Unacknowledged();
    if (left >= unacknowledged_) return Close();
    unacknowledged_ = left;
    NoteProgress();
  } else if (relay->wants_body()) {
    Close();
  } else {
    relay->OnLate();
  }
}

bool HttpConnection::DecideIsLast(bool ends_with_connection) {
  is_last_ = !keep_alive_ || place != HttpPlace::kOrdinary || on_reserve_ ||
             ends_with_connection || !parser_->is_done() || !MayGoOn();
  ends_with_connection_ = ends_with_connection;
  return is_last_;
}

void HttpConnection::GiveAnswer(absl::string_view text) {
  absl::StrAppend(&outgoing_, text);
}

bool HttpConnection::FlushAnswer() {
  if (!Charge()) {
    FailForBytes();
    return false;
  }
  while (sent_ < outgoing_.size()) {
    Error error;
    const size_t size =
        socket_.write_some(asio::buffer(outgoing_) + sent_, error);
    sent_ += size;
    if (size > 0) NoteProgress();
    if (error && !IsForLater(error)) {
      Close();
      return false;
    }
    if (error) {
      unacknowledged_ = Unacknowledged();
      NoteProgress();
      socket_.async_wait(
          HttpSocket::wait_write, [self = shared_from_this()](Error) {
            self->Guarded([&self] {
              if (self->state_ != State::kPassing) return;
              const std::shared_ptr<HttpRelay> relay = self->relay_;
              if (self->FlushAnswer()) relay->ContinueAnswer();
            });
          });
      return false;
    }
  }
  outgoing_.clear();
  sent_ = 0;
  NoteProgress();
  return true;
}

void HttpConnection::EndAnswer() {
  const int status = relay_->status();
  const bool is_read = parser_->is_done();
  EndPassing(status, /*is_whole=*/true, /*has_failed=*/false);
  ReleaseRequest();
  if (!is_read) buffer_.clear();
  answer_ = HttpResponse();
  state_ = State::kSending;
  SetTimeout(absl::InfiniteDuration());
  SendSome();
}

void HttpConnection::FailPassed(int status, absl::string_view reason) {
  if (HasBegunAnswer()) {
    if (ends_with_connection_) {
      // An ordinary end would look like the end of the answer.
      Error ignored;
      socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    }
    return Close();
  }
  HttpResponse response;
  // An exception boundary, as in `Handle`.
  try {
    response = passed_->Fail(status, reason);
  } catch (...) {
    HttpShared::Count(&worker_.shared().handler_exceptions);
    response = HttpResponse();
    response.status = status;
  }
  sends_body_ = parser_->get().method() != boost::beast::http::verb::head;
  if (state_ != State::kPassing || !parser_->is_done()) {
    keep_alive_ = false;
    buffer_.clear();
  }
  EndPassing(status, /*is_whole=*/true, /*has_failed=*/true);
  Answer(std::move(response));
}

bool HttpConnection::HasBegunAnswer() const {
  return state_ == State::kPassing &&
         (relay_->status() != 0 || !outgoing_.empty());
}

void HttpConnection::EndPassing(int status, bool is_whole,
                                bool has_failed) noexcept {
  if (const auto relay = std::exchange(relay_, nullptr)) relay->Cancel();
  if (const auto passed = std::exchange(passed_, nullptr)) {
    passed->End(status, is_whole, has_failed);
  }
}

}  // namespace glue_security
