// Texts that keep a pattern, and texts that do not. Both are searched for with
// the RE2 definition of the pattern in the protos, so that a new pattern needs
// no code here.

#ifndef GLUE_SECURITY_TESTING_TEXT_SAMPLES_H_
#define GLUE_SECURITY_TESTING_TEXT_SAMPLES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/testing/choice_source.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {

// Whether the whole of `text` matches the definition of `pattern`.
bool MatchesDefinition(v1::Pattern pattern, absl::string_view text);

// A text of exactly `bytes` bytes that matches `pattern`; nullopt when the
// search finds none. It is the least text that RE2 knows to match, or one of
// `starts`, filled up with characters of one, two, three or four bytes; the
// simplest has only `x`.
std::optional<std::string> MatchingText(v1::Pattern pattern, size_t bytes,
                                        const std::vector<std::string>& starts,
                                        ChoiceSource& choices);

// `text`, which matches `pattern`, with a change after which it does not, and
// with `bytes_min` to `bytes_max` bytes; nullopt when the search finds no such
// change. Changes are: a control character, a line terminator, a noncharacter
// or malformed UTF-8 put in, and a character left out.
std::optional<std::string> MismatchingText(v1::Pattern pattern,
                                           absl::string_view text,
                                           size_t bytes_min, size_t bytes_max,
                                           ChoiceSource& choices);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_TEXT_SAMPLES_H_
