// Policy: a resource policy that was read and checked. ParsePolicy is the only
// way to get one, so that whatever takes a `Policy` (PolicyEvaluator, for one)
// need not ask whether it is one.
//
//   CatalogContext catalog;
//   catalog.account_id = "123456789012";
//   catalog.region = "us-east-1";
//   auto parsed = ParsePolicy(text, PolicyChecks::kGlue, catalog);
//   if (const Policy* policy = std::get_if<Policy>(&parsed)) {
//     const PolicyEvaluator evaluator(*policy);
//   }
//
// A text whose Effect is "allow" is no policy, and every finding says why:
//
//   const auto& findings = std::get<std::vector<Finding>>(parsed);
//   findings[0].code;     // FindingCode::kInvalidEffect
//   findings[0].pointer;  // "/Statement/0/Effect"
//   findings[0].message;  // Effect is "Allow" or "Deny", in exactly this case
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

// INVARIANT: the document keeps the grammar, PolicyChecks::kGrammar. Immutable;
// cheap to move, copied whole. Thread-safe.
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

// The policy that `text` holds, or everything that is wrong with it: at least
// one finding, in the order of the text; of more than `kFindingsMax` findings
// the first. The order of two findings at one place is that of FindingCode.
//
// A policy keeps at least the grammar, so the levels below kGrammar ask for as
// much as kGrammar does; CheckPolicy knows them. A text that is not a JSON
// object has that one finding; the lock-out is looked for only in a policy
// without other findings.
//
// Reads and checks the text once. Takes time linear in its size, but for the
// sorting of keys and Sids.
std::variant<Policy, std::vector<Finding>> ParsePolicy(
    absl::string_view text, PolicyChecks level, const CatalogContext& catalog,
    size_t depth_max = Limits().policy_depth_max);

// The same for a text that was read as JSON before.
std::variant<Policy, std::vector<Finding>> ParsePolicy(
    JsonDocument document, PolicyChecks level, const CatalogContext& catalog);

// The findings alone, for a caller who needs no `Policy`: those of ParsePolicy,
// and what the lower levels ask for. At kNone there never is a finding, at
// kJson only that the text is not a JSON object.
//
// Reads a text without findings once, unless numbers beyond the range of a
// double or deep nesting make it read again; a text with findings is read once
// more to place them.
std::vector<Finding> CheckPolicy(absl::string_view text, PolicyChecks level,
                                 const CatalogContext& catalog,
                                 size_t depth_max = Limits().policy_depth_max);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_POLICY_H_
