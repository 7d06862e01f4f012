#include "glue_security/policy/compile_policy.h"

#include <variant>

#include "glue_security/policy/policy_checker.h"
#include "glue_security/policy/policy_document.h"

namespace glue_security {

std::optional<PolicyEvaluator> CompilePolicy(absl::string_view text,
                                             size_t depth_max) {
  const auto parsed = PolicyDocument::Parse(text, depth_max);
  const auto* document = std::get_if<PolicyDocument>(&parsed);
  if (document == nullptr ||
      !CheckPolicy(*document, PolicyChecks::kGrammar, CatalogContext())
           .empty()) {
    return std::nullopt;
  }
  return PolicyEvaluator(*document);
}

}  // namespace glue_security
