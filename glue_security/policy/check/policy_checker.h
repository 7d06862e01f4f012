// The check of a document against the rules of policies. Only ParsePolicy and
// CheckPolicy (policy.h) use it.

#ifndef GLUE_SECURITY_POLICY_CHECK_POLICY_CHECKER_H_
#define GLUE_SECURITY_POLICY_CHECK_POLICY_CHECKER_H_

#include <vector>

#include "glue_security/json/json_document.h"
#include "glue_security/json/json_dom.h"
#include "glue_security/model/behavior.h"
#include "glue_security/policy/catalog_context.h"
#include "glue_security/policy/finding.h"

namespace glue_security {

// Returns a finding for each rule that `document` breaks, sorted and with their
// places. A level below kGrammar is taken as kGrammar.
std::vector<Finding> FindBrokenRules(const JsonDocument& document,
                                     PolicyChecks level,
                                     const CatalogContext& catalog);

// Returns true if FindBrokenRules finds nothing in the same text. Faster.
// REQUIRES: dom.ok().
bool KeepsRules(const JsonDom& dom, PolicyChecks level,
                const CatalogContext& catalog);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_CHECK_POLICY_CHECKER_H_
