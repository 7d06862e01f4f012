#include "glue_security/aws_json/codec.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glue_security/aws_json/message_reader.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/json/json_scratch.h"
#include "glue_security/json/json_walk.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/v1/error.pb.h"
#include "google/protobuf/message.h"

namespace glue_security {
namespace {

using google::protobuf::Message;
using google::protobuf::RepeatedPtrField;

constexpr char kUnknownOperation[] = "UnknownOperationException";
constexpr char kFederationSource[] = "FromFederationSource";

// Returns true if the exception has the member `kFederationSource`.
bool HasFederationSource(v1::ErrorCode code) {
  return code == v1::ERROR_CODE_ENTITY_NOT_FOUND ||
         code == v1::ERROR_CODE_INVALID_INPUT;
}

FrontEndError SerializationError(UnreadableBody body) {
  return {FrontEndError::Kind::kRequest, "SerializationException",
          std::move(body.message)};
}

WireResponse ErrorResponse(int status, absl::string_view type,
                           absl::string_view message_name,
                           const std::optional<std::string>& message) {
  WireResponse response;
  response.http_status = status;
  response.error_type = std::string(type);
  response.body = "{\"__type\":";
  AppendJsonString(type, &response.body);
  if (message.has_value()) {
    response.body.push_back(',');
    AppendJsonString(message_name, &response.body);
    response.body.push_back(':');
    AppendJsonString(*message, &response.body);
  }
  response.body.push_back('}');
  return response;
}

// Reads the members of an error from its body. When a member is repeated, the
// last one counts.
class ErrorBody {
 public:
  void Key(const char*, absl::string_view text) {
    if (depth_ != 1) return;
    member_ = text == "__type"                          ? &type_
              : absl::EqualsIgnoreCase(text, "message") ? &message_
                                                        : nullptr;
    is_federation_source_ = text == kFederationSource;
  }
  void String(const char*, absl::string_view text) {
    if (depth_ == 1 && member_ != nullptr) *member_ = std::string(text);
  }
  void Scalar(JsonType type, absl::string_view text) {
    if (depth_ == 1 && is_federation_source_ && type == JsonType::kBoolean) {
      from_federation_source_ = text == "true";
    }
  }
  size_t Open(JsonType, const char*) { return ++depth_; }
  void Close(size_t, size_t) { --depth_; }

  const std::string& type() const { return type_; }
  const std::string& message() const { return message_; }
  std::optional<bool> from_federation_source() const {
    return from_federation_source_;
  }

