// The codec between AWS JSON 1.1, which every SDK of AWS Glue speaks, and the
// messages of this project. No sockets, no HTTP: give it a target and a body.
// It is driven by the proto descriptors, so that a member that is added to a
// proto is on the wire.
//
// A server in five lines, over any `Backend`:
//
//   WireResponse Serve(absl::string_view target, absl::string_view body) {
//     auto decoded = DecodeRequest(target, body);
//     if (auto* error = std::get_if<FrontEndError>(&decoded)) {
//       return EncodeFrontEndError(*error);
//     }
//     return EncodeResponse(
//         backend.Execute(caller, std::get<v1::Request>(decoded)));
//   }
//
//   Serve("AWSGlue.GetResourcePolicy", "{}");
//       // 400, EntityNotFoundException,
//       // {"__type":"EntityNotFoundException","Message":"Policy not found"}
//   Serve("AWSGlue.GetResourcePolicy", "[]");
//       // 400, SerializationException, {"__type":"SerializationException",
//       //     "Message":"Start of list found where not expected"}
//
// The rules and their sources: behaviour, section 8; docs/decisions/wire.md.
// All functions may be called from any number of threads at once.

#ifndef GLUE_SECURITY_AWS_JSON_CODEC_H_
#define GLUE_SECURITY_AWS_JSON_CODEC_H_

#include <optional>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/model/operation.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// The error of a request whose content type is not AWS JSON 1.1, parameters
// (`; charset=utf-8`) aside; nullopt when it is. `content_type` is empty when
// the header is absent. Comes before everything that `DecodeRequest` looks at.
std::optional<FrontEndError> CheckContentType(absl::string_view content_type);

// The request that `body` holds for the operation that `target`, the value of
// the header X-Amz-Target, names ("AWSGlue.PutResourcePolicy"). Enum texts that
// no value has are in `unparsed_enums`, for the validator to report.
//
// Errors, in order of precedence:
//
//   SerializationException     the body is no JSON object
//   UnknownOperationException  the target names none of the nine operations
//   SerializationException     a member has another type than its value; the
//                              first such one in the order of the text
//
// A wrong type in front of the place where the body ceases to be JSON is told
// instead of that.
//
// Takes time linear in the size of the body, which must have less than 4 GiB.
std::variant<v1::Request, FrontEndError> DecodeRequest(absl::string_view target,
                                                       absl::string_view body);

// A response, or an error of the API: status 500 for InternalServiceException,
// 400 for every other error. REQUIRES: one of both is set.
WireResponse EncodeResponse(const v1::Response& response);

// The same for a front end's error.
WireResponse EncodeFrontEndError(const FrontEndError& error);

// The other direction: what a client sends, and what it makes of the answer.

struct WireRequest {
  // Of the header X-Amz-Target.
  std::string target;
  std::string body;
};

// REQUIRES: `request` has an operation. A text that is not UTF-8 is sent as it
// is, and refused as a SerializationException by whoever reads it.
WireRequest EncodeRequest(const v1::Request& request);

// The answer to a request of `operation`. Of an error it takes the exception's
// name from `error_type` (the header x-amzn-ErrorType) or, where that is empty,
// from the body; a namespace in front of a `#` and what follows a `:` are not
// part of the name. Violations are not on the wire.
//
// Errors: kUnimplemented for an exception that `v1::ErrorCode` does not have, a
// front end's for instance (the message has its name and text); kDataLoss for a
// body that cannot be read, or an error's that names no exception.
absl::StatusOr<v1::Response> DecodeResponse(Operation operation,
                                            int http_status,
                                            absl::string_view error_type,
                                            absl::string_view body);

}  // namespace glue_security

#endif  // GLUE_SECURITY_AWS_JSON_CODEC_H_
