// The answers to questions about access, for an operation of the engine
// (PolicyAuthorizer) and for an embedder (Engine::Authorize).

#ifndef GLUE_SECURITY_ACCESS_JUDGE_ACCESS_H_
#define GLUE_SECURITY_ACCESS_JUDGE_ACCESS_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "glue_security/access/access_query.h"
#include "glue_security/access/catalog_operations.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/policy/access.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/authorization.h"

namespace glue_security {

// An action and the resources on which it must be allowed, at least one, in the
// order in which they are asked.
struct NeededAccess {
  std::string action;
  // The catalog's policy is asked.
  bool is_catalog_call = true;
  // With their whole ARNs as names.
  std::vector<NeededResource> resources;
};

// Returns the access that an operation needs in `catalog`, or a message when
// the query names an operation or object that does not exist.
std::variant<NeededAccess, std::string> NeededAccessOf(
    const OperationQuery& query, const CatalogName& catalog,
    const Behavior& behavior);

// Returns nullopt when `request` is allowed; otherwise the message of the
// AccessDeniedException, with the reason if `explain` is true. `report`, if not
// null, is filled in either way.
std::optional<std::string> JudgeAccess(const AuthorizationRequest& request,
                                       const AccessInputs& inputs, bool explain,
                                       AccessReport* report = nullptr);

// Does so for each of the resources, up to the first that is not allowed.
std::optional<std::string> JudgeAll(const Caller& caller,
                                    const AccessFacts& facts,
                                    const NeededAccess& needed,
                                    const AccessInputs& inputs, bool explain,
                                    AccessReport* report);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ACCESS_JUDGE_ACCESS_H_
