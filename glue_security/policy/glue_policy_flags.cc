#include "glue_security/policy/glue_policy_flags.h"

#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/region_name.h"
#include "glue_security/model/text_value.h"
#include "glue_security/policy/arn.h"

namespace glue_security {

const char kGluePolicyUsage[] = R"(Usage: glue-policy COMMAND [FLAG]...

  glue-policy check FILE...
      Checks resource policies as a Data Catalog does, and reports errors the
      way a compiler does.
  glue-policy decide --policy FILE --account ID --region NAME --caller ARN
                     --action NAME --resource ARN
      Decides a request by the policy, and shows which statements decided it.
  glue-policy print FILE
      Prints a policy.

Flags of check and decide:
  --account ID        the account of the catalog; by default, check takes it
                      from the first Resource that is an ARN of Glue, or else
                      uses 123456789012
  --region NAME       the region of the catalog; by default, check takes it from
                      the same Resource, or else uses us-east-1
  --caller ARN        check: who puts the policy, and must not be locked out;
                      decide: who makes the request
  --role-arn ARN      the role of a caller that is a session; the path of the
                      role is unknown without it
  --unique-id ID      the unique id (AIDA..., AROA...) of a user, or of the role
                      of a session; unknown by default
  --level LEVEL       what is checked: json (not for decide), grammar, or glue
                      (the default); each level includes those before it

Flags of check:
  --werror            warnings count as errors

Flags of decide:
  --policy FILE       the policy
  --action NAME       the action, such as glue:GetTable
  --resource ARN      the resource, such as
                      arn:aws:glue:us-east-1:123456789012:table/db/orders
  --context KEY=VALUE a condition key of the request, such as
                      aws:SourceIp=203.0.113.7; repeated for a key with several
                      values; a key that is not given is absent
  --unknown KEY       a condition key that the request may have or not; repeated
                      for several keys
  --identity DECISION what the caller's identity policies decide: allow,
                      explicit_deny, or implicit_deny (the default)

Flags of print:
  --style STYLE       verbatim; compact, without blanks; or service (the
                      default), as the service prints a policy

Flags of all commands:
  --format FORMAT     text (the default), or json with one object per line

Other flags:
  --help              show this text
  --version           show the version

Exit status:
  0  check found no errors, or warnings without --werror; decide allowed the
     request; print printed the policy
  1  check found errors, or warnings with --werror; decide denied the request
  2  a flag is wrong, or a file cannot be read or is not a policy
  3  facts that are unknown would change the decision
)";