 private:
  size_t depth_ = 0;
  // The member of the last key, if it is a string that is read.
  std::string* member_ = nullptr;
  bool is_federation_source_ = false;
  std::string type_;
  std::string message_;
  std::optional<bool> from_federation_source_;
};

// Extracts "Name" from "ns#Name:http://...".
absl::string_view ExceptionName(absl::string_view type) {
  type = type.substr(0, type.find(':'));
  const size_t hash = type.find('#');
  return hash == absl::string_view::npos ? type : type.substr(hash + 1);
}

absl::StatusOr<v1::Response> DecodeError(absl::string_view error_type,
                                         absl::string_view body) {
  const BorrowedJsonScratch scratch;
  ErrorBody error;
  constexpr size_t kDepthMax = 100;
  if (WalkJsonObject(body, kDepthMax, scratch.get(), &error).has_value() &&
      error_type.empty()) {
    return absl::DataLossError("the body of an error is not a JSON object");
  }
  const absl::string_view name =
      ExceptionName(error_type.empty() ? error.type() : error_type);
  if (name.empty()) {
    return absl::DataLossError("the body of an error names no exception");
  }
  const v1::ErrorCode code = ApiSchema::Get().FindErrorCode(name);
  if (code == v1::ERROR_CODE_UNSPECIFIED) {
    return absl::UnimplementedError(absl::StrCat(name, ": ", error.message()));
  }
  v1::Response response;
  OrEnd([&] {
    response.mutable_error()->set_code(code);
    response.mutable_error()->set_message(error.message());
    const auto from_federation_source = error.from_federation_source();
    if (from_federation_source.has_value() && HasFederationSource(code)) {
      response.mutable_error()->set_from_federation_source(
          *from_federation_source);
    }
  });
  return response;
}

}  // namespace

std::optional<FrontEndError> CheckContentType(absl::string_view content_type) {
  const absl::string_view type = absl::StripAsciiWhitespace(
      content_type.substr(0, content_type.find(';')));
  if (absl::EqualsIgnoreCase(type, kAwsJsonContentType)) return std::nullopt;
  return FrontEndError{FrontEndError::Kind::kNotFound, kUnknownOperation,
                       std::nullopt};
}

std::variant<v1::Request, FrontEndError> DecodeRequest(
    absl::string_view target, absl::string_view body,
    const Behavior& behavior) {
  const OperationSchema* const operation =
      absl::ConsumePrefix(&target, kGlueTargetPrefix)
          ? ApiSchema::For(behavior).FindOperation(target)
          : nullptr;
  v1::Request request;
  Message* message = nullptr;
  if (operation != nullptr) {
    message = OrEnd([&] {
      return request.GetReflection()->MutableMessage(&request,
                                                     operation->request_field);
    });
  }
  auto unreadable = OrEnd([&] {
    return ReadMessage(
        body, operation == nullptr ? nullptr : operation->request,
        behavior.refuse_unknown_members ? UnknownMembers::kRefused
                                        : UnknownMembers::kIgnored,
        message, request.mutable_unparsed_values());
  });
  if (unreadable.has_value()) return SerializationError(*std::move(unreadable));
  if (operation == nullptr) {
    return FrontEndError{FrontEndError::Kind::kRequest, kUnknownOperation,
                         std::nullopt};
  }
  return request;
}

WireResponse EncodeResponse(const v1::Response& response) {
  if (response.outcome_case() == v1::Response::OUTCOME_NOT_SET) {
    return ErrorResponse(500, ErrorCodeName(v1::ERROR_CODE_INTERNAL_SERVICE),
                         "Message", "the backend gave no answer");
  }
  if (response.has_error()) {
    const v1::Error& error = response.error();
    WireResponse wire = ErrorResponse(
        error.code() == v1::ERROR_CODE_INTERNAL_SERVICE ? 500 : 400,
        ErrorCodeName(error.code()), "Message", error.message());
    if (error.has_from_federation_source() &&
        HasFederationSource(error.code())) {
      wire.body.pop_back();
      absl::StrAppend(&wire.body, ",\"", kFederationSource,
                      "\":", error.from_federation_source() ? "true" : "false",
                      "}");
    }
    return wire;
  }
  const OperationSchema& operation = ApiSchema::Get().operation(
      static_cast<Operation>(response.outcome_case()));
  WireResponse wire;
  AppendMessage(
      response.GetReflection()->GetMessage(response, operation.response_field),
      *operation.response, RepeatedPtrField<v1::UnparsedValue>(), &wire.body);
  return wire;
}

WireResponse EncodeFrontEndError(const FrontEndError& error) {
  constexpr int kBadRequest = 400;
  switch (error.kind) {
    case FrontEndError::Kind::kAuthentication:
      return ErrorResponse(kBadRequest, error.type, "message", error.message);
    case FrontEndError::Kind::kNotFound: {
      WireResponse response;
      response.http_status = 404;
      response.content_type = "application/xml";
      response.error_type = error.type;
      response.body = absl::StrCat("<", error.type, "/>");
      return response;
    }
    default:
      return ErrorResponse(kBadRequest, error.type, "Message", error.message);
  }
}

WireRequest EncodeRequest(const v1::Request& request) {
  const OperationSchema& operation =
      ApiSchema::Get().operation(request.operation_case());
  WireRequest wire;
  wire.target =
      absl::StrCat(kGlueTargetPrefix, OperationName(request.operation_case()));
  AppendMessage(
      request.GetReflection()->GetMessage(request, operation.request_field),
      *operation.request, request.unparsed_values(), &wire.body);
  return wire;
}

absl::StatusOr<v1::Response> DecodeResponse(Operation operation,
                                            int http_status,
                                            absl::string_view error_type,
                                            absl::string_view body) {
  if (http_status != 200) return DecodeError(error_type, body);
  const OperationSchema& wire = ApiSchema::Get().operation(operation);
  v1::Response response;
  RepeatedPtrField<v1::UnparsedValue> unparsed;
  const auto unreadable = OrEnd([&] {
    return ReadMessage(body, wire.response, UnknownMembers::kIgnored,
                       response.GetReflection()->MutableMessage(
                           &response, wire.response_field),
                       &unparsed);
  });
  if (unreadable.has_value()) {
    return absl::DataLossError(absl::StrCat(
        "the body of a response cannot be read",
        unreadable->message.has_value() ? ": " + *unreadable->message : ""));
  }
  if (!unparsed.empty()) {
    return absl::DataLossError(absl::StrCat(
        "a response has an unknown value at ", unparsed[0].path()));
  }
  return response;
}

}  // namespace glue_security
