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
#include "glue_security/policy/match/value_pattern.h"

namespace glue_security {

// A request with facts that are derived from it once for all statements.
struct RequestFacts {
  explicit RequestFacts(const AuthorizationRequest& the_request);

  const AuthorizationRequest& request;
  PrincipalFacts principal;
  // The action in lower case.
  std::string action;
  std::optional<ArnFields> resource;
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

  // True when all elements are fulfilled.
  bool Applies(const RequestFacts& facts) const;

  // Returns the entry that names the principal or, for NotPrincipal, that
  // spares it; nullptr when none does.
  const std::string* FindPrincipal(const RequestFacts& facts) const;

  // Returns the entry that matches the action or the resource; nullptr when
  // none does.
  const std::string* FindAction(const RequestFacts& facts) const;
  const std::string* FindResource(const RequestFacts& facts) const;

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
