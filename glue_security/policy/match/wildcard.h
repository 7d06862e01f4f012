// WildcardPattern: text with the wildcards `*` (any characters, none included)
// and `?` (one character, that is one code point of UTF-8).

#ifndef GLUE_SECURITY_POLICY_MATCH_WILDCARD_H_
#define GLUE_SECURITY_POLICY_MATCH_WILDCARD_H_

#include <cstddef>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "glue_security/policy/match/wildcard_segment.h"

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

  // Whether all of `text` matches. Whatever the pattern, it goes back by no
  // more than 8 characters: it takes time linear in the sizes of the text and
  // of the pattern; where a `?` stands between two `*`, times a 64th of the
  // characters between these (docs/decisions/wildcards.md).
  bool Matches(absl::string_view text) const;

 private:
  // The end of the first match of `segment` that starts at `begin` or later.
  static size_t Search(const OpenText& segment, absl::string_view text,
                       size_t begin);
  static size_t SearchOpen(const OpenText& segment, absl::string_view text,
                           size_t begin);

  // What stands between the `*`, before the first and behind the last: at least
  // one. Most patterns have no `*`.
  absl::InlinedVector<OpenText, 1> segments_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_WILDCARD_H_
