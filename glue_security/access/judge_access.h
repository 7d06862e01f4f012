// JudgeAccess: the answer to a question about access, for an operation
// (PolicyAuthorizer) and for an embedder (Engine::Authorize).

#ifndef GLUE_SECURITY_ACCESS_JUDGE_ACCESS_H_
#define GLUE_SECURITY_ACCESS_JUDGE_ACCESS_H_

#include <optional>
#include <string>

#include "glue_security/access/access_query.h"
#include "glue_security/policy/access.h"
#include "glue_security/policy/authorization.h"

namespace glue_security {

// Returns nullopt when `request` is allowed; otherwise the message of the
// AccessDeniedException, with the reason if `explain` is true. `report`, if not
// null, is filled in either way.
std::optional<std::string> JudgeAccess(const AuthorizationRequest& request,
                                       const AccessInputs& inputs, bool explain,
                                       AccessReport* report = nullptr);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ACCESS_JUDGE_ACCESS_H_
