#include "glue_security/client/http_client.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/core/tcp_stream.hpp"
#include "boost/beast/http/message.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/read.hpp"
#include "boost/beast/http/span_body.hpp"
#include "boost/beast/http/string_body.hpp"
#include "boost/beast/http/write.hpp"
#include "glue_security/model/wiped_text.h"

namespace glue_security {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

using Error = boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

// A request borrows its body, so that no copy of it is made.
using Request = http::request<http::span_body<const char>>;
using ResponseParser =
    http::response_parser<http::basic_string_body<char, std::char_traits<char>,
                                                  WipingAllocator<char>>>;

constexpr int kInterimAnswersMax = 100;
constexpr unsigned kSwitchingProtocols = 101;

beast::string_view ToBeast(absl::string_view text) {
  return {text.data(), text.size()};
}

// Returns true for the errors of a connection that the peer has closed.
bool IsEnd(const Error& error) {
  return error == http::error::end_of_stream || error == asio::error::eof ||
         error == asio::error::connection_reset ||
         error == asio::error::broken_pipe;
}

}  // namespace

// A connection whose operations block until they are done.
struct HttpClient::Connection {
  // Runs the started operation until it is done or its deadline has passed.
  Error Finish(Error* result) {
    context.restart();
    context.run();
    return *result;
  }

  // Sets `*bytes_sent` to the number of bytes that the system accepted.
  Error Write(const Request& request, size_t* bytes_sent) {
    Error result;
    http::async_write(stream, request,
                      [&result, bytes_sent](Error error, size_t bytes) {
                        result = error;
                        *bytes_sent = bytes;
                      });
    return Finish(&result);
  }

  Error Read(ResponseParser* parser) {
    Error result;
    // Reads the header separately, because Beast loses the error for a length
    // beyond the bound when the parser goes on to bytes of the body that came
    // with the header.
    http::async_read_header(stream, buffer, *parser,
                            [&result](Error error, size_t) { result = error; });
    if (Finish(&result) || parser->is_done()) return result;
    http::async_read(stream, buffer, *parser,
                     [&result](Error error, size_t) { result = error; });
    return Finish(&result);
  }

  // Reads until the first answer that is not interim. One that switches the
  // protocol is final. Sets `*has_begun` when a byte of any answer has come.
  Error ReadFinal(std::optional<ResponseParser>* parser,
                  uint64_t answer_bytes_max, bool* has_begun) {
    for (int interim = 0; interim <= kInterimAnswersMax; ++interim) {
      parser->emplace();
      (*parser)->body_limit(answer_bytes_max);
      const Error error = Read(&**parser);
      *has_begun = *has_begun || interim > 0 || (*parser)->got_some() ||
                   buffer.size() > 0;
      if (error) return error;
      const unsigned status = (*parser)->get().result_int();
      if (status >= 200 || status == kSwitchingProtocols) return {};
    }
    return make_error_code(boost::system::errc::bad_message);
  }

  // Returns true when the peer has closed the connection or sent unexpected
  // bytes.
  bool IsStale() {
    char byte;
    const ssize_t waiting = recv(stream.socket().native_handle(), &byte, 1,
                                 MSG_PEEK | MSG_DONTWAIT);
    return waiting >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }

  asio::io_context context;
  beast::tcp_stream stream{context};
  beast::basic_flat_buffer<WipingAllocator<char>> buffer;
  // The next idle connection in the stack.
  std::unique_ptr<Connection> next;
};

struct HttpExchange::State {
  std::unique_ptr<HttpClient::Connection> connection;
  std::optional<ResponseParser> parser;
};

HttpExchange::HttpExchange() = default;
HttpExchange::~HttpExchange() = default;
HttpExchange::HttpExchange(HttpExchange&&) noexcept = default;
HttpExchange& HttpExchange::operator=(HttpExchange&&) noexcept = default;

int HttpExchange::status() const {
  return static_cast<int>(state_->parser->get().result_int());
}

