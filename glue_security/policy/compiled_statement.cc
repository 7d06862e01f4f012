#include "glue_security/policy/compiled_statement.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace glue_security {
namespace {

// Returns the "or" of `match` over the entries of an element.
template <typename Pattern, typename Match>
ElementMatch MatchEntries(const std::vector<Pattern>& entries, bool is_negated,
                          Match&& match) {
  ElementMatch found;
  for (const Pattern& entry : entries) {
    const Truth matches = match(entry);
    if (matches <= found.fulfilled) continue;
    found.fulfilled = matches;
    found.entry = &entry.text();
    if (matches == Truth::kTrue) break;
  }
  if (is_negated) found.fulfilled = Not(found.fulfilled);
  return found;
}

}  // namespace

RequestFacts::RequestFacts(const AuthorizationRequest& the_request)
    : request(the_request),
      context(the_request),
      principal(the_request.principal),
      action(absl::AsciiStrToLower(the_request.action)),
      resource(SplitArn(the_request.resource)),
      resource_is_set(the_request.resource_is_set && resource.has_value() &&
                      absl::EndsWith(resource->resource, "*")) {}

StatementMatch CompiledStatement::Match(const RequestFacts& facts) const {
  // Nearly all statements of a policy end here.
  const Truth action = AnyOf(actions_, [&](const ValuePattern& entry) {
    return entry.Matches(facts.action, facts.context);
  });
  Truth rest = is_not_action_ ? Not(action) : action;
  if (rest == Truth::kFalse) return {};
  const Truth resource = AnyOf(resources_, [&](const ResourcePattern& entry) {
    return entry.Matches(facts.resource, facts.resource_is_set, facts.context);
  });
  rest = And(rest, is_not_resource_ ? Not(resource) : resource);
  if (rest == Truth::kFalse) return {};
  const PrincipalMatch principal = MatchPrincipal(facts);
  if (principal.fulfilled == Truth::kFalse) return {};
  rest = And(rest, AllOf(conditions_, [&](const Condition& condition) {
               return condition.Holds(facts.context);
             }));
  return {And(rest, principal.fulfilled),
          And(rest, principal.more_than_account), And(rest, principal.as_self)};
}

ElementMatch CompiledStatement::MatchAction(const RequestFacts& facts) const {
  return MatchEntries(actions_, is_not_action_, [&](const ValuePattern& entry) {
    return entry.Matches(facts.action, facts.context);
  });
}

ElementMatch CompiledStatement::MatchResource(const RequestFacts& facts) const {
  return MatchEntries(
      resources_, is_not_resource_, [&](const ResourcePattern& entry) {
        return entry.Matches(facts.resource, facts.resource_is_set,
                             facts.context);
      });
}

}  // namespace glue_security
