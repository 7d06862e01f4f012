// The size of a JSON text without its insignificant blanks.

#ifndef GLUE_SECURITY_JSON_JSON_BLANKS_H_
#define GLUE_SECURITY_JSON_JSON_BLANKS_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace glue_security {

// Returns the number of bytes of `text` without the blanks (space, tab, line
// feed, carriage return) outside its strings. `text` may be malformed: what
// follows a quotation mark belongs to a string up to the next one that no
// backslash escapes.
size_t SizeWithoutBlanks(absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_BLANKS_H_
