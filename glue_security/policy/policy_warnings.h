// FindWarnings: what is legal in a policy, but hardly means what it says.
//
//   auto parsed = ParsePolicy(text, PolicyChecks::kGlue, catalog);
//   if (const Policy* policy = std::get_if<Policy>(&parsed)) {
//     for (const Finding& warning : FindWarnings(*policy)) { ... }
//   }
//
// Text whose condition is {"Bool": {"aws:SecureTransport": "no"}} has a warning
// FindingCode::kTypeMismatchBoolean at the value "no", which never matches.
// docs/reference/policy_findings.md lists all warnings.

#ifndef GLUE_SECURITY_POLICY_POLICY_WARNINGS_H_
#define GLUE_SECURITY_POLICY_POLICY_WARNINGS_H_

#include <vector>

#include "glue_security/json/json_document.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"

namespace glue_security {

// Returns the warnings in the order of the text, the first `kFindingsMax` if
// there are more. They never refuse a policy. Takes time linear in the size of
// the policy, and for pairs of an Allow and a Deny in the product of the
// numbers of their entries.
std::vector<Finding> FindWarnings(const Policy& policy);

// Returns a warning FindingCode::kInvalidPrincipalFormat for each group among
// the principals of a document that was checked at PolicyChecks::kJson, and
// need not be a policy. In a policy there is none: from PolicyChecks::kGrammar
// on a group is an error. Takes time linear in the size of the document.
std::vector<Finding> FindGroups(const JsonDocument& document);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_POLICY_WARNINGS_H_
