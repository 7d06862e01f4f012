// JsonType and JsonError: the kinds of JSON values, and why a text is not JSON.

#ifndef GLUE_SECURITY_JSON_JSON_TYPE_H_
#define GLUE_SECURITY_JSON_JSON_TYPE_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace glue_security {

enum class JsonType : uint8_t {
  kNull,
  kBoolean,
  kNumber,
  kString,
  kArray,
  kObject,
};

// The reason why a text is not a JSON object, and the place.
struct JsonError {
  // An explanation for a message. It quotes nothing of the text.
  std::string message;
  // The place, in bytes from the start of the text; at most its size.
  size_t offset = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_TYPE_H_
