// The output of the program glue-policy, as text or as one JSON object a line.

#ifndef GLUE_SECURITY_POLICY_GLUE_POLICY_OUTPUT_H_
#define GLUE_SECURITY_POLICY_GLUE_POLICY_OUTPUT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy_evaluator.h"

namespace glue_security {

// Returns the findings of `text`, the contents of `file`, as a compiler prints
// its errors: each with the line in which it is.
std::string FindingsAsText(absl::string_view file, absl::string_view text,
                           const std::vector<Finding>& findings);

// Returns {"file":…,"findings":[{"code":…,"severity":…,"pointer":…,"line":…,
// "column":…,"message":…}]} and a newline. A severity is "error" or "warning".
std::string FindingsAsJson(absl::string_view file,
                           const std::vector<Finding>& findings);

// Returns "allow", "explicit_deny", "implicit_deny" or "undecided".
absl::string_view DecisionName(DecisionKind kind);

// Returns the statements that decided, and how each of their elements matched
// the request.
std::string StatementsAsText(const std::vector<StatementReason>& statements);

// Returns {"decision":…,"statements":[{"index":…,"sid":…,"effect":…,
// "applies":…,"principal":{"matched":…,"entry":…},"named_as":…,"action":…,
// "resource":…,"conditions":[{"operator":…,"key":…,"matched":…}]}]} and a
// newline. "applies" and "matched" are true, false or, if undecided, null.
std::string DecisionAsJson(DecisionKind decision,
                           const std::vector<StatementReason>& statements);

// Returns {"file":…,"text":…} and a newline.
std::string PrintedAsJson(absl::string_view file, absl::string_view printed);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_GLUE_POLICY_OUTPUT_H_
