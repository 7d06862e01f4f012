#include "glue_security/http/http_connection.h"

#include <fcntl.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/post.hpp"
#include "boost/beast/http/error.hpp"

namespace glue_security {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

// The least that a request in progress counts: room for its header and for a
// short body or answer.
constexpr size_t kRequestBytes = 4096;
constexpr int kBlankLinesMax = 4;

// Returns true for the Host headers that RFC 9112, section 3.2, allows.
template <typename Fields>
bool HasOneHost(const Fields& fields, unsigned version) {
  const auto hosts = fields.count(http::field::host);
  if (hosts == 0) return version < 11;
  return hosts == 1 && IsHost(ToAbsl(fields[http::field::host]));
}

// Returns true for a request with two values where a recipient uses one.
template <typename Fields>
bool HasTwoMeanings(const Fields& fields) {
  constexpr const char* kNames[] = {
      "Authorization", "Content-Type",         "Date",
      "X-Amz-Date",    "X-Amz-Security-Token", "X-Amz-Target"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&fields](boost::beast::string_view name) {
                       return fields.count(name) > 1;
                     });
}

}  // namespace

HttpConnection::HttpConnection(HttpSocket socket, int number,
                               HttpWorker* worker)
    : socket_(std::move(socket)),
      descriptor_(socket_.native_handle()),
      number_(number),
      worker_(*worker),
      idle_node_({this}),
      buffer_(worker->options().header_bytes_max +
              sizeof(HttpWorker::Scratch)) {
  worker_.shared().descriptors.Insert(descriptor_);
  fcntl(descriptor_, F_SETFD, FD_CLOEXEC);
  Error ignored;
  socket_.non_blocking(true, ignored);
  SetTimeout(worker_.options().idle_timeout);
}

HttpConnection::~HttpConnection() {
  if (state_ == State::kClosed) return;
  if (relay_ != nullptr) relay_->Cancel();
  worker_.shared().descriptors.Erase(descriptor_);
  ReturnCharge();
}

void HttpConnection::SetTimeout(absl::Duration timeout) {
  deadline_ = worker_.After(timeout);
}

void HttpConnection::LimitDeadline(HttpWorker::SteadyTime limit) {
  deadline_ = std::min(deadline_, limit);
}

bool HttpConnection::IsLate(HttpWorker::SteadyTime now) {
  if (now <= deadline_) return false;
  if (state_ == State::kPassing) {
    Guarded([this] { OnPassingLate(); });
    return false;
  }
  if (state_ != State::kSending) return true;
  // The system's send buffer is full, and the peer is slow to empty it.
  const int left = Unacknowledged();
  if (left >= unacknowledged_) return true;
  unacknowledged_ = left;
  SetTimeout(worker_.options().write_timeout);
  return false;
}

void HttpConnection::SetIdle(bool idle) noexcept {
  if (idle == is_idle_) return;
  is_idle_ = idle;
  HttpWorker::ConnectionList& all = worker_.idle();
  if (idle) {
    idle_position_ = idle_node_.begin();
    all.splice(all.end(), idle_node_);
  } else {
    idle_node_.splice(idle_node_.end(), all, idle_position_);
  }
}

void HttpConnection::Start() {
  Error ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  WaitForRequest();
}

void HttpConnection::Refuse() {
  HttpShared::Count(&worker_.shared().refused_for_connections);
  Fail(503, "too many connections");
}

// --- Reading

void HttpConnection::WaitForRequest() {
  const HttpListenerOptions& options = worker_.options();
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(options.header_bytes_max));
  // `DecideRoute` sets the limit, once the header has come.
  parser_->body_limit(UINT64_MAX);
  has_begun_ = false;
  has_header_ = false;
  header_bytes_ = 0;
  header_held_ = 0;
  blank_lines_ = 0;
  is_privileged_ = false;
  state_ = State::kReading;
  if (buffer_.size() > 0) {
    // The peer sends requests without waiting for answers.
    SetTimeout(options.header_timeout);
    return ParseKept();
  }
  ReleaseAll();
  // A connection beyond the bound may not be idle.
  if (place == HttpPlace::kOrdinary) SetIdle(true);
  SetTimeout(place == HttpPlace::kOrdinary ? options.idle_timeout
                                           : options.header_timeout);
  if (worker_.draining()) LimitDeadline(worker_.After(options.drain_idle));
  WaitToRead();
}

void HttpConnection::WaitToRead() {
  if (is_waiting_) return;
  is_waiting_ = true;
  if (state_ == State::kReading) {
    return socket_.async_read_some(
        asio::buffer(first_bytes_),
        [self = shared_from_this()](Error /*comes again*/, size_t size) {
          self->is_waiting_ = false;
          self->first_ = {self->first_bytes_.data(), size};
          self->Guarded([&self] { self->OnReadable(); });
        });
  }
  // Bytes that come now may belong to the next request, and stay with the
  // system.
  socket_.async_wait(HttpSocket::wait_read,
                     [self = shared_from_this()](Error /*seen by the read*/) {
                       self->is_waiting_ = false;
                       self->Guarded([&self] { self->OnReadable(); });
                     });
}

