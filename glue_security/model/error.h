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

// Returns an error without violations or detail.
v1::Error MakeError(v1::ErrorCode code, std::string message);

// Returns an error that the storage caused.
v1::Error MakeError(v1::ErrorCode code, std::string message,
                    v1::Error::Detail detail);

// Returns the error for a stored record that cannot be read:
// InternalServiceException with `DETAIL_DATA_LOSS`.
v1::Error DamagedRecordError();

// Returns the status code that options.proto gives to `code`, such as kNotFound
// for EntityNotFoundException and kInvalidArgument for both
// InvalidInputException and ValidationException. Returns kUnknown for a code
// that has none.
absl::StatusCode ToStatusCode(v1::ErrorCode code);

// Returns a status with the code of `error` and `error` itself as payload. Its
// message is the wire name and the message, as in "EntityNotFoundException:
// Policy not found", or the wire name alone when the message is empty.
absl::Status ToStatus(const v1::Error& error);

// Returns the error that `ToStatus` put into `status`, or nullopt when it holds
// none (an OK status, or one that `ToStatus` did not make). Callers branch on
// this, not on the text.
std::optional<v1::Error> ErrorFromStatus(const absl::Status& status);

// Returns the code of that error, or ERROR_CODE_UNSPECIFIED.
v1::ErrorCode ErrorCodeOf(const absl::Status& status);

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_ERROR_H_
