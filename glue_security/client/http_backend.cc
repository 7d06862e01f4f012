#include "glue_security/client/http_backend.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/client/aws_headers.h"
#include "glue_security/http/bounded_time.h"
#include "glue_security/http/plain_text.h"
#include "glue_security/model/error.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/out_of_memory.h"

namespace glue_security {

namespace {

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

// Returns all headers of a call.
HttpHeaders HeadersOf(const Caller& caller, const HttpBackendOptions& options,
                      const std::string& host, const WireRequest& wire) {
  AwsCall call;
  call.service = "glue";
  call.region = caller.region;
  call.host = host;
  call.target = wire.target;
  call.body = wire.body;
  call.time = options.clock->Now();
  call.credential = CredentialOf(options);
  call.access_key_id = kNobodysKeyId;
  if (options.account == AccountSentAs::kAccessKeyId) {
    call.access_key_id = caller.account_id;
  }
  HttpHeaders headers = AwsHeaders(call);
  const bool sends_header = options.account == AccountSentAs::kHeader;
  for (const auto& [name, value] : options.headers) {
    // The account replaces a header of the same name.
    if (sends_header && absl::EqualsIgnoreCase(name, options.account_header)) {
      continue;
    }
    headers.emplace_back(name, value);
  }
  if (sends_header) {
    headers.emplace_back(options.account_header, caller.account_id);
  }
  return headers;
}

// Returns the operation's answer or an exception of the API, or a status that
// describes anything else.
absl::StatusOr<v1::Response> Decode(Operation operation,
                                    const HttpExchange& answer) {
  const int status = answer.status();
  const std::string type = PlainText(answer.Header("x-amzn-ErrorType"));
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

absl::StatusOr<std::unique_ptr<HttpBackend>> HttpBackend::Create(
    absl::string_view url, HttpBackendOptions options) {
  absl::StatusOr<HttpEndpoint> endpoint = ParseHttpEndpoint(url);
  if (!endpoint.ok()) return endpoint.status();
  if (options.credential.has_value()) {
    if (auto status = CheckCredential(*options.credential); !status.ok()) {
      return status;
    }
  }
  if (auto status = CheckHeaders(options); !status.ok()) return status;
  return absl::WrapUnique(
      new HttpBackend(*std::move(endpoint), std::move(options)));
}

HttpBackend::HttpBackend(HttpEndpoint endpoint, HttpBackendOptions options)
    : options_(std::move(options)),
      client_(std::move(endpoint),
              {options_.answer_bytes_max, options_.idle_connections_max}) {}

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
  const WireRequest wire = EncodeRequest(request);
  const auto deadline =
      std::chrono::steady_clock::now() + ToBoundedNanoseconds(options_.timeout);
  HttpExchange exchange;
  if (auto failure =
          client_.Post(HeadersOf(caller, options_, client_.host(), wire),
                       wire.body, deadline, may_be_sent, &exchange)) {
    if (failure->is_unsent) return NotApplied(std::move(failure->text));
    return OutcomeUnknown(std::move(failure->text));
  }
  absl::StatusOr<v1::Response> decoded =
      Decode(request.operation_case(), exchange);
  if (!decoded.ok()) {
    return OutcomeUnknown(std::string(decoded.status().message()));
  }
  client_.Keep(std::move(exchange));
  return *std::move(decoded);
}

}  // namespace glue_security
