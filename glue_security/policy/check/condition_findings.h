// ForEachConditionFinding: the rules of the Condition of a statement.

#ifndef GLUE_SECURITY_POLICY_CHECK_CONDITION_FINDINGS_H_
#define GLUE_SECURITY_POLICY_CHECK_CONDITION_FINDINGS_H_

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "glue_security/json/json_document.h"
#include "glue_security/json/json_dom.h"
#include "glue_security/policy/check/repeated_keys.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/match/condition_operator.h"
#include "glue_security/policy/match/condition_value.h"

namespace glue_security {

// Returns true for a string, number or Boolean.
inline bool IsScalar(JsonDocument::Value value) {
  const JsonDocument::Type type = value.type();
  return type == JsonDocument::Type::kString ||
         type == JsonDocument::Type::kNumber ||
         type == JsonDocument::Type::kBoolean;
}
inline bool IsScalar(JsonDom::Value value) {
  return !value.is_array() && !value.is_object() && !value.is_null();
}

// Returns the text of a scalar. A JsonDom does not have that of a number or
// Boolean: nullopt.
inline std::optional<absl::string_view> ScalarTextOf(
    JsonDocument::Value value) {
  return value.text();
}
inline std::optional<absl::string_view> ScalarTextOf(JsonDom::Value value) {
  if (!value.is_string()) return std::nullopt;
  return value.text();
}

// Returns true unless the value is no date in any form. A value whose text is
// not known is taken for none.
template <typename Value>
bool IsDate(Value value) {
  const auto text = ScalarTextOf(value);
  return text.has_value() && (absl::StrContains(*text, "${") ||
                              ParseDate(*text).has_value() || MayBeDate(*text));
}

// Calls `add(code, value, message)` for each value of one key that is wrong.
template <typename Value, typename Add>
void CheckConditionValues(Value value, bool is_date, Add&& add) {
  const auto check = [&](Value element) {
    if (!IsScalar(element)) {
      add(FindingCode::kDataTypeMismatch, element,
          "a condition's value must be a string, number or Boolean, or a list "
          "of them");
    } else if (is_date && !IsDate(element)) {
      add(FindingCode::kTypeMismatchDate, element,
          "the value must be a date of ISO 8601, as in "
          "\"2026-01-31T12:00:00Z\", or seconds since 1970");
    }
  };
  if (!value.is_array()) {
    check(value);
    return;
  }
  for (const Value element : value.elements()) check(element);
}

// Calls `add(code, value, message)` for each violation of the grammar in
// `condition`, in no particular order.
template <typename Value, typename Add>
void ForEachConditionFinding(Value condition, Add&& add) {
  if (!condition.is_object()) {
    add(FindingCode::kDataTypeMismatch, condition,
        "Condition must be an object of operators");
    return;
  }
  ForEachRepeatedKey(condition, /*any_case=*/false, [&](auto key, bool) {
    add(FindingCode::kDuplicateKeys, key, kRepeatedKey);
  });
  for (const auto member : condition.members()) {
    const auto op = ParseConditionOperator(member.key.text());
    if (!op.has_value()) {
      add(FindingCode::kInvalidConditionOperator, member.key,
          "there is no such operator; write one of IAM's in its exact case, "
          "as in \"StringEquals\", \"ForAnyValue:StringLike\" or "
          "\"BoolIfExists\"");
    } else if (op->comparison == ConditionOperator::Comparison::kNull &&
               op->if_exists) {
      add(FindingCode::kNullWithIfExists, member.key,
          "Null itself tests for existence and takes no IfExists; write "
          "\"Null\"");
    }
    if (!member.value.is_object()) {
      add(FindingCode::kDataTypeMismatch, member.value,
          "the value of an operator must be an object of keys");
      continue;
    }
    ForEachRepeatedKey(
        member.value, /*any_case=*/true, [&](auto key, bool is_same) {
          add(is_same ? FindingCode::kDuplicateKeys
                      : FindingCode::kDuplicateKeysWithDifferentCase,
              key,
              is_same ? kRepeatedKey
                      : "two condition keys differ only in case; write one of "
                        "them, with a list of all values");
        });
    const bool is_date = op.has_value() && op->is_date();
    for (const auto key : member.value.members()) {
      CheckConditionValues(key.value, is_date, add);
    }
  }
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_CHECK_CONDITION_FINDINGS_H_
