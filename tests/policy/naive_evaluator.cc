// Comments name the page of the IAM User Guide, and its section, that settles a
// rule. "Open" marks a rule that the guide leaves open. Rules about unknown
// facts are those of docs/decisions/unknown-facts.md.

#include "tests/policy/naive_evaluator.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/truth.h"
#include "tests/policy/naive_document.h"
#include "tests/policy/naive_pattern.h"
#include "tests/policy/naive_principal.h"
#include "tests/policy/naive_values.h"

namespace glue_security {
namespace naive {
namespace {

// ---------------------------------------------------------------------------
// Action

// Returns true if an entry matches the action, with wildcards and in any case
// (reference_policies_elements_action).
bool NamesAction(const Json& list, const std::string& action) {
  for (const std::string& entry : Texts(list)) {
    if (Matches(WildcardPattern(Lower(entry)), Lower(action))) return true;
  }
  return false;
}

bool ActionApplies(const Json& statement, const std::string& action) {
  if (statement.contains("Action")) {
    return NamesAction(statement["Action"], action);
  }
  return statement.contains("NotAction") &&
         !NamesAction(statement["NotAction"], action);
}

// ---------------------------------------------------------------------------
// Resource

// Matches a resource segment by segment (reference_policies_elements_resource).
// An incomplete ARN gets "*" for the missing segments (reference_identifiers,
// IAM ARNs, which says it of identity-based policies; open for others). Only
// the part after the fifth colon may have variables
// (reference_policies_variables, Resource element).
Truth ResourceEntryMatches(const std::string& entry, const Scope& scope) {
  if (entry == "*") return Truth::kTrue;
  const std::vector<std::string> actual = SplitArn(scope.request.resource);
  std::vector<std::string> segments = SplitArn(entry);
  segments.resize(6, "*");
  const auto matches = [&](const Pattern& last) {
    if (actual.size() != 6) return Truth::kFalse;
    for (std::size_t i = 0; i < 5; ++i) {
      if (!Matches(WildcardPattern(segments[i]), actual[i])) {
        return Truth::kFalse;
      }
    }
    return scope.request.resource_is_set
               ? MatchesSet(last, SetPattern(actual[5]))
               : TruthOf(Matches(last, actual[5]));
  };
  return WithVariables(segments[5], /*wildcards=*/true, scope, matches);
}

Truth NamesResource(const Json& list, const Scope& scope) {
  Truth named = Truth::kFalse;
  for (const std::string& entry : Texts(list)) {
    named = Or(named, ResourceEntryMatches(entry, scope));
  }
  return named;
}

Truth ResourceApplies(const Json& statement, const Scope& scope) {
  if (statement.contains("Resource")) {
    return NamesResource(statement["Resource"], scope);
  }
  if (statement.contains("NotResource")) {
    return Not(NamesResource(statement["NotResource"], scope));
  }
  // A statement without a Resource, as the SNS topic policy of
  // reference_policies_variables, applies to any resource.
  return Truth::kTrue;
}

// ---------------------------------------------------------------------------
// Condition

// A value of the request. It is one text, or unknown except that it is one of
// the texts that the patterns match.
struct Value {
  std::string text;
  std::vector<Pattern> patterns;  // Empty: `text` is the value.
};

// Matches ARNs component by component (Amazon Resource Name condition
// operators). The components of a pattern are independent of each other.
Truth ArnMatches(const Pattern& expected, const Pattern& actual) {
  const std::vector<Pattern> pattern = SplitPattern(expected);
  const std::vector<Pattern> texts = SplitPattern(actual);
  if (pattern.size() != 6 || texts.size() != 6) return Truth::kFalse;
  Truth matches = Truth::kTrue;
  for (std::size_t i = 0; i < 6; ++i) {
    matches = And(matches, MatchesSet(pattern[i], texts[i]));
  }
  return matches;
}

// Matches a value of the request with one of the policy, for String and Arn
// operators. Variables are replaced first, so their colons separate the
// components of ARNs, too (open).
Truth TextMatches(const std::string& name, const Value& actual,
                  const std::string& expected, const Scope& scope) {
  const bool is_arn = StartsWith(name, "Arn");
  const bool ignores_case = name == "StringEqualsIgnoreCase";
  const auto matches = [&](const Pattern& pattern) {
    std::vector<Pattern> actuals = actual.patterns;
    if (actuals.empty()) actuals = {LiteralPattern(actual.text)};
    std::vector<Truth> truths;
    for (const Pattern& one : actuals) {
      if (is_arn) {
        truths.push_back(ArnMatches(pattern, one));
      } else if (ignores_case) {
        truths.push_back(MatchesSet(LowerPattern(pattern), LowerPattern(one)));
      } else {
        truths.push_back(MatchesSet(pattern, one));
      }
    }
    return Agreement(truths);
  };
  return WithVariables(expected, /*wildcards=*/is_arn || name == "StringLike",
                       scope, matches);
}

template <typename T>
bool Compare(const std::string& relation, const std::optional<T>& actual,
             const std::optional<T>& expected) {
  // A value of another type does not match.
  if (!actual || !expected) return false;
  if (relation == "Equals") return *actual == *expected;
  if (relation == "LessThan") return *actual < *expected;
  if (relation == "LessThanEquals") return *actual <= *expected;
  if (relation == "GreaterThan") return *actual > *expected;
  if (relation == "GreaterThanEquals") return *actual >= *expected;
  return false;
}

// Returns true if `actual`, a value of the request, matches `expected`, a value
// of the policy, for operators other than String, Arn and Null.
bool TypedValueMatches(const std::string& name, const std::string& actual,
                       const std::string& expected) {
  if (name == "Bool") {
    // The guide does not say whether case counts: it does not.
    const std::string wanted = Lower(expected);
    return Lower(actual) == wanted && (wanted == "true" || wanted == "false");
  }
  if (name == "BinaryEquals") {
    return Compare("Equals", DecodeBase64(actual), DecodeBase64(expected));
  }
  if (name == "IpAddress") return InRange(expected, actual);
  if (StartsWith(name, "Numeric")) {
    return Compare(name.substr(7), ParseNumber(actual), ParseNumber(expected));
  }
  if (StartsWith(name, "Date")) {
    return Compare(name.substr(4), ParseDate(actual), ParseDate(expected));
  }
  return false;
}

// `name` is an operator that does not negate, and not Null.
Truth ValueMatches(const std::string& name, const Value& actual,
                   const std::string& expected, const Scope& scope) {
  if (StartsWith(name, "String") || StartsWith(name, "Arn")) {
    return TextMatches(name, actual, expected, scope);
  }
  // The ARN of a role, whatever its path is, is not of another type.
  if (!actual.patterns.empty()) return Truth::kFalse;
  return TruthOf(TypedValueMatches(name, actual.text, expected));
}

bool IsOperator(const std::string& name) {
  static const std::vector<std::string> kNames = {"StringEquals",
                                                  "StringEqualsIgnoreCase",
                                                  "StringLike",
                                                  "NumericEquals",
                                                  "NumericLessThan",
                                                  "NumericLessThanEquals",
                                                  "NumericGreaterThan",
                                                  "NumericGreaterThanEquals",
                                                  "DateEquals",
                                                  "DateLessThan",
                                                  "DateLessThanEquals",
                                                  "DateGreaterThan",
                                                  "DateGreaterThanEquals",
                                                  "Bool",
                                                  "BinaryEquals",
                                                  "IpAddress",
                                                  "ArnEquals",
                                                  "ArnLike",
                                                  "Null"};
  for (const std::string& known : kNames) {
    if (name == known) return true;
  }
  return false;
}

struct Operator {
  enum Set { kNone, kForAllValues, kForAnyValue };
  Set set = kNone;
  std::string name;  // without the set operator, "Not" and "IfExists"
  bool negated = false;
  bool if_exists = false;
};

Operator ParseOperator(const std::string& text) {
  Operator op;
  op.name = text;
  if (StartsWith(op.name, "ForAllValues:")) op.set = Operator::kForAllValues;
  if (StartsWith(op.name, "ForAnyValue:")) op.set = Operator::kForAnyValue;
  if (op.set != Operator::kNone) op.name.erase(0, op.name.find(':') + 1);
  const std::string suffix = "IfExists";
  if (op.name.size() > suffix.size() &&
      op.name.substr(op.name.size() - suffix.size()) == suffix) {
    op.if_exists = true;
    op.name.resize(op.name.size() - suffix.size());
  }
  const std::size_t negation = op.name.find("Not");
  if (negation != std::string::npos) {
    op.negated = true;
    op.name.erase(negation, 3);
  }
  return op;
}

// Returns true if the values are null, as "an empty data string" is
// (reference_policies_elements_condition, the request context).
bool IsNull(const std::vector<Value>& values) {
  for (const Value& value : values) {
    if (!value.text.empty() || !value.patterns.empty()) return false;
  }
  return true;
}

// Combines the values of the policy with OR, or with NOR for a negating
// operator (…_condition-logic-multiple-context-keys-or-values).
Truth Satisfies(const Operator& op, const Value& actual,
                const std::vector<std::string>& expected, const Scope& scope) {
  Truth matches = Truth::kFalse;
  for (const std::string& value : expected) {
    matches = Or(matches, ValueMatches(op.name, actual, value, scope));
  }
  return op.negated ? Not(matches) : matches;
}

// Evaluates Null (…_condition_operators, Null check; with a set operator, the
// policy check "Null with qualifier").
bool NullApplies(const Operator& op, const std::vector<Value>& actual,
                 const std::vector<std::string>& expected) {
  if (op.set == Operator::kForAllValues) return true;
  if (op.set == Operator::kForAnyValue) return false;
  for (const std::string& value : expected) {
    if (Lower(value) == (IsNull(actual) ? "true" : "false")) return true;
  }
  return false;
}

// Returns the values of the key, or nullopt if nothing about them is known.
std::optional<std::vector<Value>> ValuesOf(
    const std::string& key, const AuthorizationRequest& request) {
  std::vector<Value> values;
  switch (StateOf(key, request)) {
    case KeyState::kUnknown:
      if (Lower(key) != "aws:principalarn" || !IsSession(request.principal) ||
          !request.principal.role_arn.empty()) {
        return std::nullopt;
      }
      values.push_back({"", PossibleRoleArns(request.principal)});
      break;
    case KeyState::kAbsent:
      break;
    case KeyState::kGiven:
      for (const std::string& text : request.context.find(key)->second) {
        values.push_back({text, {}});
      }
  }
  return values;
}

Truth KeyApplies(const Operator& op, const std::string& key,
                 const std::vector<std::string>& expected, const Scope& scope) {
  const std::optional<std::vector<Value>> known = ValuesOf(key, scope.request);
  if (!known) return Truth::kUndecided;
  const std::vector<Value>& actual = *known;
  if (op.name == "Null") return TruthOf(NullApplies(op, actual, expected));

  // A missing key is settled by …_condition_operators, IfExists, and its
  // "Important" note on missing keys; under ForAnyValue, which makes no
  // exception for IfExists, by …_condition-single-vs-multi-valued-context-keys.
  if (actual.empty() && op.if_exists && op.set != Operator::kForAnyValue) {
    return Truth::kTrue;
  }
  if (actual.empty() && op.set == Operator::kNone) return TruthOf(op.negated);

  // A missing key and a null data set give a set operator the same answer
  // (…_condition-single-vs-multi-valued-context-keys, set operators).
  if (op.set != Operator::kNone && IsNull(actual)) {
    return TruthOf(op.set == Operator::kForAllValues);
  }
  Truth all = Truth::kTrue;
  Truth any = Truth::kFalse;
  for (const Value& value : actual) {
    const Truth satisfied = Satisfies(op, value, expected, scope);
    all = And(all, satisfied);
    any = Or(any, satisfied);
  }
  if (op.set == Operator::kForAllValues) return all;
  if (op.set == Operator::kForAnyValue) return any;
  // Several values without a set operator (open): one has to match; for a
  // negating operator none may.
  return op.negated ? all : any;
}

// Combines the operators and keys with AND
// (…_condition-logic-multiple-context-keys-or-values).
Truth ConditionApplies(const Json& statement, const Scope& scope) {
  Truth applies = Truth::kTrue;
  if (!statement.contains("Condition")) return applies;
  for (const auto& [text, keys] : statement["Condition"].items()) {
    const Operator op = ParseOperator(text);
    if (!IsOperator(op.name)) return Truth::kFalse;
    for (const auto& [key, values] : keys.items()) {
      applies = And(applies, KeyApplies(op, key, Texts(values), scope));
    }
  }
  return applies;
}

// ---------------------------------------------------------------------------
// Statements

Truth StatementApplies(const Json& statement, const Scope& scope) {
  if (!ActionApplies(statement, scope.request.action)) return Truth::kFalse;
  Truth applies = PrincipalApplies(statement, scope.request.principal);
  applies = And(applies, ResourceApplies(statement, scope));
  if (applies == Truth::kFalse) return applies;
  return And(applies, ConditionApplies(statement, scope));
}

// A deny wins over any allow, and without either the answer is no
// (reference_policies_evaluation-logic).
DecisionKind KindOf(Truth denied, Truth allowed) {
  if (denied == Truth::kTrue) return DecisionKind::kExplicitDeny;
  if (denied == Truth::kUndecided) return DecisionKind::kUndecided;
  if (allowed == Truth::kTrue) return DecisionKind::kAllow;
  if (allowed == Truth::kUndecided) return DecisionKind::kUndecided;
  return DecisionKind::kImplicitDeny;
}

}  // namespace
}  // namespace naive

NaiveDecision NaiveEvaluate(const std::string& policy,
                            const AuthorizationRequest& request) {
  const naive::Document document = naive::ParseDocument(policy);
  const naive::Scope scope{request, document.variables};
  NaiveDecision decision{DecisionKind::kImplicitDeny, {}, {}};
  Truth denied = Truth::kFalse;
  Truth allowed = Truth::kFalse;
  for (const naive::Json& statement : document.statements) {
    const Truth applies = naive::StatementApplies(statement, scope);
    const bool denies = statement["Effect"] == "Deny";
    if (denies) {
      denied = Or(denied, applies);
    } else {
      allowed = Or(allowed, applies);
    }
    decision.applies.push_back(applies);
    decision.denies.push_back(denies);
  }
  decision.kind = naive::KindOf(denied, allowed);
  return decision;
}

}  // namespace glue_security
