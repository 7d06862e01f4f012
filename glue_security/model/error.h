// The errors of the API as values, and as `absl::Status` at the front door.

#ifndef GLUE_SECURITY_MODEL_ERROR_H_
#define GLUE_SECURITY_MODEL_ERROR_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {

// An error without violations or detail.
v1::Error MakeError(v1::ErrorCode code, std::string message);

// An error that the storage caused.
v1::Error MakeError(v1::ErrorCode code, std::string message,
                    v1::Error::Detail detail);

// A stored record cannot be read: InternalServiceException, `data_loss`.
v1::Error DamagedRecordError();

// The status code that stands for `code`:
//
//   EntityNotFoundException               kNotFound
//   AlreadyExistsException                kAlreadyExists
//   InvalidInputException                 kInvalidArgument
//   ValidationException                   kInvalidArgument
//   ConditionCheckFailureException        kAborted
//   ResourceNumberLimitExceededException  kResourceExhausted
//   AccessDeniedException                 kPermissionDenied
//   OperationTimeoutException             kDeadlineExceeded
//   InternalServiceException              kInternal
//
// Anything else is kUnknown.
absl::StatusCode ToStatusCode(v1::ErrorCode code);

// A status with the code of `error`, the message "NAME: MESSAGE" (NAME the wire
// name, as in "EntityNotFoundException: Policy not found"; "NAME" alone when
// the message is empty), and `error` itself as payload.
absl::Status ToStatus(const v1::Error& error);

// The error that `ToStatus` put into `status`; nullopt when it holds none, as
// an OK status or one from elsewhere. Callers branch on this, not on the text.
std::optional<v1::Error> ErrorFromStatus(const absl::Status& status);

// The code of that error, or ERROR_CODE_UNSPECIFIED.
v1::ErrorCode ErrorCodeOf(const absl::Status& status);

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_ERROR_H_
