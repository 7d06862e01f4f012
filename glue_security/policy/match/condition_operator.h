// ConditionOperator: the parts of an operator's name in a Condition block, as
// in "ForAllValues:StringNotLikeIfExists".

#ifndef GLUE_SECURITY_POLICY_MATCH_CONDITION_OPERATOR_H_
#define GLUE_SECURITY_POLICY_MATCH_CONDITION_OPERATOR_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace glue_security {

struct ConditionOperator {
  // The comparison of a value of the request with one of the policy. ArnEquals
  // and ArnLike are the same comparison.
  enum class Comparison {
    kStringEquals,
    kStringEqualsIgnoreCase,
    kStringLike,
    kNumericEquals,
    kNumericLess,
    kNumericLessOrEqual,
    kNumericGreater,
    kNumericGreaterOrEqual,
    kDateEquals,
    kDateLess,
    kDateLessOrEqual,
    kDateGreater,
    kDateGreaterOrEqual,
    kBool,
    kBinaryEquals,
    kIpAddress,
    kArnLike,
    // Checks that the key is absent.
    kNull,
  };
  enum class Quantifier { kNone, kForAllValues, kForAnyValue };

  Comparison comparison = Comparison::kStringEquals;
  // True for a "Not" operator, which holds if the comparison does not.
  bool negated = false;
  Quantifier quantifier = Quantifier::kNone;
  bool if_exists = false;

  bool is_date() const {
    return comparison >= Comparison::kDateEquals &&
           comparison <= Comparison::kDateGreaterOrEqual;
  }
};

// Returns the operator with exactly this name, or nullopt when IAM has none.
// Accepts "NullIfExists", which no policy may have.
std::optional<ConditionOperator> ParseConditionOperator(absl::string_view name);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_CONDITION_OPERATOR_H_
