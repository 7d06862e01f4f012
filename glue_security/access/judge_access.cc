#include "glue_security/access/judge_access.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace glue_security {

std::variant<NeededAccess, std::string> NeededAccessOf(
    const OperationQuery& query, const CatalogName& catalog,
    const Behavior& behavior) {
  const CatalogOperation* const operation =
      FindCatalogOperation(query.operation);
  if (operation == nullptr) {
    return std::string("the query names no operation of the Data Catalog");
  }
  auto resources = NeededResources(*operation, query.objects);
  if (auto* const wrong = std::get_if<std::string>(&resources)) {
    return std::move(*wrong);
  }
  NeededAccess needed;
  needed.action = absl::StrCat("glue:", query.operation);
  needed.is_catalog_call = operation->object != CatalogObject::kNothing;
  needed.resources =
      std::get<std::vector<NeededResource>>(std::move(resources));
  if (!behavior.denials_name_outermost) {
    // Children stay behind the object, which is then the first.
    const auto children =
        std::find_if(needed.resources.begin(), needed.resources.end(),
                     [&](const NeededResource& resource) {
                       return resource.is_set && operation->deletes_children;
                     });
    std::reverse(needed.resources.begin(), children);
  }
  if (needed.is_catalog_call) {
    for (NeededResource& resource : needed.resources) {
      resource.name = CatalogArn(catalog, resource.name);
    }
  }
  return needed;
}

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
    report->resource_arn = request.resource;
    report->has_policy = inputs.resource_policy != nullptr;
    report->resource = std::move(reasons);
  }
  return denial;
}

std::optional<std::string> JudgeAll(const Caller& caller,
                                    const AccessFacts& facts,
                                    const NeededAccess& needed,
                                    const AccessInputs& inputs, bool explain,
                                    AccessReport* report) {
  AuthorizationRequest request;
  request.principal = facts.principal.value_or(PrincipalOf(caller));
  request.action = needed.action;
  request.context = facts.context;
  request.unknown_keys = facts.unknown_keys;
  request.other_keys_unknown = facts.other_keys_unknown;
  AddPrincipalContext(&request);
  for (const NeededResource& resource : needed.resources) {
    request.resource = resource.name;
    request.resource_is_set = resource.is_set;
    auto denial = JudgeAccess(request, inputs, explain, report);
    if (denial.has_value()) return denial;
  }
  return std::nullopt;
}

}  // namespace glue_security
