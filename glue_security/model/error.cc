#include "glue_security/model/error.h"

#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/out_of_memory.h"
#include "google/protobuf/descriptor.h"

namespace glue_security {
namespace {

constexpr absl::string_view kPayloadUrl =
    "type.googleapis.com/glue_security.v1.Error";

}  // namespace

v1::Error MakeError(v1::ErrorCode code, std::string message) {
  return MakeError(code, std::move(message), v1::Error::DETAIL_UNSPECIFIED);
}

v1::Error MakeError(v1::ErrorCode code, std::string message,
                    v1::Error::Detail detail) {
  v1::Error error;
  OrEnd([&] {
    error.set_code(code);
    error.set_message(std::move(message));
    error.set_detail(detail);
  });
  return error;
}

v1::Error DamagedRecordError() {
  return MakeError(v1::ERROR_CODE_INTERNAL_SERVICE,
                   "a stored record is damaged", v1::Error::DETAIL_DATA_LOSS);
}

absl::StatusCode ToStatusCode(v1::ErrorCode code) {
  return OrEnd([&] {
    const auto* value = v1::ErrorCode_descriptor()->FindValueByNumber(code);
    if (value == nullptr || !value->options().HasExtension(v1::status_code)) {
      return absl::StatusCode::kUnknown;
    }
    return static_cast<absl::StatusCode>(
        value->options().GetExtension(v1::status_code));
  });
}

absl::Status ToStatus(const v1::Error& error) {
  absl::Status status;
  // The call has already ended, so it can no longer fail in another way.
  OrEnd([&] {
    const absl::string_view name = ErrorCodeName(error.code());
    status = absl::Status(ToStatusCode(error.code()),
                          error.message().empty()
                              ? std::string(name)
                              : absl::StrCat(name, ": ", error.message()));
    status.SetPayload(kPayloadUrl, absl::Cord(error.SerializeAsString()));
  });
  return status;
}

std::optional<v1::Error> ErrorFromStatus(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string bytes(*payload);
  v1::Error error;
  if (!OrEnd([&] { return error.ParseFromString(bytes); })) {
    return std::nullopt;
  }
  return error;
}

v1::ErrorCode ErrorCodeOf(const absl::Status& status) {
  const std::optional<v1::Error> error = ErrorFromStatus(status);
  return error.has_value() ? error->code() : v1::ERROR_CODE_UNSPECIFIED;
}

}  // namespace glue_security
