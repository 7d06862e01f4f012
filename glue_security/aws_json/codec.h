// The codec between AWS JSON 1.1, which every SDK of AWS Glue speaks, and the
// messages of this project. No sockets, no HTTP: give it a target and a body.
// It follows the proto descriptors, so a member that is added to a proto is
// also on the wire.
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
// The rules and their sources are in docs/decisions/wire.md. All functions may
// be called from any number of threads at once.

#ifndef GLUE_SECURITY_AWS_JSON_CODEC_H_
#define GLUE_SECURITY_AWS_JSON_CODEC_H_

#include <optional>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Begins the target of each operation of Glue.
inline constexpr char kGlueTargetPrefix[] = "AWSGlue.";

// Returns an error when the content type of a request is not AWS JSON 1.1, and
// nullopt when it is. Parameters (`; charset=utf-8`) are ignored.
// `content_type` is empty when the header is absent. To be called before
// `DecodeRequest`: its error has precedence.
std::optional<FrontEndError> CheckContentType(absl::string_view content_type);

// Returns the request in `body`. `target` is the value of the header
// X-Amz-Target and names the operation ("AWSGlue.PutResourcePolicy"). Unknown
// enum texts, and numbers that an integer cannot hold, go to `unparsed_values`,
// for the validator to report. Known are
// the operations, members and enum texts that are in force for `behavior`, to
// be that of the backend; by default, all that any model has, since a member
// that is lost here cannot be refused by the backend. Unknown members are
// ignored unless `Behavior::refuse_unknown_members` is set.
//
// Errors, in order of precedence:
//
//   SerializationException     the body is not a JSON object
//   UnknownOperationException  the target names no operation
//   SerializationException     a value has the wrong type for its member, or a
//                              member is unknown and refused; the first such
//                              place in the text
//
// Such a member is reported instead of a JSON syntax error that follows it.
//
// Takes time linear in the size of the body, which must be less than 4 GiB.
std::variant<v1::Request, FrontEndError> DecodeRequest(
    absl::string_view target, absl::string_view body,
    const Behavior& behavior = Behavior::Current());

// Encodes a response or an error of the API. The status is 500 for
// InternalServiceException and 400 for every other error. A message without
// either, which a faulty backend may return, is encoded as an
// InternalServiceException.
WireResponse EncodeResponse(const v1::Response& response);

// Encodes an error of the front end.
WireResponse EncodeFrontEndError(const FrontEndError& error);

// The client's side: requests to encode, responses to decode. All that any
// model has is known here.

struct WireRequest {
  // The value of the header X-Amz-Target.
  std::string target;
  std::string body;
};

// Encodes a request. Invalid UTF-8 is sent as it is; the server refuses it with
// a SerializationException. REQUIRES: `request` has an operation.
WireRequest EncodeRequest(const v1::Request& request);

// Returns the response, or the error of the API, in an answer to a request of
// `operation`. The name of an exception comes from `error_type` (the header
// x-amzn-ErrorType) or, when that is empty, from the body. A namespace before a
// `#` and anything after a `:` are not part of the name. Violations are not on
// the wire.
//
// Errors: kUnimplemented for an exception that `v1::ErrorCode` does not have,
// such as one of a front end (the message has its name and text); kDataLoss for
// a body that cannot be read, or for an error that names no exception.
absl::StatusOr<v1::Response> DecodeResponse(Operation operation,
                                            int http_status,
                                            absl::string_view error_type,
                                            absl::string_view body);

}  // namespace glue_security

#endif  // GLUE_SECURITY_AWS_JSON_CODEC_H_
