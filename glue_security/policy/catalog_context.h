// CatalogContext: the facts about a catalog that a check of its policy needs.

#ifndef GLUE_SECURITY_POLICY_CATALOG_CONTEXT_H_
#define GLUE_SECURITY_POLICY_CATALOG_CONTEXT_H_

#include <cstddef>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/authorization.h"

namespace glue_security {

// The catalog for which PolicyChecks::kGlue checks a policy. The lower levels
// do not use it.
struct CatalogContext {
  // The account or CatalogId of the catalog, and its region.
  std::string account_id;
  std::string region;
  // Empty: the partition of the region.
  std::string partition = {};
  // The caller who puts the policy; without an ARN it is unknown. A policy that
  // certainly denies this caller `glue:PutResourcePolicy` or
  // `glue:DeleteResourcePolicy` on the catalog is refused.
  Principal caller = {};
  // Returns true if the user, role, account or session that a policy names
  // ("123456789012", or an ARN) exists. Called once for each entry. Empty: all
  // of them exist.
  std::function<bool(absl::string_view)> principal_exists = {};

  CatalogName name() const { return {region, account_id, partition}; }
};

// The maximum number of findings that are reported. It is bounded because each
// has a pointer that may be as long as the text
// (docs/decisions/many-findings.md).
inline constexpr size_t kFindingsMax = 1000;

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_CATALOG_CONTEXT_H_
