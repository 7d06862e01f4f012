#include "glue_security/policy/access.h"

#include "absl/strings/str_cat.h"
#include "glue_security/policy/truth.h"

namespace glue_security {
namespace {

// Returns true for the decision of policies that deny, or may deny.
bool Denies(DecisionKind kind) {
  return kind == DecisionKind::kExplicitDeny ||
         kind == DecisionKind::kUndecided;
}

AccessResult Combine(const Principal& who, const AccessInputs& inputs,
                     const PolicyAnswer& resource) {
  const bool is_service = who.arn.empty() && !who.service.empty();
  if (!is_service && (Denies(inputs.identity) || Denies(inputs.limit))) {
    return AccessResult::kDeniedByIdentity;
  }
  if (resource.denies != Truth::kFalse) return AccessResult::kDeniedByResource;
  const bool is_limited = inputs.limit != DecisionKind::kAllow;
  const bool by_identity =
      inputs.identity == DecisionKind::kAllow && !is_limited;
  if (inputs.same_account && !is_service) {
    const Truth alone =
        is_limited ? resource.allows_self : resource.allows_more_than_account;
    return by_identity || alone == Truth::kTrue
               ? AccessResult::kAllowed
               : AccessResult::kNotAllowedByIdentity;
  }
  if (!is_service && !by_identity) return AccessResult::kNotAllowedByIdentity;
  return resource.allows == Truth::kTrue ? AccessResult::kAllowed
                                         : AccessResult::kNotAllowedByResource;
}

DecisionKind KindOf(AccessResult result) {
  switch (result) {
    case AccessResult::kAllowed:
      return DecisionKind::kAllow;
    case AccessResult::kDeniedByIdentity:
    case AccessResult::kDeniedByResource:
      return DecisionKind::kExplicitDeny;
    case AccessResult::kNotAllowedByIdentity:
    case AccessResult::kNotAllowedByResource:
      break;
  }
  return DecisionKind::kImplicitDeny;
}

// Returns true unless the fact is certainly false.
Truth Perhaps(Truth fact) { return TruthOf(fact != Truth::kFalse); }

}  // namespace

AccessResult DecideAccess(const AuthorizationRequest& request,
                          const AccessInputs& inputs, Decision* reasons) {
  PolicyAnswer answer;
  if (reasons != nullptr) *reasons = {};
  if (inputs.resource_policy == nullptr) {
    // There is no resource policy.
  } else if (reasons == nullptr) {
    answer = inputs.resource_policy->Answer(request);
  } else {
    *reasons = inputs.resource_policy->Evaluate(request);
    answer = reasons->answer;
  }
  return Combine(request.principal, inputs, answer);
}

DecisionKind CombinedDecision(const Principal& principal,
                              const AccessInputs& inputs,
                              const PolicyAnswer& resource) {
  // Undecided facts deny here and allow nothing.
  const DecisionKind strict = KindOf(Combine(principal, inputs, resource));
  PolicyAnswer lenient = resource;
  if (lenient.denies == Truth::kUndecided) lenient.denies = Truth::kFalse;
  lenient.allows = Perhaps(resource.allows);
  lenient.allows_more_than_account = Perhaps(resource.allows_more_than_account);
  lenient.allows_self = Perhaps(resource.allows_self);
  return strict == KindOf(Combine(principal, inputs, lenient))
             ? strict
             : DecisionKind::kUndecided;
}

std::string DenialMessage(AccessResult result,
                          const AuthorizationRequest& request, bool explain) {
  const Principal& who = request.principal;
  std::string message = !who.arn.empty() ? absl::StrCat("User: ", who.arn)
                        : !who.service.empty()
                            ? absl::StrCat("Service Principal: ", who.service)
                            : "User: anonymous";
  absl::StrAppend(&message, " is not authorized to perform: ", request.action);
  if (request.resource != "*") {
    absl::StrAppend(&message, " on resource: ", request.resource);
  }
  if (!explain) return message;
  switch (result) {
    case AccessResult::kAllowed:
      break;
    case AccessResult::kDeniedByIdentity:
      message += " with an explicit deny in an identity-based policy";
      break;
    case AccessResult::kDeniedByResource:
      message += " with an explicit deny in a resource-based policy";
      break;
    case AccessResult::kNotAllowedByIdentity:
      absl::StrAppend(&message, " because no identity-based policy allows the ",
                      request.action, " action");
      break;
    case AccessResult::kNotAllowedByResource:
      absl::StrAppend(&message, " because no resource-based policy allows the ",
                      request.action, " action");
      break;
  }
  return message;
}

}  // namespace glue_security
