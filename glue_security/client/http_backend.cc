#include "glue_security/client/http_backend.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
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
#include "glue_security/client/http_endpoint.h"
#include "glue_security/http/bounded_time.h"
#include "glue_security/http/http_message.h"
#include "glue_security/http/plain_text.h"
#include "glue_security/http/sigv4.h"
#include "glue_security/model/error.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/out_of_memory.h"

namespace glue_security {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

using Error = boost::system::error_code;

using SteadyClock = std::chrono::steady_clock;
using ResponseParser = http::response_parser<http::string_body>;

constexpr int kInterimAnswersMax = 100;
constexpr unsigned kSwitchingProtocols = 101;
// How many bytes of a URL an error quotes.
constexpr size_t kQuotedBytesMax = 200;
// The access key id of calls that say nothing with it.
constexpr char kNobodysKeyId[] = "test";

v1::Response ErrorOf(v1::ErrorCode code, std::string message,
                     v1::Error::Detail detail = v1::Error::DETAIL_UNSPECIFIED) {
  v1::Error error = MakeError(code, std::move(message), detail);
  v1::Response response;
  OrEnd([&] { *response.mutable_error() = std::move(error); });
  return response;
}

v1::Response NotApplied(std::string message) {
  return ErrorOf(v1::ERROR_CODE_INTERNAL_SERVICE, std::move(message),
                 v1::Error::DETAIL_NOT_APPLIED);
}

v1::Response OutcomeUnknown(std::string message) {
  return ErrorOf(v1::ERROR_CODE_OPERATION_TIMEOUT, std::move(message),
                 v1::Error::DETAIL_OUTCOME_UNKNOWN);
}

// Returns true for a text that any header can hold unchanged.
bool IsHeaderText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
}

// Returns true for a text that can be a part of a credential scope.
bool IsScopeText(absl::string_view text) {
  return IsHeaderText(text) && text.find_first_of("/,") == text.npos;
}

// Returns true for a header that the client sends itself.
bool IsOwnHeader(absl::string_view name) {
  for (const absl::string_view own :
       {"host", "connection", "transfer-encoding", "authorization"}) {
    if (absl::EqualsIgnoreCase(name, own)) return true;
  }
  return absl::StartsWithIgnoreCase(name, "content-") ||
         absl::StartsWithIgnoreCase(name, "x-amz-");
}

// Returns an error for a header that cannot be sent beside the client's own.
absl::Status CheckHeader(absl::string_view name, absl::string_view value) {
  const auto error = [name](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the header \"", absl::CHexEscape(name.substr(0, kQuotedBytesMax)),
        "\" ", what));
  };
  const bool is_token =
      !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
               absl::StrContains("!#$%&'*+-.^_`|~", c);
      });
  if (!is_token) return error("has a name that is not legal");
  if (IsOwnHeader(name)) return error("is one that the client sends itself");
  const bool is_text = std::all_of(value.begin(), value.end(), [](char c) {
    return c == ' ' || absl::ascii_isgraph(static_cast<unsigned char>(c));
  });
  if (!is_text || absl::StartsWith(value, " ") || absl::EndsWith(value, " ")) {
    return error("has a value that is not legal");
  }
  return absl::OkStatus();
}

absl::Status CheckHeaders(const HttpBackendOptions& options) {
  for (const auto& [name, value] : options.headers) {
    if (auto status = CheckHeader(name, value); !status.ok()) return status;
  }
  if (options.account != AccountSentAs::kHeader) return absl::OkStatus();
  return CheckHeader(options.account_header, "");
}

// Returns true when the text of a JSON object has a member "__type", which only
// errors have.
bool NamesAnException(absl::string_view body) {
  constexpr absl::string_view kType = "\"__type\"";
  for (size_t at = body.find(kType); at != body.npos;
       at = body.find(kType, at + 1)) {
    const absl::string_view rest =
        absl::StripLeadingAsciiWhitespace(body.substr(at + kType.size()));
    if (absl::StartsWith(rest, ":")) return true;
  }
  return false;
}

absl::string_view ToAbsl(beast::string_view text) {
  return {text.data(), text.size()};
}

beast::string_view ToBeast(absl::string_view text) {
  return {text.data(), text.size()};
}

// Returns nullptr when the signature is not verified.
const Credential* CredentialOf(const HttpBackendOptions& options) {
  return options.credential.has_value() ? &*options.credential : nullptr;
}

// Returns true when a call shows the account id of its caller.
bool SendsAccount(const HttpBackendOptions& options) {
  return options.account == AccountSentAs::kHeader ||
         (options.account == AccountSentAs::kAccessKeyId &&
          !options.credential.has_value());
}

