// WildcardPattern: text with the wildcards `*` (any number of characters, or
// none) and `?` (one character, which is one code point of UTF-8).

#ifndef GLUE_SECURITY_POLICY_MATCH_WILDCARD_H_
#define GLUE_SECURITY_POLICY_MATCH_WILDCARD_H_

#include <cstddef>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "glue_security/policy/match/wildcard_segment.h"

namespace glue_security {

// A character of a pattern, or a wildcard.
struct PatternElement {
  enum class Kind { kCharacter, kAnyCharacter, kAnyCharacters };
  Kind kind = Kind::kCharacter;
  // Only for kCharacter. Lives as long as the pattern.
  absl::string_view character;
};

// Built from left to right, and constant afterwards. Thread-safe once built.
class WildcardPattern {
 public:
  // Makes the empty pattern, which only the empty text matches.
  WildcardPattern() : segments_(1) {}

  // Makes a pattern in which every `*` and `?` of `text` is a wildcard.
  explicit WildcardPattern(absl::string_view text);

  void AppendLiteral(absl::string_view text);
  void AppendAnyCharacter();
  void AppendAnyCharacters();

  // Returns true if all of `text` matches. For any pattern, it goes back by at
  // most 8 characters. It takes time linear in the sizes of the text and the
  // pattern; if a `?` is between two `*`, this is multiplied by a 64th of the
  // number of characters between them (docs/decisions/wildcards.md).
  bool Matches(absl::string_view text) const;

  // Returns the elements in their order. Two kAnyCharacters never follow each
  // other.
  std::vector<PatternElement> Elements() const;

 private:
  // Returns the end of the first match of `segment` that starts at `begin` or
  // later.
  static size_t Search(const WildcardSegment& segment, absl::string_view text,
                       size_t begin);
  static size_t SearchOpen(const WildcardSegment& segment,
                           absl::string_view text, size_t begin);

  // The segments before the first `*`, between them, and after the last: at
  // least one. Most patterns have no `*`.
  absl::InlinedVector<WildcardSegment, 1> segments_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_WILDCARD_H_
