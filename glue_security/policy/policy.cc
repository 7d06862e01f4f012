#include "glue_security/policy/policy.h"

#include <optional>
#include <utility>

#include "glue_security/json/json_dom.h"
#include "glue_security/policy/check/finding_place.h"
#include "glue_security/policy/check/policy_checker.h"

namespace glue_security {
namespace {

// Returns the one finding of text that is not a JSON object.
std::vector<Finding> NotJson(absl::string_view text, JsonError error) {
  std::vector<Finding> findings(1);
  findings[0].offset = error.offset;
  findings[0].message = std::move(error.message);
  SetLines(text, &findings);
  return findings;
}

// Returns true only if the policy has no findings; false means nothing. Faster
// than finding them, since nothing of the document is kept.
bool IsSurelyGood(absl::string_view text, PolicyChecks level,
                  const CatalogContext& catalog, size_t depth_max) {
  // The hook would be called a second time for each principal.
  if (level >= PolicyChecks::kGlue && catalog.principal_exists) return false;
  const JsonDom dom(text, depth_max);
  return dom.ok() && KeepsRules(dom, level, catalog);
}

}  // namespace

std::variant<Policy, std::vector<Finding>> ParsePolicy(
    JsonDocument document, PolicyChecks level, const CatalogContext& catalog) {
  std::vector<Finding> findings = FindBrokenRules(document, level, catalog);
  if (findings.empty()) return Policy(std::move(document));
  return findings;
}

std::variant<Policy, std::vector<Finding>> ParsePolicy(
    absl::string_view text, PolicyChecks level, const CatalogContext& catalog,
    size_t depth_max) {
  auto parsed = JsonDocument::Parse(text, depth_max);
  if (auto* error = std::get_if<JsonError>(&parsed)) {
    return NotJson(text, std::move(*error));
  }
  return ParsePolicy(std::get<JsonDocument>(std::move(parsed)), level, catalog);
}

std::vector<Finding> CheckPolicy(absl::string_view text, PolicyChecks level,
                                 const CatalogContext& catalog,
                                 size_t depth_max) {
  if (level == PolicyChecks::kNone) return {};
  if (level == PolicyChecks::kJson) {
    auto error = FindJsonObjectError(text, depth_max);
    if (!error.has_value()) return {};
    return NotJson(text, *std::move(error));
  }
  if (IsSurelyGood(text, level, catalog, depth_max)) return {};
  auto parsed = ParsePolicy(text, level, catalog, depth_max);
  auto* const findings = std::get_if<std::vector<Finding>>(&parsed);
  return findings == nullptr ? std::vector<Finding>() : std::move(*findings);
}

}  // namespace glue_security
