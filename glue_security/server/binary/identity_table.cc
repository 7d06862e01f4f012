#include "glue_security/server/binary/identity_table.h"

#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/identity_policy.h"
#include "glue_security/policy/policy.h"

namespace glue_security {

absl::StatusOr<IdentityTable> IdentityTable::Create(
    const Credentials& credentials, const std::string& folder,
    const ReadFile& read_file) {
  IdentityTable table;
  for (const auto& [key, credential] : credentials) {
    const std::string& setting = credential.identity_policies;
    if (setting.empty()) continue;
    if (credential.principal_arn.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the key ", key, " has identity_policies and no principal_arn"));
    }
    const auto [place, is_new] =
        table.entries_.try_emplace(credential.principal_arn);
    Entry& entry = place->second;
    if (!is_new) {
      if (entry.setting == setting) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(credential.principal_arn,
                       " has different identity_policies for two keys"));
    }
    entry.setting = setting;
    if (setting == "allow") continue;
    if (setting == "implicit_deny") {
      entry.kind = DecisionKind::kImplicitDeny;
      continue;
    }
    const std::string path =
        setting[0] == '/' ? setting : absl::StrCat(folder, setting);
    auto text = read_file(path);
    if (!text.ok()) return text.status();
    const auto parsed = ParseIdentityPolicy(*text);
    if (const auto* findings = std::get_if<std::vector<Finding>>(&parsed)) {
      const Finding& first = findings->front();
      return absl::InvalidArgumentError(absl::StrCat(
          path, ":", first.line, ":", first.column, ": ", first.message));
    }
    entry.policy.emplace(std::get<Policy>(parsed));
  }
  return table;
}

DecisionKind IdentityTable::Decide(const OperationAccess& access) const {
  AuthorizationRequest request;
  request.principal = PrincipalOf(access.caller);
  request.action = access.action();
  request.resource = access.resource();
  AddPrincipalContext(&request);
  return Decide(request);
}

DecisionKind IdentityTable::Decide(const AuthorizationRequest& request) const {
  const auto found = entries_.find(request.principal.arn);
  if (found == entries_.end()) return DecisionKind::kAllow;
  if (!found->second.policy.has_value()) return found->second.kind;
  return CertainDecision(found->second.policy->Answer(request));
}

}  // namespace glue_security
