#include "glue_security/server/front_end.h"

#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/encryption/kms_json/kms_answer.h"
#include "glue_security/encryption/kms_json/kms_request.h"
#include "glue_security/http/plain_text.h"
#include "glue_security/http/sigv4.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/model/random_bits.h"
#include "glue_security/model/region_name.h"
#include "glue_security/policy/arn.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/server/exception_name.h"

namespace glue_security {
namespace {

constexpr char kInternalService[] = "InternalServiceException";
constexpr char kInternalMessage[] = "internal error";
constexpr char kUnknownOperation[] = "UnknownOperationException";

absl::string_view ValueOf(const absl::string_view* header) {
  return header == nullptr ? absl::string_view() : *header;
}

// Returns the error of `result` as the front end gives it. REQUIRES: `result`
// has one.
template <typename Result>
FrontEndError Refusal(const Result& result) {
  const auto& error = std::get<SignatureError>(result);
  return {FrontEndError::Kind::kAuthentication, error.type, error.message};
}

// Checks the region of a signed request.
std::optional<FrontEndError> CheckRegion(const SignatureHeader& header) {
  if (IsRegionName(header.region)) return std::nullopt;
  return FrontEndError{FrontEndError::Kind::kAuthentication,
                       "IncompleteSignatureException",
                       absl::StrCat("Credential must be scoped to a region of "
                                    "1 to 64 characters of a-z, 0-9 and '-', "
                                    "got '",
                                    PlainText(header.region), "'.")};
}

// A bijection that scatters its argument: Steele, Lea and Flood's SplitMix.
uint64_t Scatter(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// Returns 16 hexadecimal digits.
std::string ToHex(uint64_t number) {
  return absl::StrCat(absl::Hex(number, absl::kZeroPad16));
}

HttpResponse ToHttp(WireResponse wire, const std::string& request_id) {
  HttpResponse response;
  response.status = wire.http_status;
  response.headers.reserve(3);
  response.headers.emplace_back("x-amzn-RequestId", request_id);
  response.headers.emplace_back("Content-Type", std::move(wire.content_type));
  if (!wire.error_type.empty()) {
    response.headers.emplace_back("x-amzn-ErrorType",
                                  std::move(wire.error_type));
  }
  response.body = std::move(wire.body);
  return response;
}

// Returns an answer as it is delivered, and records its outcome.
HttpResponse Deliver(WireResponse wire, const Delivery& delivery,
                     RequestRecord* record) {
  record->outcome = delivery.lost             ? "dropped"
                    : wire.error_type.empty() ? "ok"
                                              : wire.error_type;
  HttpResponse response = ToHttp(std::move(wire), record->request_id);
  response.delay = delivery.delay;
  response.drop_connection = delivery.lost;
  return response;
}

}  // namespace

WireResponse Executor::Call::ExecuteKms(
    const KeyCaller& /*caller*/, absl::string_view /*operation*/,
    absl::FunctionRef<WireResponse()> answer, Delivery* /*delivery*/) {
  return answer();
}

FrontEnd::FrontEnd(Executor* executor, FrontEndOptions options)
    : executor_(executor), options_(std::move(options)), seed_(RandomBits()) {
  // Builds protobuf's descriptors here and not in the first request, because
  // protobuf does not survive running out of memory meanwhile.
  ApiSchema::Get();
}

std::string FrontEnd::NewRequestId() {
  const uint64_t number = requests_.fetch_add(1, std::memory_order_relaxed);
  const uint64_t high = Scatter(seed_ + 2 * number);
  const uint64_t low = Scatter(seed_ + 2 * number + 1);
  // RFC 4122: version 4, variant 1.
  const uint64_t upper = (high & ~uint64_t{0xF000}) | 0x4000;
  const uint64_t lower =
      (low & ~(uint64_t{0xC000} << 48)) | (uint64_t{0x8000} << 48);
  const std::string first = ToHex(upper);
  const std::string second = ToHex(lower);
  const absl::string_view front = first;
  const absl::string_view back = second;
  return absl::StrCat(front.substr(0, 8), "-", front.substr(8, 4), "-",
                      front.substr(12), "-", back.substr(0, 4), "-",
                      back.substr(4));
}

Caller FrontEnd::CallerOf(const HttpRequest& request,
                          const Credential* verified) const {
  const auto parsed = ParseSignatureHeader(request);
  return CallerOf(std::get_if<SignatureHeader>(&parsed), verified);
}

Caller FrontEnd::CallerOf(const SignatureHeader* header,
                          const Credential* verified) const {
  Caller caller{options_.default_account_id, options_.default_region, ""};
  if (header != nullptr) {
    if (IsRegionName(header->region)) {
      caller.region = std::string(header->region);
    }
    if (IsAccountId(header->access_key_id)) {
      caller.account_id = std::string(header->access_key_id);
    }
  }
  if (verified != nullptr) {
    if (!verified->account_id.empty()) caller.account_id = verified->account_id;
    caller.principal_arn = verified->principal_arn;
    caller.role_arn = verified->principal_role_arn;
    caller.unique_id = verified->principal_id;
  }
  if (options_.callers_are_root && caller.principal_arn.empty()) {
    caller.principal_arn = RootArn({caller.region, caller.account_id});
  }
  return caller;
}

HttpResponse FrontEnd::Handle(const HttpRequest& request,
                              RequestRecord* record) {
  try {
    return Answer(request, record);
  } catch (...) {
    record->exception = CurrentExceptionName();
  }
  try {
    if (record->request_id.empty()) record->request_id = NewRequestId();
    if (IsForKms(request)) {
      KeyRefusal refusal;
      refusal.code = "KMSInternalException";
      refusal.message = kInternalMessage;
      return Deliver(EncodeKmsRefusal(refusal), Delivery(), record);
    }
    record->outcome = kInternalService;
    v1::Response answer;
    OrEnd([&answer] {
      answer.mutable_error()->set_code(v1::ERROR_CODE_INTERNAL_SERVICE);
      answer.mutable_error()->set_message(kInternalMessage);
    });
    return ToHttp(EncodeResponse(answer), record->request_id);
  } catch (...) {
    HttpResponse bare;
    bare.status = 500;
    return bare;
  }
}

bool FrontEnd::IsForKms(const HttpRequest& request) const {
  return options_.kms != nullptr &&
         absl::StartsWith(ValueOf(request.Find("X-Amz-Target")),
                          kKmsTargetPrefix);
}

std::variant<Caller, FrontEndError> FrontEnd::Authenticate(
    const HttpRequest& request, absl::string_view service) const {
  const auto parsed = ParseSignatureHeader(request);
  const auto* const header = std::get_if<SignatureHeader>(&parsed);
  if (header != nullptr) {
    if (auto error = CheckRegion(*header)) return *std::move(error);
  }
  const Credential* verified = nullptr;
  if (options_.credentials.has_value()) {
    if (header == nullptr) return Refusal(parsed);
    const auto result = VerifySignature(request, *header, *options_.credentials,
                                        options_.clock->Now(), service);
    if (std::holds_alternative<SignatureError>(result)) return Refusal(result);
    verified = std::get<const Credential*>(result);
  }
  return CallerOf(header, verified);
}

HttpResponse FrontEnd::Answer(const HttpRequest& request,
                              RequestRecord* record) {
  record->request_id = NewRequestId();
  const auto refuse = [record](const FrontEndError& error) {
    record->outcome = error.type;
    return ToHttp(EncodeFrontEndError(error), record->request_id);
  };
  const bool is_this_protocol =
      request.method == "POST" && request.target == "/";
  if (auto error = CheckContentType(
          is_this_protocol ? ValueOf(request.Find("Content-Type")) : "")) {
    return refuse(*error);
  }
  if (IsForKms(request)) return AnswerKms(request, record);
  if (const auto* const own = FindOwn(request)) {
    return AnswerOwn(request, *own, record);
  }
  const std::unique_ptr<Executor::Call> begun = executor_->Begin();
  const Behavior* const behavior = begun->behavior();
  auto decoded =
      DecodeRequest(ValueOf(request.Find("X-Amz-Target")), request.body,
                    behavior == nullptr ? options_.behavior : *behavior);
  if (const auto* error = std::get_if<FrontEndError>(&decoded)) {
    return refuse(*error);
  }
  const auto& call = std::get<v1::Request>(decoded);
  record->operation = call.operation_case();
  auto authenticated = Authenticate(request, "glue");
  if (const auto* error = std::get_if<FrontEndError>(&authenticated)) {
    return refuse(*error);
  }
  record->caller = std::get<Caller>(std::move(authenticated));
  Delivery delivery;
  const v1::Response answer =
      begun->Execute(request.connection, record->caller, call, &delivery);
  WireResponse wire = EncodeResponse(answer);
  return Deliver(std::move(wire), delivery, record);
}

const OperationHandlers::Entry* FrontEnd::FindOwn(
    const HttpRequest& request) const {
  if (options_.handlers == nullptr) return nullptr;
  return options_.handlers->Find(ValueOf(request.Find("X-Amz-Target")));
}

HttpResponse FrontEnd::AnswerOwn(const HttpRequest& request,
                                 const OperationHandlers::Entry& own,
                                 RequestRecord* record) {
  const absl::string_view target = ValueOf(request.Find("X-Amz-Target"));
  const auto refuse = [record](const FrontEndError& error) {
    record->outcome = error.type;
    return ToHttp(EncodeFrontEndError(error), record->request_id);
  };
  record->own_operation = std::string(target);
  // A reset of the control waits for the call.
  const std::unique_ptr<Executor::Call> begun = executor_->Begin();
  // Says whether the body is a JSON object; no backend knows the target.
  const auto decoded = DecodeRequest(target, request.body);
  const auto* const error = std::get_if<FrontEndError>(&decoded);
  if (error != nullptr && error->type != kUnknownOperation) {
    return refuse(*error);
  }
  auto authenticated = Authenticate(request, own.service);
  if (const auto* const refusal = std::get_if<FrontEndError>(&authenticated)) {
    return refuse(*refusal);
  }
  record->caller = std::get<Caller>(std::move(authenticated));
  OperationAnswer answer = own.function(record->caller, request.body);
  WireResponse wire;
  wire.http_status = answer.status;
  wire.error_type = std::move(answer.error_type);
  wire.body = std::move(answer.body);
  return Deliver(std::move(wire), Delivery(), record);
}

HttpResponse FrontEnd::AnswerKms(const HttpRequest& request,
                                 RequestRecord* record) {
  const std::unique_ptr<Executor::Call> begun = executor_->Begin();
  const auto decoded =
      DecodeKmsRequest(ValueOf(request.Find("X-Amz-Target")), request.body);
  if (const auto* const refusal = std::get_if<KeyRefusal>(&decoded)) {
    return Deliver(EncodeKmsRefusal(*refusal), Delivery(), record);
  }
  const auto& call = std::get<KmsRequest>(decoded);
  record->kms_operation = call.operation;
  auto authenticated = Authenticate(request, "kms");
  if (const auto* error = std::get_if<FrontEndError>(&authenticated)) {
    return Deliver(EncodeFrontEndError(*error), Delivery(), record);
  }
  record->caller = std::get<Caller>(std::move(authenticated));
  KeyCaller caller;
  caller.caller = record->caller;
  Delivery delivery;
  WireResponse wire = begun->ExecuteKms(
      caller, KmsOperationName(call.operation),
      [&] { return AnswerKmsRequest(options_.kms, caller, call); }, &delivery);
  return Deliver(std::move(wire), delivery, record);
}

}  // namespace glue_security
