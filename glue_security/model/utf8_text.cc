#include "glue_security/model/utf8_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace glue_security {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";

// Returns true if `byte` continues a character.
bool Continues(uint8_t byte) { return (byte & 0xC0) == 0x80; }

// Returns how many bytes the character at the start of `text` has; 0 if there
// is none. REQUIRES: text is not empty.
size_t CharacterBytes(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  // Smaller ones are overlong, larger ones beyond U+10FFFF.
  if (first < 0xC2 || first > 0xF4) return 0;
  const size_t bytes = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < bytes) return 0;
  for (size_t i = 1; i < bytes; ++i) {
    if (!Continues(byte(i))) return 0;
  }
  const uint8_t second = byte(1);
  if (first == 0xE0 && second < 0xA0) return 0;   // overlong
  if (first == 0xED && second >= 0xA0) return 0;  // a surrogate
  if (first == 0xF0 && second < 0x90) return 0;   // overlong
  if (first == 0xF4 && second >= 0x90) return 0;  // beyond U+10FFFF
  return bytes;
}

// Calls `visit` with each character, or with an empty piece for each byte that
// belongs to none.
template <typename Visit>
void ForEachCharacter(absl::string_view text, Visit visit) {
  while (!text.empty()) {
    const size_t bytes = CharacterBytes(text);
    visit(text.substr(0, bytes));
    text.remove_prefix(std::max(bytes, size_t{1}));
  }
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  bool is_utf8 = true;
  ForEachCharacter(text, [&](absl::string_view piece) {
    if (piece.empty()) is_utf8 = false;
  });
  return is_utf8;
}

Secret ToUtf8(const Secret& bytes) {
  size_t size = 0;
  ForEachCharacter(bytes.view(), [&](absl::string_view piece) {
    size += piece.empty() ? kReplacement.size() : piece.size();
  });
  return Secret::Filled(size, [&](char* out) {
    ForEachCharacter(bytes.view(), [&](absl::string_view piece) {
      if (piece.empty()) piece = kReplacement;
      out = std::copy(piece.begin(), piece.end(), out);
    });
  });
}

std::string ToUtf8(absl::string_view bytes) {
  std::string text;
  ForEachCharacter(bytes, [&text](absl::string_view piece) {
    if (piece.empty()) piece = kReplacement;
    text.append(piece.data(), piece.size());
  });
  return text;
}

}  // namespace glue_security
