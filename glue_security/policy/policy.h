// Policy: a resource policy that was parsed and checked. Only ParsePolicy makes
// one, so that code that takes a `Policy`, such as PolicyEvaluator, need not
// check it again.
//
//   CatalogContext catalog;
//   catalog.account_id = "123456789012";
//   catalog.region = "us-east-1";
//   auto parsed = ParsePolicy(text, PolicyChecks::kGlue, catalog);
//   if (const Policy* policy = std::get_if<Policy>(&parsed)) {
//     const PolicyEvaluator evaluator(*policy);
//   }
//
// Text whose Effect is "allow" is not a policy, and each finding says why:
//
//   const auto& findings = std::get<std::vector<Finding>>(parsed);
//   findings[0].code;     // FindingCode::kInvalidEffect
//   findings[0].pointer;  // "/Statement/0/Effect"
//   findings[0].message;  // Effect must be "Allow" or "Deny", in exactly ...
//
// The rules are listed in docs/reference/policy_findings.md.

#ifndef GLUE_SECURITY_POLICY_POLICY_H_
#define GLUE_SECURITY_POLICY_POLICY_H_

#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/json/json_document.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/policy/catalog_context.h"
#include "glue_security/policy/finding.h"

namespace glue_security {

// INVARIANT: the document conforms to the grammar, PolicyChecks::kGrammar.
// Immutable. Cheap to move; a copy copies everything. Thread-safe.
class Policy {
 public:
  // The policy as JSON, with the text that was parsed. It lives as long as the
  // policy.
  const JsonDocument& document() const { return document_; }

 private:
  friend std::variant<Policy, std::vector<Finding>> ParsePolicy(
      JsonDocument document, PolicyChecks level, const CatalogContext& catalog);

  explicit Policy(JsonDocument document) : document_(std::move(document)) {}

  JsonDocument document_;
};

// Returns the policy that `text` holds, or everything that is wrong with it: at
// least one finding, in the order of the text, and the first `kFindingsMax` if
// there are more. Findings at the same place are in the order of FindingCode.
//
// A policy keeps at least the grammar, so the levels below kGrammar are taken
// as kGrammar; CheckPolicy knows the lower levels. Text that is not a JSON
// object has that finding alone. The lock-out is checked only in a policy
// without other findings.
//
// Parses and checks the text once. Takes time linear in its size, except for
// the sorting of keys and Sids.
std::variant<Policy, std::vector<Finding>> ParsePolicy(
    absl::string_view text, PolicyChecks level, const CatalogContext& catalog,
    size_t depth_max = Limits().policy_depth_max);

// Checks a document that is already parsed.
std::variant<Policy, std::vector<Finding>> ParsePolicy(
    JsonDocument document, PolicyChecks level, const CatalogContext& catalog);

// Returns only the findings, for a caller who does not need a `Policy`: those
// of ParsePolicy, or those of a lower level. At kNone there are none. At kJson
// the only one is that the text is not a JSON object.
//
// Parses text without findings once, unless numbers beyond the range of a
// double or deep nesting require a second time. Text with findings is parsed
// once more to place them.
std::vector<Finding> CheckPolicy(absl::string_view text, PolicyChecks level,
                                 const CatalogContext& catalog,
                                 size_t depth_max = Limits().policy_depth_max);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_POLICY_H_
