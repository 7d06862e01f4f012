#include "glue_security/http/http_relay.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/error.hpp"
#include "boost/asio/ip/address.hpp"
#include "glue_security/http/hop_by_hop.h"
#include "glue_security/http/http_connection.h"

namespace glue_security {

namespace asio = boost::asio;

namespace {

using Error = boost::system::error_code;

// The number of reads in a row before other connections have a turn.
constexpr int kTurnMax = 16;

// Safe methods change nothing (RFC 9110, section 9.2.1).
bool IsSafe(absl::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" ||
         method == "TRACE";
}

void AppendField(absl::string_view name, absl::string_view value,
                 std::string* text) {
  absl::StrAppend(text, name, ": ", value, "\r\n");
}

}  // namespace

HttpRelay::HttpRelay(HttpConnection* client, HttpWorker* worker)
    : client_(client), worker_(*worker) {}

template <typename Function>
auto HttpRelay::Handler(Function function) {
  return [self = shared_from_this(), attempt = attempt_, function](
             const Error& error, const auto&... more) {
    if (self->client_ == nullptr || attempt != self->attempt_) return;
    const auto client = self->client_->shared_from_this();
    client->Guarded([&] { function(error, more...); });
  };
}

std::string HttpRelay::Authority() const {
  const HttpUpstreamOptions& upstream = worker_.options().upstream;
  const bool is_ipv6 = absl::StrContains(upstream.host, ":");
  return absl::StrCat(is_ipv6 ? "[" : "", upstream.host, is_ipv6 ? "]:" : ":",
                      upstream.port);
}

std::string HttpRelay::Name() const {
  return absl::StrCat("the upstream http://", Authority());
}

absl::Duration HttpRelay::Timeout() const {
  const HttpUpstreamOptions& upstream = worker_.options().upstream;
  return is_open_ ? upstream.idle_timeout : upstream.connect_timeout;
}

void HttpRelay::OnLate() {
  if (is_open_) {
    return Fail(504, absl::StrCat(Name(), " did nothing for ",
                                  absl::FormatDuration(Timeout())));
  }
  Fail(504, absl::StrCat("no connection to ", Name(), " within ",
                         absl::FormatDuration(Timeout())));
}

void HttpRelay::Fail(int status, absl::string_view reason) {
  client_->FailPassed(status, reason);
}

// Without memory to wake another request, that one tries again soon.
void HttpRelay::Cancel() noexcept {
  client_ = nullptr;
  link_.reset();
  try {
    if (resolver_.has_value()) resolver_->cancel();
    worker_.upstream().WakeOne();
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch)
  }
}

// --- Connecting

void HttpRelay::Start(const HttpRequest& request, bool is_chunked) {
  is_chunked_ = is_chunked;
  is_safe_ = IsSafe(request.method);
  is_head_ = request.method == "HEAD";
  AppendHead(request, is_chunked);
  link_ = worker_.upstream().TakeIdle();
  if (link_ == nullptr) return TakeLink();
  is_reused_ = true;
  is_open_ = true;
  WaitForAnswer();
}

void HttpRelay::TakeLink() {
  link_ = worker_.upstream().TakeNew();
  if (link_ != nullptr) return Connect();
  worker_.upstream().Wait(weak_from_this(), [this] {
    if (client_ == nullptr || link_ != nullptr) return;
    const auto client = client_->shared_from_this();
    client->Guarded([this] {
      link_ = worker_.upstream().TakeIdle();
      if (link_ == nullptr) return TakeLink();
      is_reused_ = true;
      OnOpen();
    });
  });
}

void HttpRelay::Connect() {
  const HttpUpstreamOptions& upstream = worker_.options().upstream;
  Error error;
  const auto address = asio::ip::make_address(upstream.host, error);
  if (!error) {
    endpoints_ = {Tcp::endpoint(address, upstream.port)};
    return ConnectTo(0);
  }
  resolver_.emplace(worker_.context());
  resolver_->async_resolve(
      upstream.host, absl::StrCat(upstream.port),
      Handler([this](const Error& failure, const auto& results) {
        if (failure) {
          return Fail(502, absl::StrCat("cannot connect to ", Name(), ": ",
                                        failure.message()));
        }
        endpoints_.assign(results.begin(), results.end());
        ConnectTo(0);
      }));
}

