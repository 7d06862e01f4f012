// CompiledStatement: a statement of a policy, compiled for many requests. It is
// made from either tree of a policy that keeps the grammar. The evaluator has a
// JsonDocument; the search for a lock-out may have a JsonDom.

#ifndef GLUE_SECURITY_POLICY_COMPILED_STATEMENT_H_
#define GLUE_SECURITY_POLICY_COMPILED_STATEMENT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/json/json_document.h"
#include "glue_security/json/json_dom.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/match/condition.h"
#include "glue_security/policy/match/condition_operator.h"
#include "glue_security/policy/match/principal_matcher.h"
#include "glue_security/policy/match/request_context.h"
#include "glue_security/policy/match/value_pattern.h"
#include "glue_security/policy/truth.h"

namespace glue_security {

// A request with facts that are derived from it once for all statements.
struct RequestFacts {
  explicit RequestFacts(const AuthorizationRequest& the_request);

  const AuthorizationRequest& request;
  RequestContext context;
  PrincipalFacts principal;
  // The action in lower case.
  std::string action;
  std::optional<ArnFields> resource;
  // The last part ends in a `*` that stands for any text.
  bool resource_is_set;
};

// The result of matching Action or Resource, or their negations.
struct ElementMatch {
  // The element, its negation included, is fulfilled.
  Truth fulfilled = Truth::kFalse;
  // The entry that matches the request, or may match; nullptr: there is none.
  const std::string* entry = nullptr;
};

// The result of matching a statement.
struct StatementMatch {
  Truth applies = Truth::kFalse;
  // It applies even if only the entries of Principal count that name the caller
  // and not its account alone, or the caller itself (see PrincipalMatch).
  Truth more_than_account = Truth::kFalse;
  Truth as_self = Truth::kFalse;
};

// ---- Access to both trees

inline std::string ScalarText(const JsonDocument&, JsonDocument::Value value) {
  return std::string(value.text().data(), value.text().size());
}
inline std::string ScalarText(const JsonDom& dom, JsonDom::Value value) {
  return dom.ScalarText(value);
}

// Calls `visit` with the value or, if it is a list, with each element.
template <typename Value, typename Visit>
void ForEachElement(Value value, Visit&& visit) {
  if (!value.is_array()) {
    visit(value);
    return;
  }
  for (const Value element : value.elements()) visit(element);
}

// Returns true when the values of the policy may have variables.
template <typename Value>
bool HasVariables(Value root) {
  const auto version = root.Find("Version");
  return version.has_value() && version->text() == "2012-10-17";
}

// Compiles the Principal or NotPrincipal of a statement: "*", or an object of
// kinds.
template <typename Value>
PrincipalMatcher CompilePrincipal(Value element) {
  PrincipalMatcher matcher;
  if (!element.is_object()) {
    matcher.AddEverybody();
    return matcher;
  }
  for (const auto member : element.members()) {
    ForEachElement(member.value, [&](Value entry) {
      matcher.Add(member.key.text(), entry.text());
    });
  }
  return matcher;
}

// Thread-safe. A statement does not refer to the tree.
class CompiledStatement {
 public:
  template <typename Tree>
  CompiledStatement(const Tree& tree, typename Tree::Value statement,
                    bool variables);

  const std::string& sid() const { return sid_; }
  bool is_deny() const { return is_deny_; }
  // True for NotPrincipal, NotAction and NotResource.
  bool is_not_principal() const { return is_not_principal_; }
  bool is_not_action() const { return is_not_action_; }
  bool is_not_resource() const { return is_not_resource_; }
  const std::vector<Condition>& conditions() const { return conditions_; }

  // Returns whether all elements are fulfilled.
  StatementMatch Match(const RequestFacts& facts) const;

  PrincipalMatch MatchPrincipal(const RequestFacts& facts) const {
    return is_not_principal_ ? principals_.MatchNot(facts.principal)
                             : principals_.Match(facts.principal);
  }
  // These match Action or NotAction, and Resource or NotResource.
  ElementMatch MatchAction(const RequestFacts& facts) const;
  ElementMatch MatchResource(const RequestFacts& facts) const;

 private:
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

// ---------------------------------------------------------------------------
// Implementation.

template <typename Tree>
CompiledStatement::CompiledStatement(const Tree& tree,
                                     typename Tree::Value statement,
                                     bool variables)
    : is_deny_(statement.Find("Effect")->text() == "Deny"),
      is_not_principal_(statement.Find("NotPrincipal").has_value()),
      is_not_action_(statement.Find("NotAction").has_value()),
      is_not_resource_(statement.Find("NotResource").has_value()),
      principals_(CompilePrincipal(
          *statement.Find(is_not_principal_ ? "NotPrincipal" : "Principal"))) {
  using Value = typename Tree::Value;
  if (const auto sid = statement.Find("Sid")) sid_ = ScalarText(tree, *sid);
  ForEachElement(*statement.Find(is_not_action_ ? "NotAction" : "Action"),
                 [&](Value entry) {
                   actions_.emplace_back(entry.text(), /*wildcards=*/true,
                                         /*variables=*/false,
                                         /*fold_case=*/true);
                 });
  ForEachElement(
      *statement.Find(is_not_resource_ ? "NotResource" : "Resource"),
      [&](Value entry) { resources_.emplace_back(entry.text(), variables); });
  const auto block = statement.Find("Condition");
  if (!block.has_value()) return;
  for (const auto op : block->members()) {
    const auto parsed = ParseConditionOperator(op.key.text());
    for (const auto key : op.value.members()) {
      std::vector<std::string> values;
      ForEachElement(key.value, [&](Value value) {
        values.push_back(ScalarText(tree, value));
      });
      conditions_.emplace_back(op.key.text(), *parsed, key.key.text(), values,
                               variables);
    }
  }
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_COMPILED_STATEMENT_H_