namespace {

using Command = GluePolicyFlags::Command;

constexpr absl::string_view kCommands = "check, decide or print";

// Returns `text` for a message: quoted, cut, and without control characters,
// which could move the cursor of a terminal.
std::string Quote(absl::string_view text) {
  constexpr size_t kShown = 60;
  std::string quoted = "\"";
  for (const char c : text.substr(0, kShown)) {
    quoted += absl::ascii_iscntrl(static_cast<unsigned char>(c)) ? '?' : c;
  }
  if (text.size() > kShown) quoted += "...";
  return quoted + "\"";
}

bool IsRole(const std::string& text) {
  const auto arn = ParsePrincipalArn(text);
  return arn.has_value() && arn->kind == PrincipalArn::Kind::kRole;
}

std::string SetCaller(const std::string& value, GluePolicyFlags* flags) {
  flags->caller = value;
  return ParsePrincipalArn(value).has_value()
             ? ""
             : "must be the ARN of a root user, user, role, assumed-role "
               "session or federated user";
}

std::string SetRole(const std::string& value, GluePolicyFlags* flags) {
  flags->role_arn = value;
  return IsRole(value) ? "" : "must be the ARN of a role";
}

std::string AddContext(const std::string& value, GluePolicyFlags* flags) {
  const size_t equals = value.find('=');
  if (equals == std::string::npos || equals == 0) return "must be KEY=VALUE";
  flags->context[value.substr(0, equals)].push_back(value.substr(equals + 1));
  return "";
}

std::string SetLevel(const std::string& value, GluePolicyFlags* flags) {
  if (flags->command == Command::kDecide) {
    return SetWord<PolicyChecks, 2>(
        value,
        {{{"grammar", PolicyChecks::kGrammar}, {"glue", PolicyChecks::kGlue}}},
        &flags->level);
  }
  return SetWord<PolicyChecks, 3>(value,
                                  {{{"json", PolicyChecks::kJson},
                                    {"grammar", PolicyChecks::kGrammar},
                                    {"glue", PolicyChecks::kGlue}}},
                                  &flags->level);
}

std::string SetIdentity(const std::string& value, GluePolicyFlags* flags) {
  return SetWord<DecisionKind, 3>(
      value,
      {{{"allow", DecisionKind::kAllow},
        {"implicit_deny", DecisionKind::kImplicitDeny},
        {"explicit_deny", DecisionKind::kExplicitDeny}}},
      &flags->identity);
}

std::string SetStyle(const std::string& value, GluePolicyFlags* flags) {
  using Style = GluePolicyFlags::Style;
  return SetWord<Style, 3>(value,
                           {{{"verbatim", Style::kVerbatim},
                             {"compact", Style::kCompact},
                             {"service", Style::kService}}},
                           &flags->style);
}

// Returns a set of commands, one bit for each.
constexpr unsigned SetOf(Command command) {
  return 1U << static_cast<unsigned>(command);
}
constexpr unsigned kCheck = SetOf(Command::kCheck);
constexpr unsigned kDecide = SetOf(Command::kDecide);
constexpr unsigned kPrint = SetOf(Command::kPrint);

struct Flag {
  const char* name;
  // The commands that take the flag, and those that need it.
  unsigned taken_by;
  unsigned needed_by;
  // Sets the flag. Returns "", or what is wrong with its value: "must be ...".
  std::string (*set)(const std::string& value, GluePolicyFlags* flags);
  bool takes_value = true;
};

constexpr Flag kFlags[] = {
    {"--policy", kDecide, kDecide,
     [](const std::string& value, GluePolicyFlags* flags) {
       flags->files.push_back(value);
       return std::string();
     }},
    {"--account", kCheck | kDecide, kDecide,
     [](const std::string& value, GluePolicyFlags* flags) {
       flags->account = value;
       return std::string(IsAccountId(value) ? "" : "must be 12 digits");
     }},
    {"--region", kCheck | kDecide, kDecide,
     [](const std::string& value, GluePolicyFlags* flags) {
       flags->region = value;
       return std::string(IsRegionName(value) ? "" : "must be like us-east-1");
     }},
    {"--caller", kCheck | kDecide, kDecide, SetCaller},
    {"--action", kDecide, kDecide,
     [](const std::string& value, GluePolicyFlags* flags) {
       flags->action = value;
       return std::string();
     }},
    {"--resource", kDecide, kDecide,
     [](const std::string& value, GluePolicyFlags* flags) {
       flags->resource = value;
       return std::string();
     }},
    {"--context", kDecide, 0, AddContext},
    {"--identity", kDecide, 0, SetIdentity},
    {"--unknown", kDecide, 0,
     [](const std::string& value, GluePolicyFlags* flags) {
       flags->unknown_keys.insert(value);
       return std::string();
     }},
    {"--role-arn", kCheck | kDecide, 0, SetRole},
    {"--unique-id", kCheck | kDecide, 0,
     [](const std::string& value, GluePolicyFlags* flags) {
       flags->unique_id = value;
       return std::string(IsUniqueId(value) ? ""
                                            : "must be AIDA... or AROA...");
     }},
    {"--level", kCheck | kDecide, 0, SetLevel},
    {"--werror", kCheck, 0,
     [](const std::string& /*value*/, GluePolicyFlags* flags) {
       flags->werror = true;
       return std::string();
     },
     /*takes_value=*/false},
    {"--style", kPrint, 0, SetStyle},
    {"--format", kCheck | kDecide | kPrint, 0,
     [](const std::string& value, GluePolicyFlags* flags) {
       return SetWord<bool, 2>(value, {{{"text", false}, {"json", true}}},
                               &flags->json);
     }},
};

// Returns the command, or nullopt when none has this name.
std::optional<Command> CommandOf(absl::string_view name) {
  if (name == "check") return Command::kCheck;
  if (name == "decide") return Command::kDecide;
  if (name == "print") return Command::kPrint;
  return std::nullopt;
}

class Parser {
 public:
  explicit Parser(const std::vector<std::string>& arguments)
      : arguments_(arguments) {}

