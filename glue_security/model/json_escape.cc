#include "glue_security/model/json_escape.h"

#include <cstdint>

namespace glue_security {

void AppendJsonEscaped(char c, std::string* out) {
  static constexpr char kHexDigits[] = "0123456789ABCDEF";
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\b':
      out->append("\\b");
      return;
    case '\f':
      out->append("\\f");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      break;
  }
  const auto byte = static_cast<uint8_t>(c);
  if (byte >= 0x20) {
    out->push_back(c);
    return;
  }
  out->append("\\u00");
  out->push_back(kHexDigits[byte >> 4]);
  out->push_back(kHexDigits[byte & 0x0F]);
}

}  // namespace glue_security
