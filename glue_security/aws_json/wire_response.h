// WireResponse: an answer on the wire.

#ifndef GLUE_SECURITY_AWS_JSON_WIRE_RESPONSE_H_
#define GLUE_SECURITY_AWS_JSON_WIRE_RESPONSE_H_

#include <optional>
#include <string>

namespace glue_security {

// The content type of requests and responses.
inline constexpr char kAwsJsonContentType[] = "application/x-amz-json-1.1";

// The parts of a response that the protocol defines. The server adds the
// request id, the date and the length.
struct WireResponse {
  int http_status = 200;
  std::string content_type = kAwsJsonContentType;
  // The value of the header x-amzn-ErrorType; empty when there is no such
  // header.
  std::string error_type;
  std::string body;
};

// An error that occurs before any operation is reached.
struct FrontEndError {
  enum class Kind {
    // The body, the target, or its members cannot be read.
    kRequest,
    // The caller could not be authenticated. On the wire the member `message`
    // is lower-case.
    kAuthentication,
    // The request is not of this protocol. The answer is status 404 and XML.
    kNotFound,
  };
  Kind kind = Kind::kRequest;
  // "SerializationException".
  std::string type;
  // Absent where the service sends none.
  std::optional<std::string> message;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_AWS_JSON_WIRE_RESPONSE_H_
