// The numbers of JSON, as text.

#ifndef GLUE_SECURITY_JSON_JSON_NUMBER_H_
#define GLUE_SECURITY_JSON_JSON_NUMBER_H_

#include "absl/strings/string_view.h"

namespace glue_security {

// Whether `token` is a number of RFC 8259, section 6, and nothing else. It may
// have any size; simdjson would also hold it to a range.
bool IsJsonNumber(absl::string_view token);

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_NUMBER_H_
