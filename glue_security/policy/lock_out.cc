#include "glue_security/policy/lock_out.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy_evaluator.h"

namespace glue_security {

std::optional<Finding> FindLockOut(const PolicyDocument& document,
                                   const CatalogContext& catalog) {
  const PolicyEvaluator evaluator(document);
  AuthorizationRequest request;
  request.principal = PrincipalFromArn(catalog.caller_arn);
  request.context = PrincipalContext(request.principal);
  request.resource = absl::StrCat("arn:aws:glue:", catalog.region, ":",
                                  catalog.account_id, ":catalog");
  for (const char* action :
       {"glue:PutResourcePolicy", "glue:DeleteResourcePolicy"}) {
    request.action = action;
    const Decision decision = evaluator.Evaluate(request);
    if (decision.kind != DecisionKind::kExplicitDeny) continue;
    Finding finding;
    finding.code = FindingCode::kPolicyLocksOutCaller;
    const size_t index = decision.statements.front().index;
    PolicyDocument::Value statement = *document.root().Find("Statement");
    if (statement.is_array()) {
      size_t i = 0;
      for (const auto element : statement.elements()) {
        if (i++ == index) {
          statement = element;
          break;
        }
      }
    }
    finding.offset = statement.offset();
    finding.message = absl::StrCat(
        "the statement denies ", action,
        " to the caller itself, who could not change the policy again; except "
        "the caller, as with a Condition on \"aws:PrincipalArn\"");
    return finding;
  }
  return std::nullopt;
}

}  // namespace glue_security