  // Returns "" or an error message.
  std::string Parse(GluePolicyFlags* flags) {
    if (arguments_.empty()) {
      return absl::StrCat("a command is missing: ", kCommands);
    }
    const std::string& name = arguments_[0];
    const auto command = CommandOf(name);
    if (!command.has_value()) {
      return absl::StrCat("there is no command ", Quote(name), ": ", kCommands);
    }
    flags->command = *command;
    bool only_files = false;
    for (next_ = 1; next_ < arguments_.size();) {
      const std::string& argument = arguments_[next_++];
      if (!only_files && argument == "--") {
        only_files = true;
      } else if (!only_files && absl::StartsWith(argument, "--")) {
        std::string error = Set(argument, flags);
        if (!error.empty()) return error;
      } else if (*command == Command::kDecide) {
        return absl::StrCat("decide takes flags only, not ", Quote(argument));
      } else {
        flags->files.push_back(argument);
      }
    }
    std::string error = FindMissing(*flags);
    return error.empty() ? FindContradiction(*flags) : error;
  }

 private:
  std::string Set(const std::string& argument, GluePolicyFlags* flags) {
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const Flag* flag = nullptr;
    for (const Flag& other : kFlags) {
      if (name == other.name && (other.taken_by & SetOf(flags->command)) != 0) {
        flag = &other;
      }
    }
    if (flag == nullptr) {
      return absl::StrCat(arguments_[0], " has no flag ", Quote(name));
    }
    std::string value;
    if (!flag->takes_value) {
      if (equals != std::string::npos) {
        return absl::StrCat(name, " takes no value");
      }
    } else if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (next_ < arguments_.size()) {
      value = arguments_[next_++];
    } else {
      return absl::StrCat(name, " needs a value");
    }
    if (!given_.insert(name).second && name != "--context" &&
        name != "--unknown") {
      return absl::StrCat(name, " is given twice");
    }
    if (flag->takes_value && value.empty()) {
      return absl::StrCat(name, " is empty");
    }
    const std::string wrong = flag->set(value, flags);
    if (wrong.empty()) return "";
    return absl::StrCat(name, " ", wrong, ", not ", Quote(value));
  }

  std::string FindMissing(const GluePolicyFlags& flags) const {
    for (const Flag& flag : kFlags) {
      if ((flag.needed_by & SetOf(flags.command)) != 0 &&
          given_.count(flag.name) == 0) {
        return absl::StrCat(arguments_[0], " needs ", flag.name);
      }
    }
    if (flags.files.empty()) {
      return absl::StrCat(arguments_[0], " needs a FILE");
    }
    if (flags.command == Command::kPrint && flags.files.size() > 1) {
      return absl::StrCat("print takes one FILE, not ", flags.files.size());
    }
    return "";
  }

  // The ARN of the caller says what its role and its unique id can be.
  static std::string FindContradiction(const GluePolicyFlags& flags) {
    using Kind = PrincipalArn::Kind;
    const auto caller = ParsePrincipalArn(flags.caller);
    if (!flags.role_arn.empty() &&
        !(caller.has_value() && IsRoleOfSession(flags.role_arn, *caller))) {
      return absl::StrCat("--role-arn ", Quote(flags.role_arn),
                          " is not the role of a session ",
                          Quote(flags.caller));
    }
    if (flags.unique_id.empty()) return "";
    const auto is = [&caller](Kind kind) {
      return caller.has_value() && caller->kind == kind;
    };
    const bool is_role_id = absl::StartsWith(flags.unique_id, "AROA");
    if (is_role_id ? is(Kind::kRole) || is(Kind::kAssumedRole)
                   : is(Kind::kUser)) {
      return "";
    }
    return absl::StrCat("--unique-id ", Quote(flags.unique_id),
                        " is that of a ", is_role_id ? "role" : "user",
                        ", and ", Quote(flags.caller), " is none");
  }

  const std::vector<std::string>& arguments_;
  size_t next_ = 0;
  // The names of the flags given so far.
  std::set<std::string> given_;
};

}  // namespace

std::variant<GluePolicyFlags, std::string> ParseGluePolicyFlags(
    const std::vector<std::string>& arguments) {
  GluePolicyFlags flags;
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    if (argument == "--help") return flags;
    if (argument == "--version") {
      flags.command = GluePolicyFlags::Command::kVersion;
      return flags;
    }
  }
  std::string error = Parser(arguments).Parse(&flags);
  if (!error.empty()) return error;
  return flags;
}

}  // namespace glue_security
