// Condition: one key under one operator of a Condition block, compiled.

#ifndef GLUE_SECURITY_POLICY_MATCH_CONDITION_H_
#define GLUE_SECURITY_POLICY_MATCH_CONDITION_H_

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/policy/match/condition_operator.h"
#include "glue_security/policy/match/condition_value.h"
#include "glue_security/policy/match/request_context.h"
#include "glue_security/policy/match/value_pattern.h"
#include "glue_security/policy/truth.h"

namespace glue_security {

class Condition {
 public:
  // `op_name` is the operator's name in the policy. With `variables` the values
  // of String and Arn operators may have `${…}`.
  Condition(absl::string_view op_name, const ConditionOperator& op,
            absl::string_view key, const std::vector<std::string>& values,
            bool variables);

  const std::string& op_name() const { return op_name_; }
  const std::string& key() const { return key_; }

  // Returns kUndecided if it depends on a fact that is unknown.
  Truth Holds(const RequestContext& context) const;

 private:
  // The values of the policy that are of the operator's type.
  using Values = std::variant<std::vector<ValuePattern>, std::vector<double>,
                              std::vector<DateValue>, std::vector<std::string>,
                              std::vector<IpRange>, std::vector<ArnPattern>>;

  // Returns kTrue if one of the policy's values matches `value`.
  Truth MatchesAny(const std::string& value,
                   const RequestContext& context) const;
  // Does so for a value that is known in part.
  Truth MatchesAny(const RoleArns& value, const RequestContext& context) const;
  // Returns MatchesAny, or its opposite for an operator that negates.
  Truth Passes(const std::string& value, const RequestContext& context) const {
    const Truth matches = MatchesAny(value, context);
    return op_.negated ? Not(matches) : matches;
  }
  Truth HoldsUnknown(const RequestContext& context) const;
  bool NullHolds(bool is_null) const;

  std::string op_name_;
  ConditionOperator op_;
  std::string key_;
  Values values_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_CONDITION_H_
