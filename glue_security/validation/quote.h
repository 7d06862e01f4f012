// The quoting of values in messages about broken constraints. See
// docs/decisions/quoted-values.md.

#ifndef GLUE_SECURITY_VALIDATION_QUOTE_H_
#define GLUE_SECURITY_VALIDATION_QUOTE_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"

namespace glue_security {

// Returns the first `code_points_max` code points of `text`, or all of it when
// absent, without quotation marks. `"`, `\` and the C0 controls are escaped as
// in JSON: \b \f \n \r \t, else \u00XX with upper-case digits. Each malformed
// byte counts as one code point and becomes U+FFFD, so the result is always
// valid UTF-8. The text is cut before it is escaped, and the cut is not marked.
std::string QuoteValue(absl::string_view text,
                       std::optional<size_t> code_points_max);

// Returns how many code points of a value the messages quote; nullopt when they
// quote all of it.
std::optional<size_t> QuotedCodePointsMax(const Behavior& behavior,
                                          const Limits& limits);

}  // namespace glue_security

#endif  // GLUE_SECURITY_VALIDATION_QUOTE_H_
