// JudgeAccess: the answer to a question about access, whether an operation asks
// it (PolicyAuthorizer) or an embedder (Engine::Authorize).

#ifndef GLUE_SECURITY_ACCESS_JUDGE_ACCESS_H_
#define GLUE_SECURITY_ACCESS_JUDGE_ACCESS_H_

#include <optional>
#include <string>

#include "glue_security/access/access_query.h"
#include "glue_security/policy/access.h"
#include "glue_security/policy/authorization.h"

namespace glue_security {

// nullopt when `request` is allowed; else the message of the
// AccessDeniedException, which with `explain` tells why. `report`, when not
// null, is filled in in both cases.
std::optional<std::string> JudgeAccess(const AuthorizationRequest& request,
                                       const AccessInputs& inputs, bool explain,
                                       AccessReport* report = nullptr);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ACCESS_JUDGE_ACCESS_H_