absl::string_view HttpExchange::Header(absl::string_view name) const {
  const beast::string_view value = state_->parser->get()[ToBeast(name)];
  return {value.data(), value.size()};
}

absl::string_view HttpExchange::body() const {
  const auto& body = state_->parser->get().body();
  return {body.data(), body.size()};
}

HttpClient::HttpClient(HttpEndpoint endpoint, HttpClientOptions options)
    : endpoint_(std::move(endpoint)),
      options_(options),
      host_(absl::StrCat(endpoint_.host, ":", endpoint_.port)) {}

HttpClient::~HttpClient() {
  // One by one, because destroying the list at once would recurse.
  while (idle_ != nullptr) idle_ = std::move(idle_->next);
}

std::unique_ptr<HttpClient::Connection> HttpClient::TakeIdle() {
  const std::lock_guard<std::mutex> lock(mutex_);
  while (idle_ != nullptr) {
    std::unique_ptr<Connection> connection = std::move(idle_);
    idle_ = std::move(connection->next);
    --idle_connections_;
    if (!connection->IsStale()) return connection;
  }
  return nullptr;
}

void HttpClient::Keep(HttpExchange exchange) {
  HttpExchange::State& state = *exchange.state_;
  Connection& connection = *state.connection;
  if (!state.parser->keep_alive() || connection.buffer.size() > 0) return;
  // The allocator overwrites what it frees.
  if (options_.wipes) connection.buffer.shrink_to_fit();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (idle_connections_ >= options_.idle_connections_max) return;
  ++idle_connections_;
  connection.next = std::move(idle_);
  idle_ = std::move(state.connection);
}

std::unique_ptr<HttpClient::Connection> HttpClient::Open(
    SteadyClock::time_point deadline, HttpFailure* failure) {
  if (auto idle = TakeIdle()) {
    idle->stream.expires_at(deadline);
    return idle;
  }
  auto connection = std::make_unique<Connection>();
  Error error;
  const auto found = asio::ip::tcp::resolver(connection->context)
                         .resolve(endpoint_.address(), endpoint_.port, error);
  if (!error) {
    connection->stream.expires_at(deadline);
    connection->stream.async_connect(
        found, [&error](Error result, const auto&) { error = result; });
    connection->Finish(&error);
  }
  if (!error) {
    connection->stream.socket().set_option(asio::ip::tcp::no_delay(true),
                                           error);
  }
  if (!error) return connection;
  failure->text =
      absl::StrCat("cannot connect to ", host_, ": ", error.message());
  failure->is_unsent = true;
  return nullptr;
}

std::optional<HttpFailure> HttpClient::Post(const HttpHeaders& headers,
                                            absl::string_view body,
                                            SteadyClock::time_point deadline,
                                            bool* may_be_sent,
                                            HttpExchange* exchange) {
  Request request(http::verb::post, "/", 11);
  for (const auto& [name, value] : headers) request.insert(name, value);
  request.body() = beast::span<const char>(body.data(), body.size());
  request.prepare_payload();
  HttpFailure failure;
  auto state = std::make_unique<HttpExchange::State>();
  state->connection = Open(deadline, &failure);
  if (state->connection == nullptr) return failure;
  if (SteadyClock::now() >= deadline) {
    failure.text = "the deadline passed before the request could be sent";
    failure.is_unsent = true;
    return failure;
  }
  *may_be_sent = true;
  size_t bytes_sent = 0;
  if (const Error error = state->connection->Write(request, &bytes_sent)) {
    failure.text = absl::StrCat("cannot send: ", error.message());
    failure.is_unsent = bytes_sent == 0;
    failure.is_closed = IsEnd(error);
    return failure;
  }
  bool has_begun = false;
  if (const Error error = state->connection->ReadFinal(
          &state->parser, options_.answer_bytes_max, &has_begun)) {
    failure.text = absl::StrCat("no answer: ", error.message());
    failure.is_closed = !has_begun && IsEnd(error);
    return failure;
  }
  exchange->state_ = std::move(state);
  return std::nullopt;
}

}  // namespace glue_security
