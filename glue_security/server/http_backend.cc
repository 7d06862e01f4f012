#include "glue_security/server/http_backend.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/core/tcp_stream.hpp"
#include "boost/beast/http/message.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/read.hpp"
#include "boost/beast/http/string_body.hpp"
#include "boost/beast/http/write.hpp"
#include "glue_security/aws_json/codec.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/model/operation.h"
#include "glue_security/server/http_message.h"
#include "glue_security/server/internal/bounded_time.h"
#include "glue_security/server/sigv4.h"

namespace glue_security {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

using Error = boost::system::error_code;

// A page of answers has at most some megabytes.
constexpr uint64_t kAnswerBytesMax = uint64_t{64} << 20;

v1::Response ErrorOf(v1::ErrorCode code, std::string message) {
  v1::Response response;
  response.mutable_error()->set_code(code);
  response.mutable_error()->set_message(std::move(message));
  return response;
}

absl::string_view ToAbsl(beast::string_view text) {
  return {text.data(), text.size()};
}

beast::string_view ToBeast(absl::string_view text) {
  return {text.data(), text.size()};
}

// The value of the header Authorization; `credential` is nullptr where nobody
// verifies it.
std::string Authorize(const Caller& caller, const Credential* credential,
                      const HttpRequest& request, absl::string_view time) {
  Authorization authorization;
  authorization.access_key_id =
      credential == nullptr ? caller.account_id : credential->access_key_id;
  authorization.date = time.substr(0, 8);
  authorization.region = caller.region;
  authorization.service = "glue";
  authorization.signed_headers = {"content-type", "host", "x-amz-date",
                                  "x-amz-target"};
  std::string signature(64, '0');
  if (credential != nullptr) {
    if (!credential->session_token.empty()) {
      authorization.signed_headers.insert(
          authorization.signed_headers.end() - 1, "x-amz-security-token");
    }
    signature = Sign(
        credential->secret_access_key, authorization,
        StringToSign(authorization, time,
                     CanonicalRequest(request, authorization.signed_headers,
                                      /*normalize_path=*/true)));
  }
  return absl::StrCat(
      "AWS4-HMAC-SHA256 Credential=", authorization.access_key_id, "/",
      authorization.date, "/", authorization.region,
      "/glue/aws4_request, SignedHeaders=",
      absl::StrJoin(authorization.signed_headers, ";"),
      ", Signature=", signature);
}

http::request<http::string_body> ToHttp(const Caller& caller,
                                        const Credential* credential,
                                        const std::string& host, absl::Time now,
                                        WireRequest wire) {
  const std::string time =
      absl::FormatTime("%E4Y%m%dT%H%M%SZ", now, absl::UTCTimeZone());
  HttpRequest plain;
  plain.method = "POST";
  plain.target = "/";
  plain.body = wire.body;
  plain.headers = {{"Host", host},
                   {"Content-Type", kAwsJsonContentType},
                   {"X-Amz-Date", time},
                   {"X-Amz-Target", wire.target}};
  if (credential != nullptr && !credential->session_token.empty()) {
    plain.headers.emplace_back("X-Amz-Security-Token",
                               credential->session_token);
  }
  const std::string authorization = Authorize(caller, credential, plain, time);
  plain.headers.emplace_back("Authorization", authorization);
  http::request<http::string_body> request(http::verb::post, "/", 11);
  for (const auto& [name, value] : plain.headers) {
    request.set(ToBeast(name), ToBeast(value));
  }
  request.body() = std::move(wire.body);
  request.prepare_payload();
  return request;
}

}  // namespace

// Each of its operations is over when it returns.
struct HttpBackend::Connection {
  // Runs what was started until it is done or too late.
  Error Finish(Error* result) {
    context.restart();
    context.run();
    return *result;
  }

  Error Write(const http::request<http::string_body>& request,
              absl::Duration timeout) {
    Error result;
    stream.expires_after(ToBoundedNanoseconds(timeout));
    http::async_write(stream, request,
                      [&result](Error error, size_t) { result = error; });
    return Finish(&result);
  }

  Error Read(http::response_parser<http::string_body>* parser,
             absl::Duration timeout) {
    Error result;
    parser->body_limit(kAnswerBytesMax);
    stream.expires_after(ToBoundedNanoseconds(timeout));
    http::async_read(stream, buffer, *parser,
                     [&result](Error error, size_t) { result = error; });
    return Finish(&result);
  }

