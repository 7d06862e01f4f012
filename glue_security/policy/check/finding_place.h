// The places of findings: JSON pointer, line and column, from the offset of
// each. They are computed for all findings at once, so that a check records
// only offsets.

#ifndef GLUE_SECURITY_POLICY_CHECK_FINDING_PLACE_H_
#define GLUE_SECURITY_POLICY_CHECK_FINDING_PLACE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/json/json_document.h"
#include "glue_security/policy/finding.h"

namespace glue_security {

// Sets the line and column of each finding in `text`. REQUIRES: `findings` is
// in ascending order of offset.
void SetLines(absl::string_view text, std::vector<Finding>* findings);

// Sets the pointer of each finding. Takes time linear in the sizes of the
// document and of the pointers. REQUIRES: `findings` is in ascending order of
// offset; a value or a key of `document` starts at each offset.
void SetPointers(const JsonDocument& document, std::vector<Finding>* findings);

// Sorts the findings in `document` as they are reported, in the order of the
// text and of FindingCode, keeps the first `kFindingsMax`, and sets their
// places.
void PlaceFindings(const JsonDocument& document,
                   std::vector<Finding>* findings);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_CHECK_FINDING_PLACE_H_
