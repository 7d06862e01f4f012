#include "glue_security/policy/match/condition.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"

namespace glue_security {
namespace {

using Comparison = ConditionOperator::Comparison;
using Quantifier = ConditionOperator::Quantifier;

// Returns the values that `parse` can read. The others match nothing.
template <typename Parse>
auto ParseAll(const std::vector<std::string>& texts, Parse&& parse) {
  std::vector<typename decltype(parse(texts.front()))::value_type> values;
  for (const std::string& text : texts) {
    auto value = parse(text);
    if (value.has_value()) values.push_back(*std::move(value));
  }
  return values;
}

// Returns true if the comparison holds between `value` and one of `bounds`.
template <typename T>
bool ComparesWithAny(Comparison comparison, const T& value,
                     const std::vector<T>& bounds) {
  return std::any_of(bounds.begin(), bounds.end(), [&](const T& bound) {
    switch (comparison) {
      case Comparison::kNumericLess:
      case Comparison::kDateLess:
        return value < bound;
      case Comparison::kNumericLessOrEqual:
      case Comparison::kDateLessOrEqual:
        return !(bound < value);
      case Comparison::kNumericGreater:
      case Comparison::kDateGreater:
        return bound < value;
      case Comparison::kNumericGreaterOrEqual:
      case Comparison::kDateGreaterOrEqual:
        return !(value < bound);
      default:
        return value == bound;
    }
  });
}

// Returns the Booleans that `texts` name, in lower case. The others match
// nothing.
std::vector<std::string> Booleans(std::vector<std::string> texts) {
  for (std::string& text : texts) absl::AsciiStrToLower(&text);
  texts.erase(std::remove_if(texts.begin(), texts.end(),
                             [](const std::string& text) {
                               return text != "true" && text != "false";
                             }),
              texts.end());
  return texts;
}

}  // namespace

Condition::Condition(absl::string_view op_name, const ConditionOperator& op,
                     absl::string_view key,
                     const std::vector<std::string>& values, bool variables)
    : op_name_(op_name.data(), op_name.size()),
      op_(op),
      key_(key.data(), key.size()) {
  switch (op.comparison) {
    case Comparison::kStringEquals:
    case Comparison::kStringEqualsIgnoreCase:
    case Comparison::kStringLike: {
      const bool wildcards = op.comparison == Comparison::kStringLike;
      const bool fold = op.comparison == Comparison::kStringEqualsIgnoreCase;
      auto& patterns = values_.emplace<std::vector<ValuePattern>>();
      for (const std::string& value : values) {
        patterns.emplace_back(value, wildcards, variables, fold);
      }
      break;
    }
    case Comparison::kNumericEquals:
    case Comparison::kNumericLess:
    case Comparison::kNumericLessOrEqual:
    case Comparison::kNumericGreater:
    case Comparison::kNumericGreaterOrEqual:
      values_ = ParseAll(values, ParseNumber);
      break;
    case Comparison::kDateEquals:
    case Comparison::kDateLess:
    case Comparison::kDateLessOrEqual:
    case Comparison::kDateGreater:
    case Comparison::kDateGreaterOrEqual:
      values_ = ParseAll(values, ParseDate);
      break;
    case Comparison::kBool:
    case Comparison::kNull:
      values_ = Booleans(values);
      break;
    case Comparison::kBinaryEquals:
      values_ = ParseAll(values, ParseBinary);
      break;
    case Comparison::kIpAddress:
      values_ = ParseAll(values, ParseIpRange);
      break;
    case Comparison::kArnLike: {
      auto& patterns = values_.emplace<std::vector<ArnPattern>>();
      for (const std::string& value : values) {
        patterns.emplace_back(value, variables);
      }
      break;
    }
  }
}

Truth Condition::Holds(const RequestContext& context) const {
  const std::vector<std::string>* const found = context.Find(key_);
  const bool exists = found != nullptr;
  if (!exists && context.IsUnknown(key_)) return HoldsUnknown(context);
  // For Null and the set operators a key whose values are all empty is null.
  const bool is_null = !exists || std::all_of(found->begin(), found->end(),
                                              [](const std::string& value) {
                                                return value.empty();
                                              });
  if (op_.comparison == Comparison::kNull) return TruthOf(NullHolds(is_null));
  if (!exists && op_.if_exists) {
    return TruthOf(op_.quantifier != Quantifier::kForAnyValue);
  }
  const auto passes = [&](const std::string& value) {
    return Passes(value, context);
  };
  switch (op_.quantifier) {
    case Quantifier::kForAllValues:
      return is_null ? Truth::kTrue : AllOf(*found, passes);
    case Quantifier::kForAnyValue:
      return is_null ? Truth::kFalse : AnyOf(*found, passes);
    case Quantifier::kNone:
      break;
  }
  const Truth matches = exists ? AnyOf(*found,
                                       [&](const std::string& value) {
                                         return MatchesAny(value, context);
                                       })
                               : Truth::kFalse;
  return op_.negated ? Not(matches) : matches;
}

Truth Condition::HoldsUnknown(const RequestContext& context) const {
  const auto value = context.PossibleValues(key_);
  if (!value.has_value()) return Truth::kUndecided;
  if (op_.comparison == Comparison::kNull) {
    return TruthOf(NullHolds(/*is_null=*/false));
  }
  // With one value the quantifiers make no difference.
  const Truth matches = MatchesAny(*value, context);
  return op_.negated ? Not(matches) : matches;
}

bool Condition::NullHolds(bool is_null) const {
  if (op_.quantifier == Quantifier::kForAllValues) return true;
  if (op_.quantifier == Quantifier::kForAnyValue) return false;
  const auto& texts = std::get<std::vector<std::string>>(values_);
  const char* const wanted = is_null ? "true" : "false";
  return std::find(texts.begin(), texts.end(), wanted) != texts.end();
}

Truth Condition::MatchesAny(const RoleArns& value,
                            const RequestContext& context) const {
  const auto match = [&](const auto& pattern, const RoleArns& arns) {
    const Truth without_path = pattern.Matches(arns.without_path, context);
    const Truth with_path = pattern.MatchesSet(arns.with_path, context);
    return without_path == with_path ? with_path : Truth::kUndecided;
  };
  switch (op_.comparison) {
    case Comparison::kStringEquals:
    case Comparison::kStringLike:
      return AnyOf(std::get<std::vector<ValuePattern>>(values_),
                   [&](const ValuePattern& p) { return match(p, value); });
    case Comparison::kStringEqualsIgnoreCase: {
      RoleArns folded = value;
      absl::AsciiStrToLower(&folded.without_path);
      absl::AsciiStrToLower(&folded.with_path.prefix);
      absl::AsciiStrToLower(&folded.with_path.suffix);
      return AnyOf(std::get<std::vector<ValuePattern>>(values_),
                   [&](const ValuePattern& p) { return match(p, folded); });
    }
    case Comparison::kArnLike:
      return AnyOf(std::get<std::vector<ArnPattern>>(values_),
                   [&](const ArnPattern& p) { return match(p, value); });
    default:
      // No ARN is of the other types.
      return Truth::kFalse;
  }
}

Truth Condition::MatchesAny(const std::string& value,
                            const RequestContext& context) const {
  const auto matches = [&](const auto& pattern) {
    return pattern.Matches(value, context);
  };
  switch (op_.comparison) {
    case Comparison::kStringEquals:
    case Comparison::kStringLike: {
      const auto& patterns = std::get<std::vector<ValuePattern>>(values_);
      return AnyOf(patterns, matches);
    }
    case Comparison::kStringEqualsIgnoreCase: {
      const auto& patterns = std::get<std::vector<ValuePattern>>(values_);
      const std::string folded = absl::AsciiStrToLower(value);
      return AnyOf(patterns, [&](const ValuePattern& pattern) {
        return pattern.Matches(folded, context);
      });
    }
    case Comparison::kNumericEquals:
    case Comparison::kNumericLess:
    case Comparison::kNumericLessOrEqual:
    case Comparison::kNumericGreater:
    case Comparison::kNumericGreaterOrEqual: {
      const auto number = ParseNumber(value);
      return TruthOf(number.has_value() &&
                     ComparesWithAny(op_.comparison, *number,
                                     std::get<std::vector<double>>(values_)));
    }
    case Comparison::kDateEquals:
    case Comparison::kDateLess:
    case Comparison::kDateLessOrEqual:
    case Comparison::kDateGreater:
    case Comparison::kDateGreaterOrEqual: {
      const auto date = ParseDate(value);
      return TruthOf(
          date.has_value() &&
          ComparesWithAny(op_.comparison, *date,
                          std::get<std::vector<DateValue>>(values_)));
    }
    case Comparison::kBool:
      return TruthOf(
          ComparesWithAny(op_.comparison, absl::AsciiStrToLower(value),
                          std::get<std::vector<std::string>>(values_)));
    case Comparison::kBinaryEquals: {
      const auto bytes = ParseBinary(value);
      return TruthOf(
          bytes.has_value() &&
          ComparesWithAny(op_.comparison, *bytes,
                          std::get<std::vector<std::string>>(values_)));
    }
    case Comparison::kIpAddress: {
      const auto address = ParseIpAddress(value);
      const auto& ranges = std::get<std::vector<IpRange>>(values_);
      return TruthOf(
          address.has_value() &&
          std::any_of(ranges.begin(), ranges.end(), [&](const IpRange& range) {
            return range.Contains(*address);
          }));
    }
    case Comparison::kArnLike: {
      const auto& patterns = std::get<std::vector<ArnPattern>>(values_);
      return AnyOf(patterns, matches);
    }
    case Comparison::kNull:
      break;
  }
  return Truth::kFalse;
}

}  // namespace glue_security
