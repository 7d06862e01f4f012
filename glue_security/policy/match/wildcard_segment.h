// OpenText: characters, some of them open. What a wildcard pattern has between
// two `*`; an open character is its `?`.

#ifndef GLUE_SECURITY_POLICY_MATCH_WILDCARD_SEGMENT_H_
#define GLUE_SECURITY_POLICY_MATCH_WILDCARD_SEGMENT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace glue_security {

// Built from left to right, then only read. Thread-safe once built.
//
// A character is one code point of UTF-8; in text that is not UTF-8, a byte and
// those after it that could go on with a character.
class OpenText {
 public:
  void AppendLiteral(absl::string_view text);
  void AppendOpen();

  // All of it but the open characters, in whose place there is nothing.
  const std::string& literal() const { return literal_; }
  // Where in `literal` the open ones stand, ascending; one place may have
  // several.
  const std::vector<size_t>& open() const { return open_; }
  // How many there are, the open ones included.
  size_t characters() const { return characters_; }

  // The end of the match that starts at `begin`; npos: there is none. Where
  // something is open, characters of `text` are matched as a whole, else bytes
  // are; in well-formed text that is the same.
  size_t MatchAt(absl::string_view text, size_t begin) const;

 private:
  std::string literal_;
  std::vector<size_t> open_;
  size_t characters_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_WILDCARD_SEGMENT_H_
