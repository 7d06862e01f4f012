// UTF-8 by its definition, for tests.

#ifndef GLUE_SECURITY_TESTS_VALIDATION_ENCODE_H_
#define GLUE_SECURITY_TESTS_VALIDATION_ENCODE_H_

#include <cstdint>
#include <string>

namespace glue_security {

// Encodes the code point `c`; surrogates and numbers beyond Unicode are
// allowed.
inline std::string Encode(uint32_t c) {
  std::string out;
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | c >> 18));
    out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
  return out;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_VALIDATION_ENCODE_H_
