#include "glue_security/policy/policy_warnings.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "glue_security/json/json_blanks.h"
#include "glue_security/json/json_document.h"
#include "glue_security/model/limits.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/check/finding_place.h"
#include "glue_security/policy/compiled_statement.h"
#include "glue_security/policy/match/condition_operator.h"
#include "glue_security/policy/match/condition_value.h"

namespace glue_security {
namespace {

using Value = JsonDocument::Value;
using Comparison = ConditionOperator::Comparison;

bool IsBoolean(absl::string_view text) {
  return absl::EqualsIgnoreCase(text, "true") ||
         absl::EqualsIgnoreCase(text, "false");
}

// Returns the code of a value that never matches, or nullopt.
std::optional<FindingCode> MismatchOf(Comparison comparison,
                                      absl::string_view text) {
  switch (comparison) {
    case Comparison::kNumericEquals:
    case Comparison::kNumericLess:
    case Comparison::kNumericLessOrEqual:
    case Comparison::kNumericGreater:
    case Comparison::kNumericGreaterOrEqual:
      if (ParseNumber(text).has_value()) return std::nullopt;
      return FindingCode::kTypeMismatchNumber;
    case Comparison::kDateEquals:
    case Comparison::kDateLess:
    case Comparison::kDateLessOrEqual:
    case Comparison::kDateGreater:
    case Comparison::kDateGreaterOrEqual:
      if (ParseDate(text).has_value()) return std::nullopt;
      return FindingCode::kTypeMismatchDate;
    case Comparison::kBool:
    case Comparison::kNull:
      if (IsBoolean(text)) return std::nullopt;
      return FindingCode::kTypeMismatchBoolean;
    case Comparison::kIpAddress:
      if (ParseIpRange(text).has_value()) return std::nullopt;
      return FindingCode::kTypeMismatchIpRange;
    case Comparison::kStringEquals:
    case Comparison::kStringEqualsIgnoreCase:
    case Comparison::kStringLike:
    case Comparison::kBinaryEquals:
    case Comparison::kArnLike:
      break;
  }
  return std::nullopt;
}

const char* MessageOf(FindingCode mismatch) {
  switch (mismatch) {
    case FindingCode::kTypeMismatchNumber:
      return "the value is no number and never matches; write it like 12 or "
             "0.5";
    case FindingCode::kTypeMismatchDate:
      return "IAM may not take this value for a date; write it like "
             "\"2026-01-31T12:00:00Z\"";
    case FindingCode::kTypeMismatchIpRange:
      return "the value is no range of addresses and never matches; write it "
             "like \"203.0.113.0/24\"";
    default:
      return R"(the value never matches; write "true" or "false")";
  }
}

// Returns true for text with a wildcard or a variable.
bool IsPattern(absl::string_view text) {
  return HasWildcard(text) || absl::StrContains(text, "${");
}

// Returns true if `wide` certainly matches all that `entry` matches: it is the
// same, or a beginning with a `*` behind it.
bool Covers(absl::string_view wide, absl::string_view entry, bool any_case) {
  const auto equal = [any_case](absl::string_view a, absl::string_view b) {
    return any_case ? absl::EqualsIgnoreCase(a, b) : a == b;
  };
  if (equal(wide, entry)) return true;
  if (!absl::EndsWith(wide, "*")) return false;
  wide.remove_suffix(1);
  return !IsPattern(wide) && entry.size() >= wide.size() &&
         equal(entry.substr(0, wide.size()), wide);
}

Finding MakeWarning(FindingCode code, Value value, const char* message) {
  Finding finding;
  finding.code = code;
  finding.severity = Severity::kWarning;
  finding.offset = value.offset();
  finding.message = message;
  return finding;
}

class Search {
 public:
  explicit Search(const JsonDocument& document) {
    CheckSize(document);
    ForEachElement(*document.root().Find("Statement"), [this](Value statement) {
      CheckStatement(statement);
      statements_.push_back(statement);
    });
    for (const Value statement : statements_) CheckRedundancy(statement);
  }

  std::vector<Finding>& findings() { return findings_; }

 private:
  void Add(FindingCode code, Value value, const char* message) {
    findings_.push_back(MakeWarning(code, value, message));
  }

  // Blanks may count or not; this warns only if a Put refuses either way.
  void CheckSize(const JsonDocument& document) {
    if (SizeWithoutBlanks(document.text()) <= Limits().policy_bytes_max) return;
    Add(FindingCode::kPolicySizeExceeded, document.root(),
        "the policy has more bytes than PutResourcePolicy takes; join "
        "statements, or use wildcards");
  }

  void CheckStatement(Value statement) {
    for (const auto member : statement.members()) {
      const absl::string_view name = member.key.text();
      const Value value = member.value;
      if (absl::EndsWith(name, "Principal")) {
        if (name == "NotPrincipal") {
          Add(FindingCode::kNotPrincipal, value,
              "NotPrincipal spares only those whose account, role and session "
              "are all listed; write a Condition on \"aws:PrincipalArn\"");
        }
        CheckPrincipal(value);
      } else if (absl::EndsWith(name, "Action") && IsEmptyList(value)) {
        Add(FindingCode::kEmptyArrayAction, value,
            "the list of actions is empty; name one");
      } else if (absl::EndsWith(name, "Resource") && IsEmptyList(value)) {
        Add(FindingCode::kEmptyArrayResource, value,
            "the list of resources is empty; name one");
      } else if (name == "Condition") {
        CheckCondition(value);
      }
    }
  }

