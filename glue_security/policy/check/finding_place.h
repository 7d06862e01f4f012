// Where findings are: JSON pointer, line and column from the offset of each.
// They are worked out for all findings at once, so that a check takes note of
// nothing but offsets.

#ifndef GLUE_SECURITY_POLICY_CHECK_FINDING_PLACE_H_
#define GLUE_SECURITY_POLICY_CHECK_FINDING_PLACE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/json/json_document.h"
#include "glue_security/policy/finding.h"

namespace glue_security {

// Fills in line and column of each finding in `text`. REQUIRES: ascending by
// offset.
void SetLines(absl::string_view text, std::vector<Finding>* findings);

// Fills in the pointer of each. REQUIRES: ascending by offset; at each offset
// starts a value or a key of `document`. Takes time linear in the sizes of the
// document and of the pointers.
void SetPointers(const JsonDocument& document, std::vector<Finding>* findings);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_CHECK_FINDING_PLACE_H_