  // The other side has ended it, or sends what nobody asked for.
  bool IsStale() {
    char byte;
    const ssize_t waiting = recv(stream.socket().native_handle(), &byte, 1,
                                 MSG_PEEK | MSG_DONTWAIT);
    return waiting >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }

  asio::io_context context;
  beast::tcp_stream stream{context};
  beast::flat_buffer buffer;
};

absl::StatusOr<std::unique_ptr<HttpBackend>> HttpBackend::Create(
    absl::string_view url, HttpBackendOptions options) {
  absl::string_view rest = url;
  const bool is_http = absl::ConsumePrefix(&rest, "http://");
  rest = absl::StripSuffix(rest, "/");
  const size_t colon = rest.rfind(':');
  int port = 0;
  if (!is_http || colon == absl::string_view::npos || colon == 0 ||
      rest.find('/') != absl::string_view::npos ||
      !absl::SimpleAtoi(rest.substr(colon + 1), &port) || port < 1 ||
      port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", url, "\" is not http://HOST:PORT"));
  }
  return absl::WrapUnique(new HttpBackend(std::string(rest.substr(0, colon)),
                                          absl::StrCat(port),
                                          std::move(options)));
}

HttpBackend::HttpBackend(std::string host, std::string port,
                         HttpBackendOptions options)
    : host_(std::move(host)),
      port_(std::move(port)),
      options_(std::move(options)) {}

HttpBackend::~HttpBackend() = default;

std::unique_ptr<HttpBackend::Connection> HttpBackend::TakeIdle() {
  const std::lock_guard<std::mutex> lock(mutex_);
  while (!idle_.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    if (!connection->IsStale()) return connection;
  }
  return nullptr;
}

absl::StatusOr<std::unique_ptr<HttpBackend::Connection>> HttpBackend::Open() {
  if (auto idle = TakeIdle()) return idle;
  auto connection = std::make_unique<Connection>();
  Error error;
  // IPv6 stands in brackets.
  const absl::string_view host =
      absl::StripSuffix(absl::StripPrefix(host_, "["), "]");
  const auto found = asio::ip::tcp::resolver(connection->context)
                         .resolve(std::string(host), port_, error);
  if (!error) {
    connection->stream.expires_after(ToBoundedNanoseconds(options_.timeout));
    connection->stream.async_connect(
        found, [&error](Error result, const auto&) { error = result; });
    connection->Finish(&error);
  }
  if (!error) {
    connection->stream.socket().set_option(asio::ip::tcp::no_delay(true),
                                           error);
  }
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot connect to ", host_, ":",
                                               port_, ": ", error.message()));
  }
  return connection;
}

v1::Response HttpBackend::Execute(const Caller& caller,
                                  const v1::Request& request) {
  if (request.operation_case() == kNoOperation) {
    return ErrorOf(v1::ERROR_CODE_INVALID_INPUT,
                   "the request names no operation");
  }
  auto opened = Open();
  if (!opened.ok()) {
    return ErrorOf(v1::ERROR_CODE_INTERNAL_SERVICE,
                   std::string(opened.status().message()));
  }
  std::unique_ptr<Connection> connection = *std::move(opened);
  const Credential* const credential =
      options_.credential.has_value() ? &*options_.credential : nullptr;
  http::response_parser<http::string_body> parser;
  Error error = connection->Write(
      ToHttp(caller, credential, absl::StrCat(host_, ":", port_),
             options_.clock->Now(), EncodeRequest(request)),
      options_.timeout);
  if (!error) error = connection->Read(&parser, options_.timeout);
  if (error) {
    return ErrorOf(v1::ERROR_CODE_OPERATION_TIMEOUT,
                   absl::StrCat("no answer: ", error.message()));
  }
  const auto& answer = parser.get();
  if (answer.keep_alive() && connection->buffer.size() == 0) {
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_.push_back(std::move(connection));
  }
  auto decoded = DecodeResponse(
      request.operation_case(), static_cast<int>(answer.result_int()),
      ToAbsl(answer["x-amzn-ErrorType"]), answer.body());
  if (!decoded.ok()) {
    return ErrorOf(v1::ERROR_CODE_INTERNAL_SERVICE,
                   std::string(decoded.status().message()));
  }
  return *std::move(decoded);
}

}  // namespace glue_security
