// How a message quotes the value that breaks a constraint.

#ifndef GLUE_SECURITY_VALIDATION_QUOTE_H_
#define GLUE_SECURITY_VALIDATION_QUOTE_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"

namespace glue_security {

// The first `code_points_max` code points of `text`, or all of it, without
// marks around it. `"`, `\` and the C0 controls are escaped as in JSON: \b \f
// \n \r \t, else \u00XX with upper-case digits. Each malformed byte counts as
// one code point and becomes U+FFFD, so the result is always well-formed UTF-8.
// The cut is made before escaping and leaves no mark.
std::string QuoteValue(absl::string_view text,
                       std::optional<size_t> code_points_max);

// How many code points of a value the messages quote; nullopt: all of it.
std::optional<size_t> QuotedCodePointsMax(const Behavior& behavior,
                                          const Limits& limits);

}  // namespace glue_security

#endif  // GLUE_SECURITY_VALIDATION_QUOTE_H_
