#include "glue_security/testing/remote/endpoint_control.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/core/tcp_stream.hpp"
#include "boost/beast/http/message.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/read.hpp"
#include "boost/beast/http/string_body.hpp"
#include "boost/beast/http/write.hpp"

namespace glue_security {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using Error = boost::system::error_code;
using ResponseParser = http::response_parser<http::string_body>;

// A mock may describe at length what it has deleted.
constexpr uint64_t kAnswerBytesMax = uint64_t{16} << 20;

beast::string_view ToBeast(absl::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

struct EndpointControl::Connection {
  // Runs the started operation until it is done or the time is over.
  void Finish() {
    context.restart();
    context.run();
  }

  asio::io_context context;
  beast::tcp_stream stream{context};
  beast::flat_buffer buffer;
};

absl::StatusOr<std::unique_ptr<EndpointControl>> EndpointControl::Create(
    absl::string_view url,
    std::vector<std::pair<std::string, std::string>> headers,
    absl::Duration timeout) {
  absl::StatusOr<HttpEndpoint> endpoint = ParseHttpEndpoint(url);
  if (!endpoint.ok()) return endpoint.status();
  return absl::WrapUnique(
      new EndpointControl(*std::move(endpoint), std::move(headers), timeout));
}

EndpointControl::EndpointControl(
    HttpEndpoint endpoint,
    std::vector<std::pair<std::string, std::string>> headers,
    absl::Duration timeout)
    : endpoint_(std::move(endpoint)),
      headers_(std::move(headers)),
      timeout_(timeout) {}

EndpointControl::~EndpointControl() = default;

bool EndpointControl::IsPath(absl::string_view path) {
  return absl::StartsWith(path, "/") &&
         std::all_of(path.begin(), path.end(), absl::ascii_isgraph);
}

absl::Status EndpointControl::Send(absl::string_view method,
                                   absl::string_view path,
                                   absl::string_view body) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool was_kept = connection_ != nullptr;
  absl::Status status = TrySend(method, path, body);
  if (was_kept && absl::IsUnavailable(status)) {
    status = TrySend(method, path, body);
  }
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat(method, " ", path, ": ", status.message()));
}

absl::Status EndpointControl::TrySend(absl::string_view method,
                                      absl::string_view path,
                                      absl::string_view body) {
  Error error;
  std::unique_ptr<Connection> connection = std::move(connection_);
  const auto deadline =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(timeout_);
  const auto note = [&error](Error result, const auto&) { error = result; };
  if (connection == nullptr) {
    connection = std::make_unique<Connection>();
    const auto found = asio::ip::tcp::resolver(connection->context)
                           .resolve(endpoint_.address(), endpoint_.port, error);
    if (!error) {
      connection->stream.expires_at(deadline);
      connection->stream.async_connect(found, note);
      connection->Finish();
    }
    if (error) {
      return absl::UnavailableError(
          absl::StrCat("cannot connect to ", endpoint_.host, ":",
                       endpoint_.port, ": ", error.message()));
    }
    connection->stream.socket().set_option(asio::ip::tcp::no_delay(true),
                                           error);
  }
  http::request<http::string_body> request;
  request.version(11);
  request.method_string(ToBeast(method));
  request.target(ToBeast(path));
  request.set(http::field::host,
              absl::StrCat(endpoint_.host, ":", endpoint_.port));
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  for (const auto& [name, value] : headers_) request.insert(name, value);
  request.body() = std::string(body);
  request.prepare_payload();
  connection->stream.expires_at(deadline);
  http::async_write(connection->stream, request, note);
  connection->Finish();
  ResponseParser parser;
  parser.body_limit(kAnswerBytesMax);
  if (!error) {
    http::async_read(connection->stream, connection->buffer, parser, note);
    connection->Finish();
  }
  if (error) {
    return absl::UnavailableError(absl::StrCat("no answer: ", error.message()));
  }
  const unsigned status = parser.get().result_int();
  if (parser.keep_alive()) connection_ = std::move(connection);
  if (status >= 200 && status <= 299) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("HTTP status ", status));
}

}  // namespace glue_security
