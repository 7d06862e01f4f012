#include "glue_security/json/json_escape.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace glue_security {
namespace {

struct Escaped {
  char text[kJsonEscapedMax] = {};
  uint8_t size = 0;
};

constexpr Escaped Escape(uint8_t byte) {
  constexpr char kHexDigits[] = "0123456789ABCDEF";
  switch (byte) {
    case '"':
      return {{'\\', '"'}, 2};
    case '\\':
      return {{'\\', '\\'}, 2};
    case '\b':
      return {{'\\', 'b'}, 2};
    case '\f':
      return {{'\\', 'f'}, 2};
    case '\n':
      return {{'\\', 'n'}, 2};
    case '\r':
      return {{'\\', 'r'}, 2};
    case '\t':
      return {{'\\', 't'}, 2};
    default:
      break;
  }
  if (byte >= 0x20) return {{static_cast<char>(byte)}, 1};
  return {{'\\', 'u', '0', '0', kHexDigits[byte >> 4], kHexDigits[byte & 0x0F]},
          6};
}

constexpr std::array<Escaped, 256> EscapeAll() {
  std::array<Escaped, 256> all;
  for (size_t byte = 0; byte < all.size(); ++byte) {
    all[byte] = Escape(static_cast<uint8_t>(byte));
  }
  return all;
}

constexpr std::array<Escaped, 256> kEscaped = EscapeAll();

}  // namespace

size_t WriteJsonEscaped(char c, char* to) {
  const Escaped& escaped = kEscaped[static_cast<uint8_t>(c)];
  std::memcpy(to, escaped.text, kJsonEscapedMax);
  return escaped.size;
}

void AppendJsonEscaped(char c, std::string* out) {
  char text[kJsonEscapedMax];
  out->append(text, WriteJsonEscaped(c, text));
}

}  // namespace glue_security
