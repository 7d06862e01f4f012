#include "glue_security/model/error.h"

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "glue_security/model/operation.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr char kPayloadUrl[] = "type.googleapis.com/glue_security.v1.Error";

const std::map<v1::ErrorCode, absl::StatusCode>& StatusCodes() {
  static const auto* const kCodes =
      new std::map<v1::ErrorCode, absl::StatusCode>{
          {v1::ERROR_CODE_UNSPECIFIED, absl::StatusCode::kUnknown},
          {v1::ERROR_CODE_ENTITY_NOT_FOUND, absl::StatusCode::kNotFound},
          {v1::ERROR_CODE_ALREADY_EXISTS, absl::StatusCode::kAlreadyExists},
          {v1::ERROR_CODE_INVALID_INPUT, absl::StatusCode::kInvalidArgument},
          {v1::ERROR_CODE_VALIDATION, absl::StatusCode::kInvalidArgument},
          {v1::ERROR_CODE_CONDITION_CHECK_FAILURE, absl::StatusCode::kAborted},
          {v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED,
           absl::StatusCode::kResourceExhausted},
          {v1::ERROR_CODE_OPERATION_TIMEOUT,
           absl::StatusCode::kDeadlineExceeded},
          {v1::ERROR_CODE_INTERNAL_SERVICE, absl::StatusCode::kInternal},
          {v1::ERROR_CODE_ACCESS_DENIED, absl::StatusCode::kPermissionDenied},
          {v1::ERROR_CODE_GLUE_ENCRYPTION,
           absl::StatusCode::kFailedPrecondition},
      };
  return *kCodes;
}

// The table of error.h, which has every code of the proto.
TEST(ToStatusCode, OfEveryCode_IsThatOfTheTable) {
  const auto* declared = v1::ErrorCode_descriptor();
  for (int i = 0; i < declared->value_count(); ++i) {
    const auto code = static_cast<v1::ErrorCode>(declared->value(i)->number());
    const auto expected = StatusCodes().find(code);
    ASSERT_NE(expected, StatusCodes().end()) << declared->value(i)->name();
    EXPECT_EQ(ToStatusCode(code), expected->second)
        << declared->value(i)->name();
  }
  EXPECT_EQ(ToStatusCode(static_cast<v1::ErrorCode>(99)),
            absl::StatusCode::kUnknown);
}

TEST(ToStatus, OfEveryCode_ComesBackWhole) {
  for (const auto& [code, status_code] : StatusCodes()) {
    v1::Error error =
        MakeError(code, "what \xC3\xA9", v1::Error::DETAIL_NOT_APPLIED);
    v1::Violation* violation = error.add_violations();
    violation->set_path("name");
    violation->set_constraint(v1::Violation::CONSTRAINT_PATTERN);
    violation->set_value("");
    violation->set_requirement("must");
    const absl::Status status = ToStatus(error);
    EXPECT_EQ(status.code(), status_code);
    const std::optional<v1::Error> back = ErrorFromStatus(status);
    ASSERT_TRUE(back.has_value());
    EXPECT_TRUE(MessageDifferencer::Equals(*back, error));
    EXPECT_EQ(ErrorCodeOf(status), code);
  }
}

// "The message "NAME: MESSAGE"; "NAME" alone when the message is empty."
TEST(ToStatus, Message_StartsWithTheWireName) {
  EXPECT_EQ(
      ToStatus(MakeError(v1::ERROR_CODE_ENTITY_NOT_FOUND, "Policy not found"))
          .message(),
      "EntityNotFoundException: Policy not found");
  EXPECT_EQ(ToStatus(MakeError(v1::ERROR_CODE_ALREADY_EXISTS, "")).message(),
            "AlreadyExistsException");
}

TEST(ErrorFromStatus, OfAStatusFromElsewhere_IsNone) {
  absl::Status other_payload = absl::NotFoundError("x");
  other_payload.SetPayload("type.googleapis.com/other.Error",
                           absl::Cord("\x08\x01"));
  absl::Status damaged = absl::NotFoundError("x");
  damaged.SetPayload(kPayloadUrl, absl::Cord("\xFF"));
  for (const absl::Status& status :
       {absl::OkStatus(), absl::NotFoundError("EntityNotFoundException: x"),
        absl::InternalError(""), other_payload, damaged}) {
    EXPECT_FALSE(ErrorFromStatus(status).has_value()) << status;
    EXPECT_EQ(ErrorCodeOf(status), v1::ERROR_CODE_UNSPECIFIED) << status;
  }
}

// Callers branch on the payload, not on the code of the status.
TEST(ErrorFromStatus, LooksAtThePayloadAlone) {
  absl::Status status = absl::UnavailableError("another text");
  status.SetPayload(
      kPayloadUrl,
      absl::Cord(
          MakeError(v1::ERROR_CODE_VALIDATION, "m").SerializeAsString()));
  EXPECT_EQ(ErrorCodeOf(status), v1::ERROR_CODE_VALIDATION);
  EXPECT_EQ(ErrorFromStatus(status)->message(), "m");
}

TEST(MakeError, HasNothingButWhatIsGiven) {
  const v1::Error error = MakeError(v1::ERROR_CODE_INVALID_INPUT, "m");
  EXPECT_EQ(error.code(), v1::ERROR_CODE_INVALID_INPUT);
  EXPECT_EQ(error.message(), "m");
  EXPECT_EQ(error.detail(), v1::Error::DETAIL_UNSPECIFIED);
  EXPECT_EQ(error.violations_size(), 0);
  EXPECT_EQ(MakeError(v1::ERROR_CODE_INTERNAL_SERVICE, "m",
                      v1::Error::DETAIL_DATA_LOSS)
                .detail(),
            v1::Error::DETAIL_DATA_LOSS);
}

}  // namespace
}  // namespace glue_security
