#include "glue_security/policy/identity_policy.h"

#include <algorithm>
#include <string>
#include <utility>

#include "glue_security/json/json_document.h"
#include "glue_security/policy/check/finding_place.h"
#include "glue_security/policy/compiled_statement.h"

namespace glue_security {
namespace {

constexpr absl::string_view kEverybody = R"("Principal":"*")";

// Returns the places behind the braces that open the statements, in the order
// of the text.
std::vector<size_t> Openings(const JsonDocument& document) {
  std::vector<size_t> openings;
  const auto statement = document.root().Find("Statement");
  if (!statement.has_value()) return openings;
  ForEachElement(*statement, [&](JsonDocument::Value value) {
    if (value.is_object()) openings.push_back(value.offset() + 1);
  });
  return openings;
}

}  // namespace

std::variant<Policy, std::vector<Finding>> ParseIdentityPolicy(
    absl::string_view text, size_t depth_max) {
  const auto parsed = JsonDocument::Parse(text, depth_max);
  const auto* const document = std::get_if<JsonDocument>(&parsed);
  if (document == nullptr) {
    return ParsePolicy(text, PolicyChecks::kGrammar, {}, depth_max);
  }
  // Gives each statement the principal that a resource-based policy needs.
  const std::vector<size_t> openings = Openings(*document);
  std::string complete;
  size_t done = 0;
  for (const size_t opening : openings) {
    const absl::string_view before = text.substr(done, opening - done);
    complete.append(before.data(), before.size());
    complete.append(kEverybody.data(), kEverybody.size());
    // An empty statement gets no comma.
    const size_t next = text.find_first_not_of(" \t\r\n", opening);
    if (next != absl::string_view::npos && text[next] != '}') {
      complete.push_back(',');
    }
    done = opening;
  }
  complete.append(text.data() + done, text.size() - done);
  auto result = ParsePolicy(complete, PolicyChecks::kGrammar, {}, depth_max);
  auto* const findings = std::get_if<std::vector<Finding>>(&result);
  if (findings == nullptr) return result;
  for (Finding& finding : *findings) {
    // The offset in the text that was given.
    size_t added = 0;
    for (const size_t opening : openings) {
      if (finding.offset < opening + added) break;
      added +=
          std::min(kEverybody.size() + 1, finding.offset - opening - added);
    }
    finding.offset -= added;
  }
  SetLines(text, findings);
  return result;
}

DecisionKind CertainDecision(const PolicyAnswer& answer) {
  if (answer.denies != Truth::kFalse) return DecisionKind::kExplicitDeny;
  return answer.allows == Truth::kTrue ? DecisionKind::kAllow
                                       : DecisionKind::kImplicitDeny;
}

}  // namespace glue_security