void HttpConnection::OnReadable() {
  switch (state_) {
    case State::kReading:
      return ReadRequest();
    case State::kPassing:
      return OnPassingReadable();
    case State::kDelayed:
      return Watch();
    case State::kLingering:
      return ReadAndForget();
    case State::kSending:
    case State::kClosed:
      return;
  }
}

std::optional<absl::string_view> HttpConnection::ReadSome(size_t size) {
  HttpWorker::Scratch& scratch = worker_.scratch();
  size_t read = first_.copy(scratch.data(), size);
  first_.remove_prefix(read);
  Error error;
  // If the wait had room for more bytes, there were no more.
  if (read == 0 || read == first_bytes_.size()) {
    read +=
        socket_.read_some(asio::buffer(scratch.data() + read,
                                       std::min(size, scratch.size()) - read),
                          error);
  }
  // An error is reported again by the next read.
  if (read > 0) return absl::string_view(scratch.data(), read);
  if (IsForLater(error)) {
    WaitToRead();
  } else {
    // An incomplete request is dropped.
    Close();
  }
  return std::nullopt;
}

void HttpConnection::ReadRequest() {
  for (int i = 0; i < kTurnMax; ++i) {
    const auto input = ReadSome(sizeof(HttpWorker::Scratch));
    if (!input.has_value()) return;
    if (buffer_.size() == 0) {
      if (!Parse(*input)) return;
    } else {
      Append(*input);
      if (!Parse({static_cast<const char*>(buffer_.data().data()),
                  buffer_.size()})) {
        return;
      }
    }
    if (input->size() < sizeof(HttpWorker::Scratch)) break;
  }
  WaitToRead();
}

void HttpConnection::ParseKept() {
  if (state_ != State::kReading || buffer_.size() == 0) return;
  if (Parse(
          {static_cast<const char*>(buffer_.data().data()), buffer_.size()})) {
    ReadRequest();
  }
}

void HttpConnection::Append(absl::string_view text) {
  std::memcpy(buffer_.prepare(text.size()).data(), text.data(), text.size());
  buffer_.commit(text.size());
}

void HttpConnection::Keep(absl::string_view rest) {
  if (buffer_.size() > 0) {
    buffer_.consume(buffer_.size() - rest.size());
  } else if (!rest.empty()) {
    Append(rest);
  }
}

bool HttpConnection::BeginRequest(absl::string_view* input) {
  if (has_begun_) return true;
  while (blank_lines_ < kBlankLinesMax && absl::ConsumePrefix(input, "\r\n")) {
    ++blank_lines_;
  }
  // A single CR may be the start of an empty line.
  const bool is_half = *input == "\r" && blank_lines_ < kBlankLinesMax;
  if (input->empty() || is_half) {
    if (is_half) SetIdle(false);
    return false;
  }
  has_begun_ = true;
  SetIdle(false);
  SetTimeout(worker_.options().header_timeout);
  return true;
}

// Does not use Beast's own operations: they return to the event loop between a
// header and a body even when both have come.
bool HttpConnection::Parse(absl::string_view input) {
  if (!BeginRequest(&input)) {
    Keep(input);
    return true;
  }
  bool needs_more = false;
  while (!parser_->is_done() && !needs_more) {
    if (!ParsePart(&input, &needs_more)) return false;
  }
  Keep(input);
  // Only framing of chunks, or a trailer, is left of a body.
  if (has_header_ && !parser_->is_done() &&
      buffer_.size() > worker_.options().header_bytes_max) {
    FailFor(400);
    return false;
  }
  if (!has_header_) {
    // A header of very short fields needs many times its size.
    const size_t fields = CountFields();
    header_held_ = header_bytes_ + fields * kHttpFieldBytes;
    if (fields > kHttpFieldsMax ||
        buffer_.size() + header_bytes_ > worker_.options().header_bytes_max) {
      FailFor(431);
      return false;
    }
  }
  if (!Charge()) {
    FailForBytes();
    return false;
  }
  if (passed_ != nullptr) return PassBody();
  if (parser_->is_done()) {
    Handle();
    return false;
  }
  return true;
}

bool HttpConnection::ParsePart(absl::string_view* input, bool* needs_more) {
  Error error;
  const size_t used =
      parser_->put(asio::const_buffer(input->data(), input->size()), error);
  input->remove_prefix(used);
  // Beast applies its limit only to bytes that it has not consumed yet.
  if (!has_header_) header_bytes_ += used;
  if (header_bytes_ > worker_.options().header_bytes_max) {
    FailFor(431);
    return false;
  }
  if (error && error != http::error::need_more) {
    FailFor(StatusFor(error));
    return false;
  }
  if (!has_header_ && parser_->is_header_done()) return OnHeader();
  *needs_more = error == http::error::need_more || input->empty();
  return true;
}

