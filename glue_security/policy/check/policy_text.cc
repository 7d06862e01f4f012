#include "glue_security/policy/check/policy_text.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/match.h"
#include "glue_security/policy/literal.h"

namespace glue_security {
namespace {

// Sets of ASCII characters, one bit for each set.
enum CharSet : uint8_t {
  kVendor = 1,
  kActionName = 2,
  kPrincipalName = 4,
  kPrintable = 8,
};

constexpr bool Contains(const char* set, char c) {
  for (; *set != '\0'; ++set) {
    if (*set == c) return true;
  }
  return false;
}

constexpr uint8_t SetsOf(char c) {
  const bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                     (c >= 'a' && c <= 'z');
  int sets = 0;
  if (alnum || c == '-') sets |= kVendor;
  if (alnum || Contains("*?_.-", c)) sets |= kActionName;
  if (alnum || Contains("_+=,.@-", c)) sets |= kPrincipalName;
  if (c >= ' ' && c <= '~') sets |= kPrintable;
  return static_cast<uint8_t>(sets);
}

constexpr std::array<uint8_t, 256> MakeSets() {
  std::array<uint8_t, 256> sets{};
  for (size_t i = 0; i < sets.size(); ++i) {
    sets[i] = SetsOf(static_cast<char>(i));
  }
  return sets;
}

// The sets of each byte, for one look-up instead of several comparisons.
constexpr std::array<uint8_t, 256> kSets = MakeSets();

// Reads all bytes, since nearly always all of them belong to the set. Without a
// branch for each byte this takes half the time.
bool ConsistsOf(absl::string_view text, CharSet set) {
  unsigned common = set;
  for (const char c : text) common &= kSets[static_cast<uint8_t>(c)];
  return common != 0;
}

}  // namespace

bool IsAction(absl::string_view text) {
  if (Is(text, "*")) return true;
  // Most actions take this path.
  if (Consume(&text, "glue:")) {
    return !text.empty() && ConsistsOf(text, kActionName);
  }
  size_t colon = 0;
  while (colon < text.size() && text[colon] != ':') ++colon;
  if (colon == 0 || colon + 1 >= text.size()) return false;
  return ConsistsOf(text.substr(0, colon), kVendor) &&
         ConsistsOf(text.substr(colon + 1), kActionName);
}

bool IsPrincipalName(absl::string_view text) {
  constexpr size_t kBytesMax = 64;
  return !text.empty() && text.size() <= kBytesMax &&
         ConsistsOf(text, kPrincipalName);
}

bool HasLineTerminator(absl::string_view text) {
  // Most texts take this path.
  if (ConsistsOf(text, kPrintable)) return false;
  for (const absl::string_view terminator :
       {"\n", "\r", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"}) {
    if (absl::StrContains(text, terminator)) return true;
  }
  return false;
}

}  // namespace glue_security
