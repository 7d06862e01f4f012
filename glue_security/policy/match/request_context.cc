#include "glue_security/policy/match/request_context.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/policy/arn.h"

namespace glue_security {

std::optional<RoleArns> RequestContext::PossibleValues(
    absl::string_view key) const {
  if (!absl::EqualsIgnoreCase(key, "aws:PrincipalArn")) return std::nullopt;
  const auto session = ParsePrincipalArn(request_.principal.arn);
  if (!session.has_value() ||
      session->kind != PrincipalArn::Kind::kAssumedRole ||
      IsRoleOfSession(request_.principal.role_arn, *session)) {
    return std::nullopt;
  }
  // The ARN of a session shows the name of its role, but not the path.
  const std::string roles = absl::StrCat("arn:", session->partition,
                                         ":iam::", session->account, ":role/");
  const std::string name(session->name.data(), session->name.size());
  return RoleArns{absl::StrCat(roles, name), {roles, 1, "/" + name}};
}

}  // namespace glue_security
