// JSON numbers in their texts.

#ifndef GLUE_SECURITY_JSON_JSON_NUMBER_H_
#define GLUE_SECURITY_JSON_JSON_NUMBER_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace glue_security {

// Returns true when all of `token` is a number of RFC 8259, section 6. The
// number may have any size; simdjson would also check its range.
bool IsJsonNumber(absl::string_view token);

// Returns the number as Java makes an int of a double: truncated, and clamped
// to 32 bits. REQUIRES: IsJsonNumber(token).
int32_t ClampedInt32(absl::string_view token);

// Returns true when the number, truncated, does not fit into 32 bits.
// REQUIRES: IsJsonNumber(token).
bool IsBeyondInt32(absl::string_view token);

// Returns true when `text` is a number beyond 32 bits that is clamped to
// `value`.
bool IsClampedTo(int32_t value, absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_NUMBER_H_
