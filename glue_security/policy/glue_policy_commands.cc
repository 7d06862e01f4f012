#include "glue_security/policy/glue_policy_commands.h"

#include <utility>
#include <variant>

#include "glue_security/model/region_name.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/policy_warnings.h"

namespace glue_security {
namespace {

// Sets the region and account from the first Resource that is an ARN of Glue,
// as in "arn:aws:glue:us-east-1:123456789012:catalog". An ARN that no catalog
// can have is left out, so that it is found to be wrong.
bool FindCatalog(JsonDocument::Value value, CatalogContext* catalog) {
  if (value.is_string()) {
    const auto arn = SplitArn(value.text());
    if (!arn.has_value() || arn->prefix != "arn" || arn->service != "glue" ||
        !IsRegionName(arn->region) || !IsAccountId(arn->account)) {
      return false;
    }
    catalog->region.assign(arn->region.data(), arn->region.size());
    catalog->account_id.assign(arn->account.data(), arn->account.size());
    return true;
  }
  if (value.is_array()) {
    for (const auto element : value.elements()) {
      if (FindCatalog(element, catalog)) return true;
    }
  }
  for (const char* key : {"Statement", "Resource", "NotResource"}) {
    const auto inner = value.Find(key);
    if (inner && FindCatalog(*inner, catalog)) return true;
  }
  return false;
}

Principal PrincipalOf(const GluePolicyFlags& flags) {
  Principal principal = PrincipalFromArn(flags.caller);
  principal.role_arn = flags.role_arn;
  principal.unique_id = flags.unique_id;
  return principal;
}

// Returns the catalog that the flags name. The policy gives what the flags do
// not.
CatalogContext CatalogOf(const GluePolicyFlags& flags,
                         const JsonDocument* document) {
  CatalogContext catalog;
  catalog.region = "us-east-1";
  catalog.account_id = "123456789012";
  if (document != nullptr) FindCatalog(document->root(), &catalog);
  if (!flags.region.empty()) catalog.region = flags.region;
  if (!flags.account.empty()) catalog.account_id = flags.account;
  catalog.caller = PrincipalOf(flags);
  return catalog;
}

AuthorizationRequest RequestOf(const GluePolicyFlags& flags) {
  AuthorizationRequest request;
  request.principal = PrincipalOf(flags);
  request.action = flags.action;
  request.resource = flags.resource;
  request.context = flags.context;
  request.unknown_keys = flags.unknown_keys;
  AddPrincipalContext(&request);
  return request;
}

}  // namespace

CheckedFile CheckText(const GluePolicyFlags& flags, const std::string& text) {
  CheckedFile checked;
  auto document = JsonDocument::Parse(text);
  auto* const parsed = std::get_if<JsonDocument>(&document);
  checked.catalog = CatalogOf(flags, parsed);
  if (parsed == nullptr) {
    // Text that is not JSON has one finding.
    checked.errors = CheckPolicy(text, PolicyChecks::kJson, checked.catalog);
  } else if (flags.level < PolicyChecks::kGrammar) {
    checked.document = std::move(*parsed);
  } else {
    auto result = ParsePolicy(std::move(*parsed), flags.level, checked.catalog);
    if (auto* findings = std::get_if<std::vector<Finding>>(&result)) {
      checked.errors = std::move(*findings);
    } else {
      checked.policy = std::get<Policy>(std::move(result));
    }
  }
  return checked;
}

std::vector<Finding> FindingsOf(const CheckedFile& checked) {
  if (checked.policy.has_value()) return FindWarnings(*checked.policy);
  if (checked.document.has_value()) return FindGroups(*checked.document);
  return checked.errors;
}

CheckedFile CheckTextToDecide(const GluePolicyFlags& flags,
                              const std::string& text) {
  GluePolicyFlags check = flags;
  check.caller.clear();
  return CheckText(check, text);
}

PolicyDecision DecideByPolicy(const GluePolicyFlags& flags,
                              const Policy& policy) {
  const PolicyEvaluator evaluator(policy);
  PolicyDecision decided;
  decided.request = RequestOf(flags);
  AccessInputs inputs;
  inputs.same_account =
      ParsePrincipalArn(flags.caller)->account == flags.account;
  inputs.identity = flags.identity;
  inputs.resource_policy = &evaluator;
  decided.result = DecideAccess(decided.request, inputs, &decided.reasons);
  decided.kind = CombinedDecision(decided.request.principal, inputs,
                                  decided.reasons.answer);
  return decided;
}

}  // namespace glue_security
