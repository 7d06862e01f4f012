// The escaping of characters in JSON strings.

#ifndef GLUE_SECURITY_JSON_JSON_ESCAPE_H_
#define GLUE_SECURITY_JSON_JSON_ESCAPE_H_

#include <cstddef>
#include <string>

namespace glue_security {

// The largest number of bytes that one escaped byte takes.
inline constexpr size_t kJsonEscapedMax = 6;

// Writes one byte of UTF-8 as it appears in a JSON string to `to`, which has
// room for `kJsonEscapedMax` bytes, and returns how many it wrote. Only `"`,
// `\` and the C0 controls are escaped: the short forms \b \f \n \r \t where
// there is one, else \u00XX with upper-case digits.
size_t WriteJsonEscaped(char c, char* to);

// Appends the same bytes to `out`.
void AppendJsonEscaped(char c, std::string* out);

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_ESCAPE_H_