// Returns the value of the header Authorization.
std::string Authorize(const Caller& caller, const HttpBackendOptions& options,
                      const HttpRequest& request, absl::string_view time) {
  const Credential* const credential = CredentialOf(options);
  SignatureHeader header;
  if (credential != nullptr) {
    header.access_key_id = credential->access_key_id;
  } else if (options.account == AccountSentAs::kAccessKeyId) {
    header.access_key_id = caller.account_id;
  } else {
    header.access_key_id = kNobodysKeyId;
  }
  header.date = time.substr(0, 8);
  header.region = caller.region;
  header.service = "glue";
  header.signed_headers = {"content-type", "host", "x-amz-date",
                           "x-amz-target"};
  std::string signature(64, '0');
  if (credential != nullptr) {
    if (!credential->session_token.empty()) {
      header.signed_headers.insert(header.signed_headers.end() - 1,
                                   "x-amz-security-token");
    }
    signature =
        Sign(credential->secret_access_key, header,
             StringToSign(header, time,
                          CanonicalRequest(request, header.signed_headers,
                                           /*normalize_path=*/true)));
  }
  header.signature = signature;
  return FormatSignatureHeader(header);
}

http::request<http::string_body> ToHttp(const Caller& caller,
                                        const HttpBackendOptions& options,
                                        const std::string& host,
                                        WireRequest wire) {
  const Credential* const credential = CredentialOf(options);
  const std::string time = absl::FormatTime(
      "%E4Y%m%dT%H%M%SZ", options.clock->Now(), absl::UTCTimeZone());
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
  const std::string authorization = Authorize(caller, options, plain, time);
  plain.headers.emplace_back("Authorization", authorization);
  http::request<http::string_body> request(http::verb::post, "/", 11);
  for (const auto& [name, value] : plain.headers) {
    request.set(ToBeast(name), ToBeast(value));
  }
  for (const auto& [name, value] : options.headers) request.insert(name, value);
  if (options.account == AccountSentAs::kHeader) {
    request.set(options.account_header, caller.account_id);
  }
  request.body() = std::move(wire.body);
  request.prepare_payload();
  return request;
}

// Returns the operation's answer or an exception of the API, or a status that
// describes anything else.
absl::StatusOr<v1::Response> Decode(
    Operation operation, const http::response<http::string_body>& answer) {
  const int status = static_cast<int>(answer.result_int());
  const std::string type = PlainText(ToAbsl(answer["x-amzn-ErrorType"]));
  const bool is_exception = status >= 400 && status <= 599;
  if (status != 200 && !is_exception) {
    return absl::DataLossError(absl::StrCat("HTTP status ", status));
  }
  if (!is_exception && (!type.empty() || NamesAnException(answer.body()))) {
    return absl::DataLossError("HTTP status 200 with an exception");
  }
  absl::StatusOr<v1::Response> decoded =
      DecodeResponse(operation, status, type, answer.body());
  if (!decoded.ok()) {
    return absl::Status(
        decoded.status().code(),
        absl::StrCat("HTTP status ", status, ": ", decoded.status().message()));
  }
  if (decoded->error().code() == v1::ERROR_CODE_OPERATION_TIMEOUT) {
    decoded->mutable_error()->set_detail(v1::Error::DETAIL_OUTCOME_UNKNOWN);
  }
  return decoded;
}

}  // namespace

// A connection whose operations block until they are done.
struct HttpBackend::Connection {
  // Runs the started operation until it is done or its deadline has passed.
  Error Finish(Error* result) {
    context.restart();
    context.run();
    return *result;
  }

