// The characters of UTF-8 in text that may be invalid.

#ifndef GLUE_SECURITY_POLICY_MATCH_UTF8_CHARACTERS_H_
#define GLUE_SECURITY_POLICY_MATCH_UTF8_CHARACTERS_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace glue_security {

// Returns true for a continuation byte.
inline bool ContinuesCharacter(char c) {
  return (static_cast<uint8_t>(c) & 0xC0) == 0x80;
}

// Returns the end of the character at `at`. REQUIRES: at < text.size().
inline size_t EndOfCharacter(absl::string_view text, size_t at) {
  ++at;
  while (at < text.size() && ContinuesCharacter(text[at])) ++at;
  return at;
}

inline size_t CountCharacters(absl::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); at = EndOfCharacter(text, at)) ++count;
  return count;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_UTF8_CHARACTERS_H_
