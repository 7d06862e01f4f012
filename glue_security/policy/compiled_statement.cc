#include "glue_security/policy/compiled_statement.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace glue_security {

RequestFacts::RequestFacts(const AuthorizationRequest& the_request)
    : request(the_request),
      principal(the_request.principal),
      action(absl::AsciiStrToLower(the_request.action)),
      resource(SplitArn(the_request.resource)) {}

bool CompiledStatement::Applies(const RequestFacts& facts) const {
  return (FindAction(facts) != nullptr) != is_not_action_ &&
         (FindResource(facts) != nullptr) != is_not_resource_ &&
         (FindPrincipal(facts) != nullptr) != is_not_principal_ &&
         std::all_of(conditions_.begin(), conditions_.end(),
                     [&](const Condition& condition) {
                       return condition.Holds(facts.request.context);
                     });
}

const std::string* CompiledStatement::FindPrincipal(
    const RequestFacts& facts) const {
  // The grammar allows NotPrincipal only with Deny.
  return is_not_principal_ ? principals_.FindSparing(facts.principal)
                           : principals_.FindEntry(facts.principal);
}

const std::string* CompiledStatement::FindAction(
    const RequestFacts& facts) const {
  for (const ValuePattern& pattern : actions_) {
    if (pattern.Matches(facts.action, facts.request.context)) {
      return &pattern.text();
    }
  }
  return nullptr;
}

const std::string* CompiledStatement::FindResource(
    const RequestFacts& facts) const {
  for (const ResourcePattern& pattern : resources_) {
    if (pattern.Matches(facts.resource, facts.request.context)) {
      return &pattern.text();
    }
  }
  return nullptr;
}

}  // namespace glue_security