  static bool IsEmptyList(Value value) {
    return value.is_array() && value.size() == 0;
  }

  void CheckPrincipal(Value principal) {
    if (!principal.is_object()) return;
    bool is_empty = true;
    for (const auto member : principal.members()) {
      is_empty = is_empty && IsEmptyList(member.value);
    }
    if (!is_empty) return;
    Add(FindingCode::kEmptyObjectPrincipal, principal,
        "the element names no principal; name one");
  }

  void CheckCondition(Value condition) {
    if (condition.size() == 0) {
      Add(FindingCode::kEmptyObjectCondition, condition,
          "the Condition has no operator; remove it");
    }
    for (const auto member : condition.members()) {
      const auto op = ParseConditionOperator(member.key.text());
      if (member.value.size() == 0) {
        Add(FindingCode::kEmptyObjectCondition, member.value,
            "the operator has no key; remove it");
      }
      for (const auto key : member.value.members()) {
        if (!absl::StrContains(key.key.text(), ':')) {
          Add(FindingCode::kInvalidConditionKeyFormat, key.key,
              "a condition key needs a service before its name, as in "
              "\"aws:SourceIp\"");
        }
        CheckValues(op->comparison, key.value);
      }
    }
  }

  void CheckValues(Comparison comparison, Value values) {
    if (IsEmptyList(values)) {
      Add(FindingCode::kEmptyArrayCondition, values,
          "the list of values is empty; name one, or remove the key");
    }
    ForEachElement(values, [&](Value value) {
      if (absl::StrContains(value.text(), "${")) return;
      const auto mismatch = MismatchOf(comparison, value.text());
      if (mismatch.has_value()) Add(*mismatch, value, MessageOf(*mismatch));
    });
  }

  // Reports an Allow all of whose entries a Deny without conditions covers.
  void CheckRedundancy(Value allow) {
    if (allow.Find("Effect")->text() != "Allow") return;
    for (const Value deny : statements_) {
      const auto condition = deny.Find("Condition");
      if (deny.Find("Effect")->text() != "Deny" ||
          (condition.has_value() && condition->size() > 0) ||
          !CoversElement(deny, allow, "Action", /*any_case=*/true) ||
          !CoversElement(deny, allow, "Resource", /*any_case=*/false) ||
          !CoversPrincipals(deny, allow)) {
        continue;
      }
      Add(FindingCode::kRedundantStatement, allow,
          "another statement denies all that this one allows; remove one of "
          "them");
      return;
    }
  }

  static bool CoversElement(Value deny, Value allow, const char* name,
                            bool any_case) {
    const auto wide = deny.Find(name);
    const auto narrow = allow.Find(name);
    if (!wide.has_value() || !narrow.has_value()) return false;
    bool all = true;
    bool any = false;
    ForEachElement(*narrow, [&](Value entry) {
      any = true;
      bool is_covered = false;
      ForEachElement(*wide, [&](Value other) {
        is_covered = is_covered || Covers(other.text(), entry.text(), any_case);
      });
      all = all && is_covered;
    });
    return any && all;
  }

  static bool CoversPrincipals(Value deny, Value allow) {
    const auto wide = deny.Find("Principal");
    const auto narrow = allow.Find("Principal");
    if (!wide.has_value() || !narrow.has_value()) return false;
    if (NamesEverybody(*wide)) return true;
    if (!narrow->is_object()) return false;
    bool all = true;
    bool any = false;
    for (const auto kind : narrow->members()) {
      const auto others = wide->Find(kind.key.text());
      ForEachElement(kind.value, [&](Value entry) {
        any = true;
        bool is_listed = false;
        if (others.has_value()) {
          ForEachElement(*others, [&](Value other) {
            is_listed = is_listed || other.text() == entry.text();
          });
        }
        all = all && is_listed;
      });
    }
    return any && all;
  }

  static bool NamesEverybody(Value principal) {
    if (principal.is_string()) return true;
    const auto entries = principal.Find("AWS");
    bool found = false;
    if (entries.has_value()) {
      ForEachElement(
          *entries, [&](Value entry) { found = found || entry.text() == "*"; });
    }
    return found;
  }

  std::vector<Value> statements_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> FindWarnings(const Policy& policy) {
  const JsonDocument& document = policy.document();
  Search search(document);
  std::vector<Finding> findings = std::move(search.findings());
  PlaceFindings(document, &findings);
  return findings;
}

std::vector<Finding> FindGroups(const JsonDocument& document) {
  std::vector<Finding> findings;
  const auto search = [&findings](Value statement) {
    for (const char* element : {"Principal", "NotPrincipal"}) {
      const auto principal = statement.Find(element);
      if (!principal.has_value()) continue;
      const auto entries = principal->Find("AWS");
      if (!entries.has_value()) continue;
      ForEachElement(*entries, [&findings](Value entry) {
        if (!IsGroupArn(entry.text())) return;
        findings.push_back(MakeWarning(
            FindingCode::kInvalidPrincipalFormat, entry,
            "IAM takes no group for a principal; name its users, or a role"));
      });
    }
  };
  const auto statements = document.root().Find("Statement");
  if (statements.has_value()) ForEachElement(*statements, search);
  PlaceFindings(document, &findings);
  return findings;
}

}  // namespace glue_security
