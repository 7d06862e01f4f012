// IsJsonNumber: recognizes a JSON number in a text.

#ifndef GLUE_SECURITY_JSON_JSON_NUMBER_H_
#define GLUE_SECURITY_JSON_JSON_NUMBER_H_

#include "absl/strings/string_view.h"

namespace glue_security {

// Returns true when all of `token` is a number of RFC 8259, section 6. The
// number may have any size; simdjson would also check its range.
bool IsJsonNumber(absl::string_view token);

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_NUMBER_H_
