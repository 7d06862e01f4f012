#include "glue_security/policy/authorization.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "glue_security/policy/arn.h"

namespace glue_security {
namespace {

bool IsAnonymous(const Principal& principal) {
  return principal.arn.empty() && principal.role_arn.empty() &&
         principal.unique_id.empty() && principal.service.empty() &&
         principal.federated.empty() && principal.canonical_user.empty();
}

}  // namespace

bool AsciiCaseLess::operator()(const std::string& a,
                               const std::string& b) const {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return absl::ascii_tolower(static_cast<unsigned char>(x)) <
               absl::ascii_tolower(static_cast<unsigned char>(y));
      });
}

Principal PrincipalFromArn(absl::string_view arn) {
  Principal principal;
  principal.arn = std::string(arn.data(), arn.size());
  const std::optional<PrincipalArn> parsed = ParsePrincipalArn(arn);
  if (parsed.has_value() && parsed->kind == PrincipalArn::Kind::kAssumedRole) {
    principal.role_arn =
        absl::StrCat("arn:", parsed->partition, ":iam::", parsed->account,
                     ":role/", parsed->name);
  }
  return principal;
}

ContextKeys PrincipalContext(const Principal& principal) {
  ContextKeys context;
  const auto set = [&context](const char* key, absl::string_view value) {
    context[key] = {std::string(value.data(), value.size())};
  };
  if (!principal.service.empty()) {
    set("aws:PrincipalIsAWSService", "true");
    set("aws:PrincipalServiceName", principal.service);
  }
  const std::optional<PrincipalArn> arn = ParsePrincipalArn(principal.arn);
  if (!arn.has_value()) {
    if (IsAnonymous(principal)) {
      set("aws:PrincipalAccount", "anonymous");
      set("aws:PrincipalType", "Anonymous");
      set("aws:userid", "anonymous");
    }
    return context;
  }
  set("aws:PrincipalAccount", arn->account);
  if (principal.service.empty()) set("aws:PrincipalIsAWSService", "false");
  switch (arn->kind) {
    case PrincipalArn::Kind::kRoot:
      set("aws:PrincipalArn", principal.arn);
      set("aws:PrincipalType", "Account");
      set("aws:userid", arn->account);
      break;
    case PrincipalArn::Kind::kUser:
      set("aws:PrincipalArn", principal.arn);
      set("aws:PrincipalType", "User");
      set("aws:username", arn->name);
      if (!principal.unique_id.empty()) set("aws:userid", principal.unique_id);
      break;
    case PrincipalArn::Kind::kRole:
      set("aws:PrincipalArn", principal.arn);
      break;
    case PrincipalArn::Kind::kAssumedRole:
      // The key holds the role's ARN, not the session's.
      if (!principal.role_arn.empty()) {
        set("aws:PrincipalArn", principal.role_arn);
      }
      set("aws:PrincipalType", "AssumedRole");
      if (!principal.unique_id.empty()) {
        set("aws:userid", absl::StrCat(principal.unique_id, ":", arn->session));
      }
      break;
    case PrincipalArn::Kind::kFederatedUser:
      set("aws:PrincipalArn", principal.arn);
      set("aws:PrincipalType", "FederatedUser");
      set("aws:userid", absl::StrCat(arn->account, ":", arn->name));
      break;
  }
  return context;
}

}  // namespace glue_security
