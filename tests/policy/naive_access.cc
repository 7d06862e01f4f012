#include "tests/policy/naive_access.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "glue_security/policy/access.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/truth.h"
#include "tests/policy/naive_document.h"
#include "tests/policy/naive_evaluator.h"
#include "tests/policy/naive_principal.h"

namespace glue_security {
namespace {

bool Denies(DecisionKind kind) {
  return kind == DecisionKind::kExplicitDeny ||
         kind == DecisionKind::kUndecided;
}

// Returns the strongest way in which the policy certainly allows the request.
naive::Naming StrongestAllow(const std::string& policy,
                             const NaiveDecision& decision,
                             const Principal& principal) {
  const naive::Document document = naive::ParseDocument(policy);
  naive::Naming strongest = naive::Naming::kNot;
  for (std::size_t i = 0; i < decision.applies.size(); ++i) {
    const naive::Json& statement = document.statements[i];
    if (decision.denies[i] || decision.applies[i] != Truth::kTrue) continue;
    if (!statement.contains("Principal")) continue;
    strongest = std::max(
        strongest, naive::StrongestNaming(statement["Principal"], principal));
  }
  return strongest;
}

// Tells whether the resource policy of the caller's own account suffices. An
// entry that names the account leaves it to the identity policies. The limits
// of the caller also limit the grants to everybody and to a role.
bool SufficesAlone(naive::Naming naming, bool limit_allows) {
  if (naming == naive::Naming::kSelf) return true;
  return naming == naive::Naming::kOther && limit_allows;
}

}  // namespace

AccessResult NaiveAccess(const std::string& policy,
                         const AuthorizationRequest& request, bool same_account,
                         DecisionKind identity, DecisionKind limit) {
  // A service has no identity policies, and nothing limits it.
  const bool is_service =
      !request.principal.service.empty() && request.principal.arn.empty();
  if (!is_service && (Denies(identity) || Denies(limit))) {
    return AccessResult::kDeniedByIdentity;
  }

  const NaiveDecision decision = NaiveEvaluate(policy, request);
  bool denied = false;
  bool allowed = false;
  for (std::size_t i = 0; i < decision.applies.size(); ++i) {
    if (decision.denies[i] && decision.applies[i] != Truth::kFalse) {
      denied = true;
    }
    if (!decision.denies[i] && decision.applies[i] == Truth::kTrue) {
      allowed = true;
    }
  }
  if (denied) return AccessResult::kDeniedByResource;

  const bool limit_allows = limit == DecisionKind::kAllow;
  const bool identity_allows = identity == DecisionKind::kAllow && limit_allows;
  if (same_account && !is_service) {
    const naive::Naming naming =
        StrongestAllow(policy, decision, request.principal);
    return identity_allows || SufficesAlone(naming, limit_allows)
               ? AccessResult::kAllowed
               : AccessResult::kNotAllowedByIdentity;
  }
  if (!identity_allows && !is_service) {
    return AccessResult::kNotAllowedByIdentity;
  }
  return allowed ? AccessResult::kAllowed : AccessResult::kNotAllowedByResource;
}

}  // namespace glue_security
