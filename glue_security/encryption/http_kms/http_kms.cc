#include "glue_security/encryption/http_kms/http_kms.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "glue_security/client/aws_headers.h"
#include "glue_security/encryption/kms_json/key_call_codec.h"
#include "glue_security/http/bounded_time.h"

namespace glue_security {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr size_t kRequestIdBytesMax = 128;

KeyRefusal Refusal(const char* code, std::string message, int http_status) {
  KeyRefusal refusal;
  refusal.code = code;
  refusal.message = std::move(message);
  refusal.http_status = http_status;
  return refusal;
}

// Returns true for a request id that can be shown in a message.
bool IsRequestId(absl::string_view text) {
  return !text.empty() && text.size() <= kRequestIdBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '-';
         });
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpKms>> HttpKms::Create(
    absl::string_view url, HttpKmsOptions options) {
  absl::StatusOr<HttpEndpoint> endpoint = ParseHttpEndpoint(url);
  if (!endpoint.ok()) return endpoint.status();
  if (options.credential.has_value()) {
    if (auto status = CheckCredential(*options.credential); !status.ok()) {
      return status;
    }
  }
  return absl::WrapUnique(
      new HttpKms(*std::move(endpoint), std::move(options)));
}

HttpKms::HttpKms(HttpEndpoint endpoint, HttpKmsOptions options)
    : options_(std::move(options)),
      client_(std::move(endpoint),
              {options_.answer_bytes_max, options_.idle_connections_max,
               /*wipes=*/true}) {}

std::optional<KeyRefusal> HttpKms::Send(const KeyCaller& caller,
                                        absl::string_view target,
                                        absl::string_view body,
                                        HttpExchange* exchange) {
  const Caller& who = caller.caller;
  if (!IsScopeText(who.region)) {
    return Refusal("ValidationException",
                   "the caller's region is not legal in a header", 400);
  }
  AwsCall call;
  if (options_.credential.has_value()) {
    call.credential = &*options_.credential;
  } else if (!IsScopeText(who.account_id)) {
    return Refusal("ValidationException",
                   "the caller's account id is not legal in a header", 400);
  }
  call.service = "kms";
  call.region = who.region;
  call.host = client_.host();
  call.target = target;
  call.body = body;
  call.time = options_.clock->Now();
  call.access_key_id = who.account_id;
  const HttpHeaders headers = AwsHeaders(call);
  const SteadyClock::time_point deadline =
      SteadyClock::now() + ToBoundedNanoseconds(options_.timeout);
  std::optional<HttpFailure> failure;
  for (int attempt = 0; attempt < 2; ++attempt) {
    bool may_be_sent = false;
    failure = client_.Post(headers, body, deadline, &may_be_sent, exchange);
    if (!failure.has_value()) return std::nullopt;
    if (!failure->is_closed) break;
  }
  return Refusal("DependencyTimeoutException", std::move(failure->text), 500);
}

template <typename Call, typename Decode>
auto HttpKms::Make(const KeyCaller& caller, const Call& call, Decode decode) {
  using Answer = decltype(decode(KmsWireAnswer()));
  const KmsWireRequest request = EncodeKeyCall(call);
  HttpExchange exchange;
  Answer answer;
  auto refusal = Send(caller, request.target,
                      {request.body.data(), request.body.size()}, &exchange);
  const bool has_answer = !refusal.has_value();
  if (!has_answer) {
    answer = *std::move(refusal);
  } else {
    answer = decode(KmsWireAnswer{exchange.status(),
                                  exchange.Header("x-amzn-ErrorType"),
                                  exchange.body()});
  }
  auto* const refused = std::get_if<KeyRefusal>(&answer);
  if (refused != nullptr) {
    absl::string_view id;
    if (has_answer) id = exchange.Header("x-amzn-RequestId");
    refused->request_id =
        IsRequestId(id) ? std::string(id) : RandomUuid(options_.random);
  }
  // A connection whose last answer was not KMS's is not used again.
  if (has_answer &&
      (refused == nullptr || refused->code != "KMSInternalException")) {
    client_.Keep(std::move(exchange));
  }
  return answer;
}

KeyAnswerOf<EncryptResult> HttpKms::Encrypt(const KeyCaller& caller,
                                            const EncryptCall& call) {
  return Make(caller, call, DecodeEncryptAnswer);
}

KeyAnswerOf<DecryptResult> HttpKms::Decrypt(const KeyCaller& caller,
                                            const DecryptCall& call) {
  return Make(caller, call, DecodeDecryptAnswer);
}

KeyAnswerOf<GenerateDataKeyResult> HttpKms::GenerateDataKey(
    const KeyCaller& caller, const GenerateDataKeyCall& call) {
  return Make(caller, call, [&call](const KmsWireAnswer& answer) {
    return DecodeGenerateDataKeyAnswer(answer, call.data_key_bytes);
  });
}

KeyAnswerOf<DescribeKeyResult> HttpKms::DescribeKey(
    const KeyCaller& caller, const DescribeKeyCall& call) {
  return Make(caller, call, DecodeDescribeKeyAnswer);
}

}  // namespace glue_security
