// MatchingText, MismatchingText: search for texts that match a pattern, and for
// texts that do not. Both use the RE2 definition of the pattern in the protos,
// so that a new pattern needs no code here.

#ifndef GLUE_SECURITY_TESTING_GENERATORS_TEXT_SAMPLES_H_
#define GLUE_SECURITY_TESTING_GENERATORS_TEXT_SAMPLES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {

// Returns a text of exactly `bytes` bytes that matches `pattern`; nullopt when
// the search finds none. It is the least text that RE2 knows to match, or one
// of `starts`, filled up with characters of one, two, three or four bytes. The
// simplest choice fills up with `x` only.
std::optional<std::string> MatchingText(v1::Pattern pattern, size_t bytes,
                                        const std::vector<std::string>& starts,
                                        ChoiceSource& choices);

// Changes `text`, which matches `pattern`, so that it does not match and has
// `bytes_min` to `bytes_max` bytes; nullopt when the search finds no such
// change. A change inserts a control character, a line terminator, a
// noncharacter or malformed UTF-8, or leaves a character out.
std::optional<std::string> MismatchingText(v1::Pattern pattern,
                                           absl::string_view text,
                                           size_t bytes_min, size_t bytes_max,
                                           ChoiceSource& choices);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_GENERATORS_TEXT_SAMPLES_H_
