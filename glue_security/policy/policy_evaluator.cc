#include "glue_security/policy/policy_evaluator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/condition.h"
#include "glue_security/policy/condition_operator.h"
#include "glue_security/policy/principal_matcher.h"
#include "glue_security/policy/value_pattern.h"

namespace glue_security {
namespace {

using Value = PolicyDocument::Value;

std::string ToString(absl::string_view text) {
  return std::string(text.data(), text.size());
}

// The string, or those of the list.
std::vector<std::string> Texts(Value value) {
  std::vector<std::string> texts;
  if (!value.is_array()) {
    texts.push_back(ToString(value.text()));
    return texts;
  }
  for (const Value element : value.elements()) {
    texts.push_back(ToString(element.text()));
  }
  return texts;
}

// A request with what is found out about it once for all statements.
struct Facts {
  explicit Facts(const AuthorizationRequest& the_request)
      : request(the_request),
        principal(the_request.principal),
        action(absl::AsciiStrToLower(the_request.action)),
        resource(SplitArn(the_request.resource)) {}

  const AuthorizationRequest& request;
  PrincipalFacts principal;
  // In lower case.
  std::string action;
  std::optional<ArnFields> resource;
};

}  // namespace

// A statement, compiled.
class PolicyEvaluator::Statement {
 public:
  Statement(Value statement, size_t index, bool variables)
      : index_(index),
        is_deny_(statement.Find("Effect")->text() == "Deny"),
        is_not_principal_(statement.Find("NotPrincipal").has_value()),
        is_not_action_(statement.Find("NotAction").has_value()),
        is_not_resource_(statement.Find("NotResource").has_value()),
        principals_(
            *statement.Find(is_not_principal_ ? "NotPrincipal" : "Principal")) {
    if (const auto sid = statement.Find("Sid")) sid_ = ToString(sid->text());
    for (const std::string& text :
         Texts(*statement.Find(is_not_action_ ? "NotAction" : "Action"))) {
      actions_.emplace_back(text, /*wildcards=*/true, /*variables=*/false,
                            /*fold_case=*/true);
    }
    for (const std::string& text : Texts(
             *statement.Find(is_not_resource_ ? "NotResource" : "Resource"))) {
      resources_.emplace_back(text, variables);
    }
    if (const auto block = statement.Find("Condition")) {
      AddConditions(*block, variables);
    }
  }

  bool is_deny() const { return is_deny_; }

  bool Applies(const Facts& facts) const {
    return (FindAction(facts) != nullptr) != is_not_action_ &&
           (FindResource(facts) != nullptr) != is_not_resource_ &&
           (FindPrincipal(facts) != nullptr) != is_not_principal_ &&
           std::all_of(conditions_.begin(), conditions_.end(),
                       [&](const Condition& condition) {
                         return condition.Holds(facts.request.context);
                       });
  }

  StatementReason Explain(const Facts& facts) const {
    StatementReason reason;
    reason.index = index_;
    reason.sid = sid_;
    reason.is_deny = is_deny_;
    reason.principal = Reason(FindPrincipal(facts), is_not_principal_);
    reason.action = Reason(FindAction(facts), is_not_action_);
    reason.resource = Reason(FindResource(facts), is_not_resource_);
    reason.applies = reason.principal.matched && reason.action.matched &&
                     reason.resource.matched;
    for (const Condition& condition : conditions_) {
      const bool holds = condition.Holds(facts.request.context);
      reason.conditions.push_back(
          {condition.op_name(), condition.key(), holds});
      reason.applies = reason.applies && holds;
    }
    return reason;
  }

 private:
  static ElementReason Reason(const std::string* entry, bool is_negated) {
    ElementReason reason;
    reason.matched = (entry != nullptr) != is_negated;
    if (entry != nullptr) reason.entry = *entry;
    return reason;
  }

  void AddConditions(Value block, bool variables) {
    for (const auto op : block.members()) {
      const auto parsed = ParseConditionOperator(op.key.text());
      for (const auto key : op.value.members()) {
        conditions_.emplace_back(op.key.text(), *parsed, key.key.text(),
                                 Texts(key.value), variables);
      }
    }
  }

  // The entry that names the principal; for NotPrincipal, that spares it.
  const std::string* FindPrincipal(const Facts& facts) const {
    return is_not_principal_ && is_deny_
               ? principals_.FindSparing(facts.principal)
               : principals_.FindEntry(facts.principal);
  }

  const std::string* FindAction(const Facts& facts) const {
    for (const ValuePattern& pattern : actions_) {
      if (pattern.Matches(facts.action, facts.request.context)) {
        return &pattern.text();
      }
    }
    return nullptr;
  }

  const std::string* FindResource(const Facts& facts) const {
    for (const ResourcePattern& pattern : resources_) {
      if (pattern.Matches(facts.resource, facts.request.context)) {
        return &pattern.text();
      }
    }
    return nullptr;
  }

  size_t index_;
  std::string sid_;
  bool is_deny_;
  bool is_not_principal_;
  bool is_not_action_;
  bool is_not_resource_;
  PrincipalMatcher principals_;
  std::vector<ValuePattern> actions_;
  std::vector<ResourcePattern> resources_;
  std::vector<Condition> conditions_;
};

PolicyEvaluator::PolicyEvaluator(const PolicyDocument& document) {
  const Value root = document.root();
  const auto version = root.Find("Version");
  const bool variables = version.has_value() && version->text() == "2012-10-17";
  const Value statements = *root.Find("Statement");
  if (!statements.is_array()) {
    statements_.emplace_back(statements, 0, variables);
    return;
  }
  statements_.reserve(statements.size());
  for (const Value statement : statements.elements()) {
    statements_.emplace_back(statement, statements_.size(), variables);
  }
}

PolicyEvaluator::~PolicyEvaluator() = default;
PolicyEvaluator::PolicyEvaluator(PolicyEvaluator&&) noexcept = default;
PolicyEvaluator& PolicyEvaluator::operator=(PolicyEvaluator&&) noexcept =
    default;

DecisionKind PolicyEvaluator::Decide(
    const AuthorizationRequest& request) const {
  const Facts facts(request);
  bool allowed = false;
  for (const Statement& statement : statements_) {
    // Another that allows would change nothing.
    if (allowed && !statement.is_deny()) continue;
    if (!statement.Applies(facts)) continue;
    if (statement.is_deny()) return DecisionKind::kExplicitDeny;
    allowed = true;
  }
  return allowed ? DecisionKind::kAllow : DecisionKind::kImplicitDeny;
}

Decision PolicyEvaluator::Evaluate(const AuthorizationRequest& request) const {
  const Facts facts(request);
  Decision decision;
  std::vector<StatementReason> reasons;
  for (const Statement& statement : statements_) {
    reasons.push_back(statement.Explain(facts));
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
