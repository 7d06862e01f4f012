// The command line of the program glue-policy.

#ifndef GLUE_SECURITY_POLICY_GLUE_POLICY_FLAGS_H_
#define GLUE_SECURITY_POLICY_GLUE_POLICY_FLAGS_H_

#include <string>
#include <variant>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/policy/authorization.h"

namespace glue_security {

// The text that --help prints.
extern const char kGluePolicyUsage[];

struct GluePolicyFlags {
  enum class Command { kHelp, kVersion, kCheck, kDecide, kPrint };
  enum class Style { kVerbatim, kCompact, kService };

  Command command = Command::kHelp;
  // The files to check or print, or the one that --policy names.
  std::vector<std::string> files;
  bool json = false;
  // Warnings count as errors.
  bool werror = false;
  PolicyChecks level = PolicyChecks::kGlue;
  // Empty if not given.
  std::string account;
  std::string region;
  std::string caller;
  std::string action;
  std::string resource;
  std::string role_arn;
  std::string unique_id;
  ContextKeys context;
  KeyNames unknown_keys;
  DecisionKind identity = DecisionKind::kImplicitDeny;
  Style style = Style::kService;
};

// Returns the flags, or a message about the first flag that is wrong.
std::variant<GluePolicyFlags, std::string> ParseGluePolicyFlags(
    const std::vector<std::string>& arguments);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_GLUE_POLICY_FLAGS_H_
