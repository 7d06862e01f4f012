// WildcardPattern: text with the wildcards `*` (any characters, none included)
// and `?` (one character, that is one code point of UTF-8).

#ifndef GLUE_SECURITY_POLICY_WILDCARD_H_
#define GLUE_SECURITY_POLICY_WILDCARD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace glue_security {

// Built from left to right, then only read. Thread-safe once built.
class WildcardPattern {
 public:
  // The empty pattern, which only the empty text matches.
  WildcardPattern() : segments_(1) {}

  // In `text` every `*` and `?` is a wildcard.
  explicit WildcardPattern(absl::string_view text);

  void AppendLiteral(absl::string_view text);
  void AppendAnyCharacter();
  void AppendAnyCharacters();

  // Whether all of `text` matches. Takes time linear in the size of `text`,
  // times a 64th of the longest part with a `?` between two `*`; whatever the
  // pattern, it never goes back.
  bool Matches(absl::string_view text) const;

 private:
  // What stands between two `*`: characters, some of them open.
  struct Segment {
    // In the place of an open one: nothing.
    std::string literal;
    // Where in `literal` the open ones stand, ascending; one place may have
    // several.
    std::vector<size_t> open;
    // How many characters, the open ones included.
    size_t characters = 0;
  };

  // The end of the match of `segment` that starts at `begin`; npos: none.
  static size_t MatchAt(const Segment& segment, absl::string_view text,
                        size_t begin);
  // The end of the first match of `segment` that starts at `begin` or later.
  static size_t Search(const Segment& segment, absl::string_view text,
                       size_t begin);
  static size_t SearchOpen(const Segment& segment, absl::string_view text,
                           size_t begin);

  // At least one; a `*` between each two.
  std::vector<Segment> segments_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_WILDCARD_H_