  // Sets `*bytes_sent` to the number of bytes that the system accepted.
  Error Write(const http::request<http::string_body>& request,
              size_t* bytes_sent) {
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
  // protocol is final.
  Error ReadFinal(std::optional<ResponseParser>* parser,
                  uint64_t answer_bytes_max) {
    for (int interim = 0; interim <= kInterimAnswersMax; ++interim) {
      parser->emplace();
      (*parser)->body_limit(answer_bytes_max);
      if (const Error error = Read(&**parser)) return error;
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
  beast::flat_buffer buffer;
  // The next idle connection in the stack.
  std::unique_ptr<Connection> next;
};

absl::StatusOr<std::unique_ptr<HttpBackend>> HttpBackend::Create(
    absl::string_view url, HttpBackendOptions options) {
  absl::StatusOr<HttpEndpoint> endpoint = ParseHttpEndpoint(url);
  if (!endpoint.ok()) return endpoint.status();
  if (options.credential.has_value()) {
    if (!IsScopeText(options.credential->access_key_id)) {
      return absl::InvalidArgumentError(
          "the access key id is not legal in a header");
    }
    if (!IsHeaderText(options.credential->session_token)) {
      return absl::InvalidArgumentError(
          "the session token is not legal in a header");
    }
  }
  if (auto status = CheckHeaders(options); !status.ok()) return status;
  return absl::WrapUnique(new HttpBackend(std::move(endpoint->host),
                                          std::move(endpoint->port),
                                          std::move(options)));
}

HttpBackend::HttpBackend(std::string host, std::string port,
                         HttpBackendOptions options)
    : host_(std::move(host)),
      port_(std::move(port)),
      options_(std::move(options)) {}

HttpBackend::~HttpBackend() {
  // One by one, because destroying the list at once would recurse.
  while (idle_ != nullptr) idle_ = std::move(idle_->next);
}

std::unique_ptr<HttpBackend::Connection> HttpBackend::TakeIdle() {
  const std::lock_guard<std::mutex> lock(mutex_);
  while (idle_ != nullptr) {
    std::unique_ptr<Connection> connection = std::move(idle_);
    idle_ = std::move(connection->next);
    --idle_connections_;
    if (!connection->IsStale()) return connection;
  }
  return nullptr;
}

void HttpBackend::KeepIdle(std::unique_ptr<Connection> connection) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (idle_connections_ >= options_.idle_connections_max) return;
  ++idle_connections_;
  connection->next = std::move(idle_);
  idle_ = std::move(connection);
}

absl::StatusOr<std::unique_ptr<HttpBackend::Connection>> HttpBackend::Open(
    SteadyClock::time_point deadline) {
  if (auto idle = TakeIdle()) {
    idle->stream.expires_at(deadline);
    return idle;
  }
  auto connection = std::make_unique<Connection>();
  Error error;
  // An IPv6 address is in brackets.
  const absl::string_view host =
      absl::StripSuffix(absl::StripPrefix(host_, "["), "]");
  const auto found = asio::ip::tcp::resolver(connection->context)
                         .resolve(std::string(host), port_, error);
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
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot connect to ", host_, ":",
                                               port_, ": ", error.message()));
  }
  return connection;
}

v1::Response HttpBackend::Execute(const Caller& caller,
                                  const v1::Request& request) {
  constexpr char kEnded[] = "an exception ended the call";
  v1::Response unknown;
  bool may_be_sent = false;
  try {
    // Made beforehand, so that it needs no memory when memory has run out.
    unknown = OutcomeUnknown(kEnded);
    return Call(caller, request, &may_be_sent);
  } catch (...) {
    if (may_be_sent) return unknown;
    return OrEnd([&] { return NotApplied(kEnded); });
  }
}

v1::Response HttpBackend::Call(const Caller& caller, const v1::Request& request,
                               bool* may_be_sent) {
  if (request.operation_case() == kNoOperation) {
    return ErrorOf(v1::ERROR_CODE_INVALID_INPUT,
                   "the request names no operation");
  }
  if (!IsScopeText(caller.region)) {
    return ErrorOf(v1::ERROR_CODE_INVALID_INPUT,
                   "the caller's region is not legal in a header");
  }
  if (SendsAccount(options_) && !IsScopeText(caller.account_id)) {
    return ErrorOf(v1::ERROR_CODE_INVALID_INPUT,
                   "the caller's account id is not legal in a header");
  }
  const http::request<http::string_body> message =
      ToHttp(caller, options_, absl::StrCat(host_, ":", port_),
             EncodeRequest(request));
  const SteadyClock::time_point deadline =
      SteadyClock::now() + ToBoundedNanoseconds(options_.timeout);
  std::optional<ResponseParser> parser;
  auto opened = Open(deadline);
  if (!opened.ok()) return NotApplied(std::string(opened.status().message()));
  std::unique_ptr<Connection> connection = *std::move(opened);
  if (SteadyClock::now() >= deadline) {
    return NotApplied("the deadline passed before the request could be sent");
  }
  *may_be_sent = true;
  size_t bytes_sent = 0;
  if (const Error error = connection->Write(message, &bytes_sent)) {
    std::string text = absl::StrCat("cannot send: ", error.message());
    if (bytes_sent == 0) return NotApplied(std::move(text));
    return OutcomeUnknown(std::move(text));
  }
  if (const Error error =
          connection->ReadFinal(&parser, options_.answer_bytes_max)) {
    return OutcomeUnknown(absl::StrCat("no answer: ", error.message()));
  }
  absl::StatusOr<v1::Response> decoded =
      Decode(request.operation_case(), parser->get());
  if (!decoded.ok()) {
    return OutcomeUnknown(std::string(decoded.status().message()));
  }
  if (parser->keep_alive() && connection->buffer.size() == 0) {
    KeepIdle(std::move(connection));
  }
  return *std::move(decoded);
}

}  // namespace glue_security
