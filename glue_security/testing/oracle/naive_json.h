// Slow, plain readers of UTF-8 and JSON for the reference model. They share no
// code with the library, so that the two can be compared.

#ifndef GLUE_SECURITY_TESTING_ORACLE_NAIVE_JSON_H_
#define GLUE_SECURITY_TESTING_ORACLE_NAIVE_JSON_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace glue_security {

// Returns the code points of `text`; nullopt when it is not well-formed UTF-8
// (Unicode, table 3-7).
std::optional<std::u32string> NaiveCodePoints(absl::string_view text);

// Calls `visit` with each code point of `text`. Returns false when `text` is
// not well-formed UTF-8; `visit` has then seen the code points before the
// error.
bool NaiveForEachCodePoint(absl::string_view text,
                           absl::FunctionRef<void(char32_t)> visit);

// Returns true when `text` is one JSON object (RFC 8259, to the letter) in
// which arrays and objects nest at most `depth_max` deep; the object itself is
// the first level. Keys may repeat.
bool NaiveIsJsonObject(absl::string_view text, size_t depth_max);

// Returns the number of bytes of `text` without the blanks outside of its
// strings. Any text will do; a string that does not end ends with the text.
size_t NaiveBytesWithoutBlanks(absl::string_view text);

// Returns one character of UTF-8 as it stands in a string of JSON, with the
// fewest escapes.
std::string NaiveEscaped(const std::string& character);

// Prints `text`, a JSON object, as the real service does: two blanks of indent
// for each object, lists in one line, " : " after keys, the fewest escapes.
std::string NaiveReprint(absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ORACLE_NAIVE_JSON_H_