int HttpConnection::StatusFor(Error error) {
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  return 400;
}

size_t HttpConnection::CountFields() const {
  const auto& fields = parser_->get().base();
  return static_cast<size_t>(std::distance(fields.begin(), fields.end()));
}

int HttpConnection::CheckHeader() {
  const auto& message = parser_->get();
  const size_t fields = CountFields();
  header_held_ = header_bytes_ + fields * kHttpFieldBytes;
  if (fields > kHttpFieldsMax) return 431;
  if (IsAmbiguous(message.base(), message.version())) return 400;
  if (HasTwoMeanings(message.base())) return 400;
  if (!HasOneHost(message.base(), message.version())) return 400;
  const auto target =
      ParseTarget(ToAbsl(message.method_string()), ToAbsl(message.target()));
  if (!target.has_value()) return 400;
  target_ = *target;
  return 0;
}

bool HttpConnection::OnHeader() {
  has_header_ = true;
  if (const int status = CheckHeader(); status != 0) {
    FailFor(status);
    return false;
  }
  const HttpListenerOptions& options = worker_.options();
  is_privileged_ = options.is_privileged && options.is_privileged(target_.path);
  if (place == HttpPlace::kReserved && !worker_.Promote(this) &&
      !is_privileged_) {
    Refuse();
    return false;
  }
  if (!DecideRoute()) return false;
  SetTimeout(options.body_timeout);
  parser_->eager(true);
  if (parser_->chunked()) {
    // Copied field by field, because Beast's own copy leaks when an allocation
    // fails.
    header_.emplace();
    for (const auto& field : parser_->get().base()) {
      header_->insert(field.name(), field.name_string(), field.value());
    }
    header_held_ *= 2;
  }
  // The upstream says whether it wants the body.
  return passed_ != nullptr || Continue();
}

bool HttpConnection::Continue() {
  const auto& message = parser_->get();
  if (message.version() < 11 ||
      !absl::EqualsIgnoreCase(ToAbsl(message[http::field::expect]),
                              "100-continue")) {
    return true;
  }
  static constexpr absl::string_view kContinue =
      "HTTP/1.1 100 Continue\r\n\r\n";
  Error error;
  const size_t sent = socket_.write_some(
      asio::buffer(kContinue.data(), kContinue.size()), error);
  if (sent == kContinue.size()) return true;
  // All earlier answers have been sent, so a peer that reads has room for this.
  Close();
  return false;
}

// Only a broken mutex could throw.
// NOLINTNEXTLINE(bugprone-exception-escape)
void HttpConnection::Close() noexcept {
  if (state_ == State::kClosed) return;
  HttpShared& shared = worker_.shared();
  if (state_ == State::kDelayed) HttpShared::Count(&shared.delayed_cancelled);
  EndPassing(relay_ == nullptr ? 0 : relay_->status(), /*is_whole=*/false,
             /*has_failed=*/false);
  state_ = State::kClosed;
  SetIdle(false);
  delay_.reset();
  shared.descriptors.Erase(descriptor_);
  Error ignored;
  socket_.close(ignored);
  ReturnCharge();
  worker_.Remove(this);
}

// --- Memory

bool HttpConnection::Charge() {
  size_t held = buffer_.capacity() + outgoing_.capacity() +
                answer_.body.capacity() + header_held_;
  if (parser_.has_value()) held += parser_->get().body().capacity();
  if (relay_ != nullptr) held += relay_->bytes_held();
  const size_t wanted = std::max(held, kRequestBytes);
  if (wanted == charged_) return true;
  ByteBudget& budget = worker_.shared().budget;
  if (wanted < charged_) {
    on_reserve_ ? budget.ReturnReserved(charged_ - wanted)
                : budget.Return(charged_ - wanted);
  } else if (on_reserve_) {
    if (!budget.TakeReserved(wanted - charged_)) return false;
  } else if (!budget.Take(wanted - charged_, wanted)) {
    if (!is_privileged_ || !budget.TakeReserved(wanted)) return false;
    budget.Return(charged_);
    on_reserve_ = true;
  }
  charged_ = wanted;
  return true;
}

void HttpConnection::ReturnCharge() noexcept {
  ByteBudget& budget = worker_.shared().budget;
  if (charged_ > 0) {
    on_reserve_ ? budget.ReturnReserved(charged_) : budget.Return(charged_);
  }
  charged_ = 0;
  on_reserve_ = false;
}

void HttpConnection::ReleaseRequest() {
  parser_.reset();
  header_.reset();
  header_held_ = 0;
  target_ = HttpTarget();
}

void HttpConnection::ReleaseAll() {
  if (buffer_.size() == 0) buffer_.shrink_to_fit();
  std::string().swap(outgoing_);
  answer_ = HttpResponse();
  ReturnCharge();
}

}  // namespace glue_security