void HttpRelay::ConnectTo(size_t index) {
  const auto failed = [this, index](const Error& error) {
    if (index + 1 < endpoints_.size()) return ConnectTo(index + 1);
    Fail(502,
         absl::StrCat("cannot connect to ", Name(), ": ", error.message()));
  };
  if (const Error error = link_->Open(endpoints_[index].protocol())) {
    return failed(error);
  }
  link_->socket().async_connect(endpoints_[index],
                                Handler([this, failed](const Error& error) {
                                  if (error) return failed(error);
                                  OnOpen();
                                }));
}

void HttpRelay::OnOpen() {
  is_open_ = true;
  client_->NoteProgress();
  WaitForAnswer();
  if (Flush()) client_->ContinueBody();
}

bool HttpRelay::Repeat() {
  if (!is_reused_ || has_bytes_) return false;
  if (has_sent_) {
    if (again_.empty()) return false;
    outgoing_ = again_;
  }
  ++attempt_;
  link_.reset();
  is_open_ = is_reused_ = false;
  is_sending_ = is_reading_ = false;
  has_sent_ = is_sent_ = false;
  sent_ = 0;
  client_->NoteProgress();
  TakeLink();
  return true;
}

// --- The request

void HttpRelay::AppendHead(const HttpRequest& request, bool is_chunked) {
  HopByHop hops;
  for (const auto& [name, value] : request.headers) {
    if (absl::EqualsIgnoreCase(name, "Connection")) hops.AddConnection(value);
  }
  hops.Sort();
  outgoing_ =
      absl::StrCat(request.method, " ", request.target, " HTTP/1.1\r\n");
  for (const auto& [name, value] : request.headers) {
    if (!hops.Contains(name)) AppendField(name, value, &outgoing_);
  }
  if (request.Find("Host") == nullptr) {
    AppendField("Host", Authority(), &outgoing_);
  }
  if (is_chunked) AppendField("Transfer-Encoding", "chunked", &outgoing_);
  AppendField("Via", absl::StrCat("1.1 ", worker_.shared().via_name),
              &outgoing_);
  outgoing_ += "\r\n";
}

bool HttpRelay::Send(
    absl::string_view piece, bool is_last,
    const std::vector<std::pair<std::string, std::string>>& trailer) {
  if (is_deaf_) return false;
  const bool is_first = !has_sent_ && sent_ == 0 && !has_last_;
  if (is_chunked_) {
    AppendChunk(piece, &outgoing_);
    if (is_last) AppendLastChunk(trailer, &outgoing_);
  } else {
    absl::StrAppend(&outgoing_, piece);
  }
  has_last_ = is_last;
  if (is_first && is_last && piece.empty() && is_safe_ && is_reused_) {
    again_ = outgoing_;
  }
  return Flush();
}

bool HttpRelay::Flush() {
  if (!is_open_ || is_deaf_ || is_sending_) return false;
  while (sent_ < outgoing_.size()) {
    Error error;
    const size_t size =
        link_->socket().write_some(asio::buffer(outgoing_) + sent_, error);
    sent_ += size;
    if (size > 0) {
      has_sent_ = true;
      client_->NoteProgress();
    }
    if (IsForLater(error)) {
      is_sending_ = true;
      link_->socket().async_wait(HttpSocket::wait_write,
                                 Handler([this](const Error& /*by write*/) {
                                   is_sending_ = false;
                                   if (Flush()) client_->ContinueBody();
                                 }));
      return false;
    }
    if (error) {
      if (Repeat()) return false;
      // The upstream may have answered before it ended.
      is_deaf_ = true;
      std::string().swap(outgoing_);
      client_->NoteProgress();
      return false;
    }
  }
  outgoing_.clear();
  sent_ = 0;
  is_sent_ = has_last_;
  client_->NoteProgress();
  return !is_sent_;
}

// --- The answer

void HttpRelay::WaitForAnswer() {
  if (is_reading_) return;
  is_reading_ = true;
  link_->socket().async_wait(HttpSocket::wait_read,
                             Handler([this](const Error& /*by the read*/) {
                               is_reading_ = false;
                               ReadAnswer();
                             }));
}

