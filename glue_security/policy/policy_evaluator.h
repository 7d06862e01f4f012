// PolicyEvaluator: the decision of a policy about a request, and its reasons.
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
//   evaluator.Decide(request);  // for example DecisionKind::kAllow
//
// A request to which no statement applies:
//
//   request.action = "s3:GetObject";
//   Decision decision = evaluator.Evaluate(request);
//   decision.kind;                             // DecisionKind::kImplicitDeny
//   decision.statements[0].action.matched;     // Truth::kFalse
//
// The rules are those of the IAM User Guide. Where it is silent,
// docs/decisions/ has the choice and its reason.

#ifndef GLUE_SECURITY_POLICY_POLICY_EVALUATOR_H_
#define GLUE_SECURITY_POLICY_POLICY_EVALUATOR_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/truth.h"

namespace glue_security {

// The result of matching one element of a statement with a request.
struct ElementReason {
  // The element, its negation included, is fulfilled.
  Truth matched = Truth::kFalse;
  // The entry of the policy that matched the request, or may match it if
  // `matched` is kUndecided; empty when none did. An entry of a Not… element
  // that matched kept the element from being fulfilled.
  std::string entry;
  // The element is NotPrincipal, NotAction or NotResource.
  bool is_negated = false;
};

// The result of one key under one operator of a Condition.
struct ConditionReason {
  // The names in the policy: "StringLike", "aws:PrincipalTag/team".
  std::string op;
  std::string key;
  Truth matched = Truth::kFalse;
};

struct StatementReason {
  // The position in the document, from 0.
  size_t index = 0;
  std::string sid;
  bool is_deny = false;
  // kTrue if all elements are fulfilled.
  Truth applies = Truth::kFalse;
  ElementReason principal;
  // How the entry of Principal names the caller. kNobody for NotPrincipal.
  NamedAs named_as = NamedAs::kNobody;
  ElementReason action;
  ElementReason resource;
  std::vector<ConditionReason> conditions;
};

// The answer of a policy to a request, as far as the combination with other
// policies needs it.
struct PolicyAnswer {
  // A Deny applies.
  Truth denies = Truth::kFalse;
  // An Allow applies.
  Truth allows = Truth::kFalse;
  // An Allow applies that names more than the account of the caller: at least
  // as NamedAs::kEverybody.
  Truth allows_more_than_account = Truth::kFalse;
  // An Allow applies that names the caller as NamedAs::kSelf.
  Truth allows_self = Truth::kFalse;
};

// Returns the decision of this policy alone.
DecisionKind DecisionOf(const PolicyAnswer& answer);

struct Decision {
  DecisionKind kind = DecisionKind::kImplicitDeny;
  PolicyAnswer answer;
  // The statements that decided, in the order of the document. For
  // kExplicitDeny, those that apply and deny; for kAllow, those that apply and
  // allow; for kUndecided, those that are undecided; for kImplicitDeny, all of
  // them, since none applies.
  std::vector<StatementReason> statements;
};

class CompiledStatement;

// Compiled once, for many requests. Immutable, thread-safe. It does not refer
// to the policy. A decision takes at most time proportional to the size of the
// policy times the size of the request. Text that variables bring from the
// request into the policy counts as the policy's.
class PolicyEvaluator {
 public:
  explicit PolicyEvaluator(const Policy& policy);
  ~PolicyEvaluator();

  PolicyEvaluator(PolicyEvaluator&&) noexcept;
  PolicyEvaluator& operator=(PolicyEvaluator&&) noexcept;

  // Returns the decision alone. Never kUndecided if all facts are known.
  DecisionKind Decide(const AuthorizationRequest& request) const;

  // Returns the answer alone. If `denies` is not kFalse, the other members may
  // be lower than they would be without the Deny.
  PolicyAnswer Answer(const AuthorizationRequest& request) const;

  // Returns the decision with its reasons. Many times slower.
  Decision Evaluate(const AuthorizationRequest& request) const;

 private:
  std::vector<CompiledStatement> statements_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_POLICY_EVALUATOR_H_
