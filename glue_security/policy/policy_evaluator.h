// PolicyEvaluator: what a policy says of a request, and why.
//
//   auto parsed = ParsePolicy(text, PolicyChecks::kGrammar, {});
//   const PolicyEvaluator evaluator(std::get<Policy>(parsed));
//
//   AuthorizationRequest request;
//   request.principal =
//       PrincipalFromArn("arn:aws:iam::123456789012:user/alice");
//   request.action = "glue:GetTable";
//   request.resource = "arn:aws:glue:us-east-1:123456789012:table/db/t";
//   request.context["aws:SourceIp"] = {"203.0.113.7"};
//   evaluator.Decide(request);  // DecisionKind::kAllow, say
//
// A request that no statement is about:
//
//   request.action = "s3:GetObject";
//   Decision decision = evaluator.Evaluate(request);
//   decision.kind;                             // DecisionKind::kImplicitDeny
//   decision.statements[0].action.matched;     // false
//
// The rules are those of the IAM User Guide; where it is silent, docs/decisions
// says what was chosen and why.

#ifndef GLUE_SECURITY_POLICY_POLICY_EVALUATOR_H_
#define GLUE_SECURITY_POLICY_POLICY_EVALUATOR_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy.h"

namespace glue_security {

// How an element of a statement took a request.
struct ElementReason {
  // The element, its negation included, is fulfilled.
  bool matched = false;
  // The entry of the policy that matched the request; empty when none did. For
  // a Not… element that is what kept it from being fulfilled.
  std::string entry;
};

// How one key under one operator of a Condition took it.
struct ConditionReason {
  // As the policy has them: "StringLike", "aws:PrincipalTag/team".
  std::string op;
  std::string key;
  bool matched = false;
};

struct StatementReason {
  // From 0, in the order of the document.
  size_t index = 0;
  std::string sid;
  bool is_deny = false;
  // All elements are fulfilled.
  bool applies = false;
  ElementReason principal;
  ElementReason action;
  ElementReason resource;
  std::vector<ConditionReason> conditions;
};

struct Decision {
  DecisionKind kind = DecisionKind::kImplicitDeny;
  // The statements that decided: those that apply and deny (kExplicitDeny), or
  // that apply and allow (kAllow). For kImplicitDeny, all of them, since none
  // applies.
  std::vector<StatementReason> statements;
};

class CompiledStatement;

// Compiled once, asked often. Immutable, thread-safe; it does not refer to the
// policy. Decisions take at most time proportional to the size of the policy
// times that of the request; what variables bring from the request into the
// policy counts as the policy's.
class PolicyEvaluator {
 public:
  explicit PolicyEvaluator(const Policy& policy);
  ~PolicyEvaluator();

  PolicyEvaluator(PolicyEvaluator&&) noexcept;
  PolicyEvaluator& operator=(PolicyEvaluator&&) noexcept;

  // The decision alone.
  DecisionKind Decide(const AuthorizationRequest& request) const;

  // The decision with its reasons; many times slower.
  Decision Evaluate(const AuthorizationRequest& request) const;

 private:
  std::vector<CompiledStatement> statements_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_POLICY_EVALUATOR_H_
