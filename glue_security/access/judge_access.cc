#include "glue_security/access/judge_access.h"

#include <utility>

namespace glue_security {

std::optional<std::string> JudgeAccess(const AuthorizationRequest& request,
                                       const AccessInputs& inputs, bool explain,
                                       AccessReport* report) {
  Decision reasons;
  const AccessResult result =
      DecideAccess(request, inputs, report == nullptr ? nullptr : &reasons);
  std::optional<std::string> denial;
  if (result != AccessResult::kAllowed) {
    denial = DenialMessage(result, request, explain);
  }
  if (report != nullptr) {
    report->result = result;
    report->has_policy = inputs.resource_policy != nullptr;
    report->resource = std::move(reasons);
  }
  return denial;
}

}  // namespace glue_security
