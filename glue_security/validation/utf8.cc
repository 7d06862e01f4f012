#include "glue_security/validation/utf8.h"

#include <cstdint>

namespace glue_security {
namespace {

// Returns true when `byte` is a continuation byte, 0x80..0xBF.
bool IsContinuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

}  // namespace

DecodedCodePoint DecodeUtf8(absl::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  // C0 and C1 would only start overlong forms.
  if (lead < 0xC2) return {};
  if (lead < 0xE0) {
    if (text.size() < 2 || !IsContinuation(byte(1))) return {};
    return {static_cast<char32_t>((lead & 0x1F) << 6 | (byte(1) & 0x3F)), 2};
  }
  if (lead < 0xF0) {
    if (text.size() < 3 || !IsContinuation(byte(1)) ||
        !IsContinuation(byte(2))) {
      return {};
    }
    const char32_t code_point =
        (lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    const bool overlong = code_point < 0x800;
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (overlong || surrogate) return {};
    return {code_point, 3};
  }
  if (lead < 0xF5) {
    if (text.size() < 4 || !IsContinuation(byte(1)) ||
        !IsContinuation(byte(2)) || !IsContinuation(byte(3))) {
      return {};
    }
    const char32_t code_point = (lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 |
                                (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
    if (code_point < 0x10000 || code_point > 0x10FFFF) return {};
    return {code_point, 4};
  }
  return {};
}

}  // namespace glue_security
