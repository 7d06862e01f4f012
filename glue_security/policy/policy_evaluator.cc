#include "glue_security/policy/policy_evaluator.h"

#include <utility>

#include "glue_security/policy/compiled_statement.h"
#include "glue_security/policy/match/condition.h"
#include "glue_security/policy/policy_work.h"

namespace glue_security {
namespace {

ElementReason Reason(const std::string* entry, bool is_negated) {
  ElementReason reason;
  reason.matched = (entry != nullptr) != is_negated;
  if (entry != nullptr) reason.entry = *entry;
  return reason;
}

StatementReason Explain(const CompiledStatement& statement, size_t index,
                        const RequestFacts& facts) {
  StatementReason reason;
  reason.index = index;
  reason.sid = statement.sid();
  reason.is_deny = statement.is_deny();
  reason.principal =
      Reason(statement.FindPrincipal(facts), statement.is_not_principal());
  reason.action =
      Reason(statement.FindAction(facts), statement.is_not_action());
  reason.resource =
      Reason(statement.FindResource(facts), statement.is_not_resource());
  reason.applies = reason.principal.matched && reason.action.matched &&
                   reason.resource.matched;
  for (const Condition& condition : statement.conditions()) {
    const bool holds = condition.Holds(facts.request.context);
    reason.conditions.push_back({condition.op_name(), condition.key(), holds});
    reason.applies = reason.applies && holds;
  }
  return reason;
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

DecisionKind PolicyEvaluator::Decide(
    const AuthorizationRequest& request) const {
  const RequestFacts facts(request);
  bool allowed = false;
  for (const CompiledStatement& statement : statements_) {
    // Another statement that allows would change nothing.
    if (allowed && !statement.is_deny()) continue;
    if (!statement.Applies(facts)) continue;
    if (statement.is_deny()) return DecisionKind::kExplicitDeny;
    allowed = true;
  }
  return allowed ? DecisionKind::kAllow : DecisionKind::kImplicitDeny;
}

Decision PolicyEvaluator::Evaluate(const AuthorizationRequest& request) const {
  const RequestFacts facts(request);
  Decision decision;
  std::vector<StatementReason> reasons;
  for (const CompiledStatement& statement : statements_) {
    reasons.push_back(Explain(statement, reasons.size(), facts));
    const StatementReason& reason = reasons.back();
    if (!reason.applies) continue;
    if (reason.is_deny) {
      decision.kind = DecisionKind::kExplicitDeny;
    } else if (decision.kind == DecisionKind::kImplicitDeny) {
      decision.kind = DecisionKind::kAllow;
    }
  }
  const bool is_deny = decision.kind == DecisionKind::kExplicitDeny;
  for (StatementReason& reason : reasons) {
    if (decision.kind == DecisionKind::kImplicitDeny ||
        (reason.applies && reason.is_deny == is_deny)) {
      decision.statements.push_back(std::move(reason));
    }
  }
  return decision;
}

}  // namespace glue_security
