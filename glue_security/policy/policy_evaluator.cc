#include "glue_security/policy/policy_evaluator.h"

#include <utility>

#include "glue_security/policy/compiled_statement.h"
#include "glue_security/policy/match/condition.h"
#include "glue_security/policy/match/principal_matcher.h"
#include "glue_security/policy/policy_work.h"

namespace glue_security {
namespace {

ElementReason Reason(Truth fulfilled, const std::string* entry,
                     bool is_negated) {
  ElementReason reason;
  reason.matched = fulfilled;
  if (entry != nullptr) reason.entry = *entry;
  reason.is_negated = is_negated;
  return reason;
}

StatementReason Explain(const CompiledStatement& statement, size_t index,
                        Truth applies, const RequestFacts& facts) {
  StatementReason reason;
  reason.index = index;
  reason.applies = applies;
  reason.sid = statement.sid();
  reason.is_deny = statement.is_deny();
  const PrincipalMatch principal = statement.MatchPrincipal(facts);
  reason.principal = Reason(principal.fulfilled, principal.entry,
                            statement.is_not_principal());
  reason.named_as = principal.named_as;
  const ElementMatch action = statement.MatchAction(facts);
  reason.action =
      Reason(action.fulfilled, action.entry, statement.is_not_action());
  const ElementMatch resource = statement.MatchResource(facts);
  reason.resource =
      Reason(resource.fulfilled, resource.entry, statement.is_not_resource());
  for (const Condition& condition : statement.conditions()) {
    reason.conditions.push_back(
        {condition.op_name(), condition.key(), condition.Holds(facts.context)});
  }
  return reason;
}

// Adds the result of matching a statement.
void Add(const StatementMatch& match, bool is_deny, PolicyAnswer* answer) {
  if (is_deny) {
    answer->denies = Or(answer->denies, match.applies);
    return;
  }
  answer->allows = Or(answer->allows, match.applies);
  answer->allows_more_than_account =
      Or(answer->allows_more_than_account, match.more_than_account);
  answer->allows_self = Or(answer->allows_self, match.as_self);
}

// Returns the answer. Once `enough` is kTrue, or a Deny may apply, statements
// that allow are skipped.
PolicyAnswer AnswerOf(const std::vector<CompiledStatement>& statements,
                      const RequestFacts& facts, Truth PolicyAnswer::*enough) {
  PolicyAnswer answer;
  for (const CompiledStatement& statement : statements) {
    if (!statement.is_deny() &&
        (answer.*enough == Truth::kTrue || answer.denies != Truth::kFalse)) {
      continue;
    }
    const StatementMatch match = statement.Match(facts);
    if (match.applies == Truth::kFalse) continue;
    Add(match, statement.is_deny(), &answer);
    if (answer.denies == Truth::kTrue) break;
  }
  return answer;
}

// Returns true if the statement is among those that decided.
bool Decided(const StatementReason& reason, DecisionKind kind) {
  switch (kind) {
    case DecisionKind::kAllow:
      return reason.applies == Truth::kTrue && !reason.is_deny;
    case DecisionKind::kExplicitDeny:
      return reason.applies == Truth::kTrue && reason.is_deny;
    case DecisionKind::kUndecided:
      return reason.applies == Truth::kUndecided;
    case DecisionKind::kImplicitDeny:
      break;
  }
  return true;
}

}  // namespace

PolicyEvaluator::PolicyEvaluator(const Policy& policy) {
  ++CountOfThisThread().compilations;
  const JsonDocument& document = policy.document();
  const bool variables = HasVariables(document.root());
  const JsonDocument::Value statements = *document.root().Find("Statement");
  statements_.reserve(statements.is_array() ? statements.size() : 1);
  ForEachElement(statements, [&](JsonDocument::Value statement) {
    statements_.emplace_back(document, statement, variables);
  });
}

PolicyEvaluator::~PolicyEvaluator() = default;
PolicyEvaluator::PolicyEvaluator(PolicyEvaluator&&) noexcept = default;
PolicyEvaluator& PolicyEvaluator::operator=(PolicyEvaluator&&) noexcept =
    default;

DecisionKind DecisionOf(const PolicyAnswer& answer) {
  if (answer.denies == Truth::kTrue) return DecisionKind::kExplicitDeny;
  if (answer.denies == Truth::kUndecided) return DecisionKind::kUndecided;
  if (answer.allows == Truth::kTrue) return DecisionKind::kAllow;
  return answer.allows == Truth::kUndecided ? DecisionKind::kUndecided
                                            : DecisionKind::kImplicitDeny;
}

DecisionKind PolicyEvaluator::Decide(
    const AuthorizationRequest& request) const {
  return DecisionOf(
      AnswerOf(statements_, RequestFacts(request), &PolicyAnswer::allows));
}

PolicyAnswer PolicyEvaluator::Answer(
    const AuthorizationRequest& request) const {
  return AnswerOf(statements_, RequestFacts(request),
                  &PolicyAnswer::allows_self);
}

Decision PolicyEvaluator::Evaluate(const AuthorizationRequest& request) const {
  const RequestFacts facts(request);
  Decision decision;
  std::vector<StatementReason> reasons;
  for (const CompiledStatement& statement : statements_) {
    const StatementMatch match = statement.Match(facts);
    Add(match, statement.is_deny(), &decision.answer);
    reasons.push_back(Explain(statement, reasons.size(), match.applies, facts));
  }
  decision.kind = DecisionOf(decision.answer);
  for (StatementReason& reason : reasons) {
    if (Decided(reason, decision.kind)) {
      decision.statements.push_back(std::move(reason));
    }
  }
  return decision;
}

}  // namespace glue_security
