// CheckPolicy: is a text a policy that a Data Catalog takes? Every finding is
// reported, not only the first.
//
//   CatalogContext catalog;
//   catalog.account_id = "123456789012";
//   catalog.region = "us-east-1";
//   std::vector<Finding> findings =
//       CheckPolicy(text, PolicyChecks::kGlue, catalog);
//   for (const Finding& f : findings) {
//     std::cerr << f.line << ":" << f.column << ": " << f.message << "\n";
//   }
//
// A policy whose Effect is "allow" gives one finding:
//
//   findings[0].code;     // FindingCode::kInvalidEffect
//   findings[0].pointer;  // "/Statement/0/Effect"
//   findings[0].message;  // Effect is "Allow" or "Deny", in exactly this case

#ifndef GLUE_SECURITY_POLICY_POLICY_CHECKER_H_
#define GLUE_SECURITY_POLICY_POLICY_CHECKER_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy_document.h"

namespace glue_security {

// What PolicyChecks::kGlue compares a policy with. The lower levels use none of
// it.
struct CatalogContext {
  // The catalog whose policy it is to be: its account or CatalogId, its region.
  std::string account_id;
  std::string region;
  // Who puts the policy; empty: not known, and nobody is looked after. A policy
  // that denies it `glue:PutResourcePolicy` or `glue:DeleteResourcePolicy` on
  // the catalog is refused.
  std::string caller_arn;
  // Whether there is the user, role, account or session that a policy names
  // ("123456789012", or an ARN). Called once for each entry. Empty: they all
  // exist.
  std::function<bool(absl::string_view)> principal_exists;
};

// How many findings are reported at most, since each has a pointer that may be
// as long as the text (docs/decisions/many-findings.md).
inline constexpr size_t kFindingsMax = 1000;

// What is wrong with `text` at `level`, in the order of the text; empty when
// nothing is. Of more than `kFindingsMax` findings, the first of the text. At
// kNone there never is one. A text that is no JSON gives that one finding; the
// lock-out is looked for only in a policy without other findings.
// Takes time linear in the size of the text, but for the sorting of keys and
// Sids. The order of two findings at one place is that of FindingCode.
std::vector<Finding> CheckPolicy(absl::string_view text, PolicyChecks level,
                                 const CatalogContext& catalog,
                                 size_t depth_max = Limits().policy_depth_max);

// The same for a document that is parsed already.
std::vector<Finding> CheckPolicy(const PolicyDocument& document,
                                 PolicyChecks level,
                                 const CatalogContext& catalog);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_POLICY_CHECKER_H_
