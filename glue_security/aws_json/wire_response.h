// What an answer is on the wire.

#ifndef GLUE_SECURITY_AWS_JSON_WIRE_RESPONSE_H_
#define GLUE_SECURITY_AWS_JSON_WIRE_RESPONSE_H_

#include <optional>
#include <string>

namespace glue_security {

// The content type of requests and responses.
inline constexpr char kAwsJsonContentType[] = "application/x-amz-json-1.1";

// A response, as far as it is the protocol's business; the request id, the date
// and the length are the server's.
struct WireResponse {
  int http_status = 200;
  std::string content_type = kAwsJsonContentType;
  // The value of the header x-amzn-ErrorType; empty: no such header.
  std::string error_type;
  std::string body;
};

// An error that is given before any operation is reached.
struct FrontEndError {
  enum class Kind {
    // The body, the target, or its members cannot be read.
    kRequest,
    // Who calls could not be established. Its member `message` is lower-case.
    kAuthentication,
    // Not this protocol: status 404 and XML.
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
