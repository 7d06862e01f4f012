#include "glue_security/policy/match/condition_operator.h"

#include "absl/strings/strip.h"

namespace glue_security {
namespace {

using Comparison = ConditionOperator::Comparison;
using Quantifier = ConditionOperator::Quantifier;

struct NamedComparison {
  absl::string_view name;
  Comparison comparison;
  bool negated;
};

constexpr NamedComparison kComparisons[] = {
    {"StringEquals", Comparison::kStringEquals, false},
    {"StringNotEquals", Comparison::kStringEquals, true},
    {"StringEqualsIgnoreCase", Comparison::kStringEqualsIgnoreCase, false},
    {"StringNotEqualsIgnoreCase", Comparison::kStringEqualsIgnoreCase, true},
    {"StringLike", Comparison::kStringLike, false},
    {"StringNotLike", Comparison::kStringLike, true},
    {"NumericEquals", Comparison::kNumericEquals, false},
    {"NumericNotEquals", Comparison::kNumericEquals, true},
    {"NumericLessThan", Comparison::kNumericLess, false},
    {"NumericLessThanEquals", Comparison::kNumericLessOrEqual, false},
    {"NumericGreaterThan", Comparison::kNumericGreater, false},
    {"NumericGreaterThanEquals", Comparison::kNumericGreaterOrEqual, false},
    {"DateEquals", Comparison::kDateEquals, false},
    {"DateNotEquals", Comparison::kDateEquals, true},
    {"DateLessThan", Comparison::kDateLess, false},
    {"DateLessThanEquals", Comparison::kDateLessOrEqual, false},
    {"DateGreaterThan", Comparison::kDateGreater, false},
    {"DateGreaterThanEquals", Comparison::kDateGreaterOrEqual, false},
    {"Bool", Comparison::kBool, false},
    {"BinaryEquals", Comparison::kBinaryEquals, false},
    {"IpAddress", Comparison::kIpAddress, false},
    {"NotIpAddress", Comparison::kIpAddress, true},
    {"ArnEquals", Comparison::kArnLike, false},
    {"ArnNotEquals", Comparison::kArnLike, true},
    {"ArnLike", Comparison::kArnLike, false},
    {"ArnNotLike", Comparison::kArnLike, true},
    {"Null", Comparison::kNull, false},
};

}  // namespace

std::optional<ConditionOperator> ParseConditionOperator(
    absl::string_view name) {
  ConditionOperator op;
  if (absl::ConsumePrefix(&name, "ForAllValues:")) {
    op.quantifier = Quantifier::kForAllValues;
  } else if (absl::ConsumePrefix(&name, "ForAnyValue:")) {
    op.quantifier = Quantifier::kForAnyValue;
  }
  op.if_exists = absl::ConsumeSuffix(&name, "IfExists");
  for (const NamedComparison& named : kComparisons) {
    if (named.name == name) {
      op.comparison = named.comparison;
      op.negated = named.negated;
      return op;
    }
  }
  return std::nullopt;
}

}  // namespace glue_security
