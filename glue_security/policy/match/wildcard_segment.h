// WildcardSegment: the part of a wildcard pattern between two `*`. It is a
// sequence of characters, some of them open: an open character is a `?`.

#ifndef GLUE_SECURITY_POLICY_MATCH_WILDCARD_SEGMENT_H_
#define GLUE_SECURITY_POLICY_MATCH_WILDCARD_SEGMENT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace glue_security {

// Built from left to right, and constant afterwards. Thread-safe once built.
//
// A character is one code point of UTF-8; in invalid UTF-8, a byte and the
// continuation bytes after it.
class WildcardSegment {
 public:
  void AppendLiteral(absl::string_view text);
  void AppendOpen();

  // The characters without the open ones.
  const std::string& literal() const { return literal_; }
  // The offsets in `literal` of the open characters, ascending. One offset may
  // occur several times.
  const std::vector<size_t>& open() const { return open_; }
  // The number of characters, the open ones included.
  size_t characters() const { return characters_; }

  // Returns the end of the match that starts at `begin`, or npos. If a
  // character is open, whole characters of `text` are matched, otherwise bytes;
  // in valid UTF-8 that makes no difference.
  size_t MatchAt(absl::string_view text, size_t begin) const;

 private:
  std::string literal_;
  std::vector<size_t> open_;
  size_t characters_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_WILDCARD_SEGMENT_H_
