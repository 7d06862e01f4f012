#include "glue_security/policy/identity_policy.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/json/json_document.h"
#include "glue_security/policy/check/finding_place.h"
#include "glue_security/policy/compiled_statement.h"

namespace glue_security {
namespace {

// Text that is added to a policy.
struct Insertion {
  // The place in the text that was given.
  size_t offset;
  absl::string_view text;
};

// Returns what gives each statement the principal that a resource-based policy
// needs, in the order of the text.
std::vector<Insertion> PrincipalsFor(const JsonDocument& document) {
  std::vector<Insertion> insertions;
  const auto statement = document.root().Find("Statement");
  if (!statement.has_value()) return insertions;
  ForEachElement(*statement, [&](JsonDocument::Value value) {
    if (!value.is_object()) return;
    insertions.push_back({value.offset() + 1, value.size() == 0
                                                  ? R"("Principal":"*")"
                                                  : R"("Principal":"*",)"});
  });
  return insertions;
}

// Returns the offset in the text that was given; that of an insertion for an
// offset in what was inserted.
size_t OffsetBefore(size_t offset, const std::vector<Insertion>& insertions) {
  size_t added = 0;
  for (const Insertion& insertion : insertions) {
    if (offset < insertion.offset + added) break;
    added += std::min(insertion.text.size(), offset - insertion.offset - added);
  }
  return offset - added;
}

}  // namespace

std::variant<Policy, std::vector<Finding>> ParseIdentityPolicy(
    absl::string_view text, size_t depth_max) {
  const auto parsed = JsonDocument::Parse(text, depth_max);
  const auto* const document = std::get_if<JsonDocument>(&parsed);
  if (document == nullptr) {
    return ParsePolicy(text, PolicyChecks::kGrammar, {}, depth_max);
  }
  const std::vector<Insertion> insertions = PrincipalsFor(*document);
  std::string complete;
  size_t done = 0;
  for (const Insertion& insertion : insertions) {
    absl::StrAppend(&complete, text.substr(done, insertion.offset - done),
                    insertion.text);
    done = insertion.offset;
  }
  absl::StrAppend(&complete, text.substr(done));
  auto result = ParsePolicy(complete, PolicyChecks::kGrammar, {}, depth_max);
  if (auto* const findings = std::get_if<std::vector<Finding>>(&result)) {
    for (Finding& finding : *findings) {
      finding.offset = OffsetBefore(finding.offset, insertions);
    }
    SetLines(text, findings);
  }
  return result;
}

DecisionKind CertainDecision(const PolicyAnswer& answer) {
  if (answer.denies != Truth::kFalse) return DecisionKind::kExplicitDeny;
  return answer.allows == Truth::kTrue ? DecisionKind::kAllow
                                       : DecisionKind::kImplicitDeny;
}

}  // namespace glue_security