void HttpRelay::ReadAnswer() {
  HttpWorker::Scratch& scratch = worker_.scratch();
  for (int i = 0; i < kTurnMax; ++i) {
    Error error;
    const size_t size = link_->socket().read_some(asio::buffer(scratch), error);
    if (size == 0) {
      if (IsForLater(error)) break;
      return OnEnd(error);
    }
    has_bytes_ = true;
    client_->NoteProgress();
    absl::string_view input(scratch.data(), size);
    std::string all;
    if (!incoming_.empty()) {
      all.swap(incoming_);
      absl::StrAppend(&all, input);
      input = all;
    }
    if (!Parse(input)) return;
    if (size < scratch.size()) break;
  }
  WaitForAnswer();
}

void HttpRelay::BeginAnswer() {
  parser_.emplace();
  parser_->header_limit(
      static_cast<uint32_t>(worker_.options().upstream.header_bytes_max));
  // No limit: Boost.Beast 1.74 takes none for the least one.
  parser_->body_limit(UINT64_MAX);
  parser_->skip(is_head_);
  header_.reset();
  has_header_ = false;
  header_bytes_ = 0;
  header_held_ = 0;
}

bool HttpRelay::Parse(absl::string_view input) {
  if (!parser_.has_value()) BeginAnswer();
  while (true) {
    bool needs_more = false;
    while (!parser_->is_done() && !needs_more) {
      if (!ParsePart(&input, &needs_more)) return false;
    }
    if (!parser_->is_done()) break;
    if (status_ != 0) return OnAnswerDone(input);
    // It was an interim answer, as 100.
    BeginAnswer();
    if (input.empty()) break;
  }
  if (input.size() + (has_header_ ? 0 : header_bytes_) >
      worker_.options().upstream.header_bytes_max) {
    Fail(502, absl::StrCat("the answer of ", Name(), " is malformed"));
    return false;
  }
  incoming_.assign(input.data(), input.size());
  return client_->FlushAnswer();
}

bool HttpRelay::ParsePart(absl::string_view* input, bool* needs_more) {
  Error error;
  const size_t used =
      parser_->put(asio::const_buffer(input->data(), input->size()), error);
  input->remove_prefix(used);
  if (!has_header_) header_bytes_ += used;
  const size_t most = worker_.options().upstream.header_bytes_max;
  const auto& fields = parser_->get().base();
  const auto count =
      has_header_
          ? size_t{0}
          : static_cast<size_t>(std::distance(fields.begin(), fields.end()));
  if (header_bytes_ > most || count > kHttpFieldsMax ||
      error == boost::beast::http::error::header_limit ||
      (!has_header_ && !parser_->is_header_done() &&
       header_bytes_ + input->size() > most)) {
    Fail(502,
         absl::StrCat("the header of the answer of ", Name(), " has more than ",
                      most, " bytes or ", kHttpFieldsMax, " fields"));
    return false;
  }
  if (error && error != boost::beast::http::error::need_more) {
    Fail(502, absl::StrCat("the answer of ", Name(), " is malformed"));
    return false;
  }
  if (!has_header_ && parser_->is_header_done()) {
    has_header_ = true;
    header_held_ = header_bytes_ + count * kHttpFieldBytes;
    parser_->eager(true);
    if (!OnHead()) return false;
  }
  GiveBody();
  *needs_more = error == boost::beast::http::error::need_more || input->empty();
  return true;
}

