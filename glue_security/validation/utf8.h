// A strict decoder of UTF-8 (RFC 3629): it refuses overlong forms, surrogates,
// code points above U+10FFFF and truncated sequences.

#ifndef GLUE_SECURITY_VALIDATION_UTF8_H_
#define GLUE_SECURITY_VALIDATION_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace glue_security {

// The code point at the start of a text.
struct DecodedCodePoint {
  char32_t code_point = 0;
  // The length in bytes, 1 to 4; 0 when the text starts with a malformed byte.
  size_t length = 0;
};

// Decodes the code point at the start of `text`. REQUIRES: `text` is not empty.
DecodedCodePoint DecodeUtf8(absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_VALIDATION_UTF8_H_