bool HttpRelay::OnHead() {
  const auto& message = parser_->get();
  const int status = static_cast<int>(message.result_int());
  if (IsAmbiguous(message.base(), message.version()) || status < 100 ||
      status == 101) {
    Fail(502, absl::StrCat("the answer of ", Name(), " is malformed"));
    return false;
  }
  const bool is_interim = status < 200;
  const bool is_modern = client_->is_modern();
  if (is_interim && !is_modern) return true;
  if (parser_->chunked()) {
    // As in HttpConnection::OnHeader.
    header_.emplace();
    for (const auto& field : message.base()) {
      header_->insert(field.name(), field.name_string(), field.value());
    }
    header_held_ *= 2;
  }
  const bool has_length = parser_->content_length().has_value();
  if (is_head_ || is_interim || status == 204 || status == 304) {
    framing_ = Framing::kNone;
  } else if (has_length) {
    framing_ = Framing::kLength;
  } else {
    framing_ = is_modern ? Framing::kChunks : Framing::kEnd;
  }
  HopByHop hops;
  for (const auto& field : message.base()) {
    if (field.name() == boost::beast::http::field::connection) {
      hops.AddConnection(ToAbsl(field.value()));
    }
  }
  hops.Sort();
  std::string head =
      absl::StrCat("HTTP/1.1 ", status, " ", ToAbsl(message.reason()), "\r\n");
  for (const auto& field : message.base()) {
    // RFC 9110, section 8.6.
    const bool is_stray =
        field.name() == boost::beast::http::field::content_length &&
        (is_interim || status == 204);
    if (is_stray || hops.Contains(ToAbsl(field.name_string()))) continue;
    AppendField(ToAbsl(field.name_string()), ToAbsl(field.value()), &head);
  }
  if (framing_ == Framing::kChunks) {
    AppendField("Transfer-Encoding", "chunked", &head);
  }
  if (!is_interim) {
    status_ = status;
    if (client_->DecideIsLast(framing_ == Framing::kEnd)) {
      AppendField("Connection", "close", &head);
    }
  }
  head += "\r\n";
  client_->GiveAnswer(head);
  return true;
}

void HttpRelay::GiveBody() {
  std::string& body = parser_->get().body();
  if (body.empty()) return;
  if (framing_ == Framing::kChunks) {
    std::string chunk;
    AppendChunk(body, &chunk);
    client_->GiveAnswer(chunk);
  } else if (framing_ != Framing::kNone) {
    client_->GiveAnswer(body);
  }
  body.clear();
}

bool HttpRelay::OnAnswerDone(absl::string_view rest) {
  if (framing_ == Framing::kChunks) {
    std::string last;
    AppendLastChunk(header_.has_value()
                        ? TrailerOf(parser_->get().base(), *header_)
                        : std::vector<std::pair<std::string, std::string>>(),
                    &last);
    client_->GiveAnswer(last);
  }
  // Bytes after an answer belong to no request.
  if (is_sent_ && rest.empty() && parser_->keep_alive()) {
    ++attempt_;
    worker_.upstream().Keep(std::move(link_));
  }
  client_->EndAnswer();
  return false;
}

void HttpRelay::OnEnd(const Error& error) {
  if (has_header_ && error == asio::error::eof) {
    Error partial;
    parser_->put_eof(partial);
    if (!partial && parser_->is_done()) {
      OnAnswerDone("");
      return;
    }
  }
  if (!has_bytes_ && Repeat()) return;
  Fail(502,
       absl::StrCat(Name(), has_bytes_ ? " ended in the middle of its answer"
                                       : " ended before it answered"));
}

std::vector<std::pair<std::string, std::string>> TrailerOf(
    const boost::beast::http::fields& all,
    const boost::beast::http::fields& header) {
  HopByHop hops;
  hops.Sort();
  std::vector<std::pair<std::string, std::string>> trailer;
  boost::beast::string_view name;
  size_t number = 0;
  size_t in_header = 0;
  // Boost.Beast keeps fields of one name together, in their order.
  for (const auto& field : all) {
    if (!boost::beast::iequals(name, field.name_string())) {
      name = field.name_string();
      number = 0;
      in_header = header.count(name);
    }
    if (++number <= in_header) continue;
    const absl::string_view passed = ToAbsl(name);
    if (hops.Contains(passed) || absl::EqualsIgnoreCase(passed, "Host") ||
        absl::EqualsIgnoreCase(passed, "Content-Length")) {
      continue;
    }
    trailer.emplace_back(passed, ToAbsl(field.value()));
  }
  return trailer;
}

void AppendChunk(absl::string_view piece, std::string* text) {
  if (piece.empty()) return;
  absl::StrAppend(text, absl::Hex(piece.size()), "\r\n", piece, "\r\n");
}

void AppendLastChunk(
    const std::vector<std::pair<std::string, std::string>>& trailer,
    std::string* text) {
  absl::StrAppend(text, "0\r\n");
  for (const auto& [name, value] : trailer) AppendField(name, value, text);
  absl::StrAppend(text, "\r\n");
}

}  // namespace glue_security
