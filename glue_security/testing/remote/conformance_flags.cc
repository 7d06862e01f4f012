#include "glue_security/testing/remote/conformance_flags.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "glue_security/client/http_backend.h"
#include "glue_security/flags/program_flags.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/setting.h"
#include "glue_security/model/text_value.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/remote/endpoint_control.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {
namespace {

constexpr char kHead[] = R"(Usage: glue-conformance URL [FLAG]...

Checks the mock of AWS Glue's Security API at http://HOST:PORT against the
contract, and prints what is wrong. The mock is reset before each check: all of
its data is lost. --reset, or a --profile that has one, says how.

Exit status:
  0  all that was judged is right
  1  something is wrong
  2  the checks could not be run: a flag is wrong, there is no connection, or
     the endpoint refuses to be reset
)";

std::string SetProfile(const std::string& value, ConformanceFlags* flags) {
  auto profile = FindRemoteProfile(value);
  if (!profile.has_value()) {
    return absl::StrCat("must be ", RemoteProfileNames());
  }
  flags->profile = value;
  flags->remote = *std::move(profile);
  return "";
}

std::string SetBehavior(const std::string& value, ConformanceFlags* flags) {
  constexpr Words<BackendPreset, 3> kPresets = {{
      {"documented", BackendPreset::kDocumented},
      {"observed", BackendPreset::kObserved},
      {"current", BackendPreset::kCurrent},
  }};
  return SetWord(value, kPresets, &flags->remote.behavior);
}

std::string SetPolicyChecks(const std::string& value, ConformanceFlags* flags) {
  return SetWord(value, kPolicyChecksNames,
                 &flags->remote.policy_checks.emplace());
}

std::string SetPath(const std::string& value, std::string* path) {
  *path = value;
  return value.empty() || EndpointControl::IsPath(value)
             ? ""
             : "must be a path that begins with a slash";
}

std::string SetReset(const std::string& value, ConformanceFlags* flags) {
  return SetPath(value, &flags->remote.reset_path);
}

std::string SetNoReset(const std::string& /*value*/, ConformanceFlags* flags) {
  // The reset of the profile is void.
  flags->remote.no_reset = true;
  flags->remote.reset_path.clear();
  flags->remote.reset_takes_settings = false;
  return "";
}

std::string SetClock(const std::string& value, ConformanceFlags* flags) {
  return SetPath(value, &flags->remote.clock_path);
}

std::string SetAccount(const std::string& value, ConformanceFlags* flags) {
  absl::string_view header = value;
  if (value == "key") {
    flags->remote.account = AccountSentAs::kAccessKeyId;
  } else if (value == "none") {
    flags->remote.account = AccountSentAs::kNothing;
  } else if (absl::ConsumePrefix(&header, "header:") && !header.empty()) {
    flags->remote.account = AccountSentAs::kHeader;
    flags->remote.account_header = std::string(header);
  } else {
    return "must be key, header:NAME or none";
  }
  return "";
}

std::string AddHeader(const std::string& value, ConformanceFlags* flags) {
  const size_t colon = value.find(':');
  if (colon == std::string::npos || colon == 0) {
    return "must be NAME:VALUE";
  }
  const absl::string_view text =
      absl::StripAsciiWhitespace(absl::string_view(value).substr(colon + 1));
  flags->remote.headers.emplace_back(value.substr(0, colon), std::string(text));
  return "";
}

std::string SetTimeout(const std::string& value, ConformanceFlags* flags) {
  int64_t seconds = 0;
  std::string wrong = SetNumber(value, 1, 3600, &seconds);
  if (wrong.empty()) flags->remote.timeout = absl::Seconds(seconds);
  return wrong;
}

std::string SetContractOnly(const std::string& /*value*/,
                            ConformanceFlags* flags) {
  flags->contract_only = true;
  return "";
}

std::string SetMessages(const std::string& /*value*/, ConformanceFlags* flags) {
  flags->remote.shows_messages = true;
  return "";
}

v1::Resource ResourceOf(Operation operation) {
  return GetOperationInfo(operation).resource();
}

void AddOperationsOn(v1::Resource resource,
                     std::vector<Operation>* operations) {
  for (const Operation operation : kAllOperations) {
    if (ResourceOf(operation) == resource) operations->push_back(operation);
  }
}

// Returns the operation with this name; nullptr when there is none.
const Operation* FindOperation(absl::string_view name) {
  const auto* const found = std::find_if(
      kAllOperations.begin(), kAllOperations.end(),
      [name](Operation operation) { return OperationName(operation) == name; });
  return found == kAllOperations.end() ? nullptr : found;
}

std::string SetWithout(const std::string& value, ConformanceFlags* flags) {
  if (value == "connections") {
    flags->remote.has_connections = false;
  } else if (value == "keys") {
    flags->remote.has_keys = false;
  } else if (value == "policies") {
    AddOperationsOn(v1::RESOURCE_POLICY, &flags->without);
  } else if (value == "settings") {
    AddOperationsOn(v1::RESOURCE_ENCRYPTION_SETTINGS, &flags->without);
  } else if (value == "configurations") {
    AddOperationsOn(v1::RESOURCE_SECURITY_CONFIGURATION, &flags->without);
  } else if (const auto* named = FindOperation(value); named != nullptr) {
    flags->without.push_back(*named);
  } else {
    return "must be policies, settings, configurations, connections, keys or "
           "an operation";
  }
  return "";
}

// Sets the operations that the mock has. Returns "", or what is wrong.
std::string SetOperations(ConformanceFlags* flags) {
  if (flags->without.empty()) return "";
  const std::vector<Operation>& without = flags->without;
  bool is_judged = false;
  for (const Operation operation : kAllOperations) {
    if (std::find(without.begin(), without.end(), operation) != without.end()) {
      continue;
    }
    flags->remote.operations.push_back(operation);
    is_judged = is_judged || flags->remote.has_connections ||
                ResourceOf(operation) != v1::RESOURCE_CONNECTION;
  }
  return is_judged ? "" : "--without leaves nothing to judge";
}

std::string SetSettings(const std::string& /*value*/, ConformanceFlags* flags) {
  flags->remote.reset_takes_settings = true;
  return "";
}

std::string SetFormat(const std::string& value, ConformanceFlags* flags) {
  using Format = ConformanceFlags::Format;
  constexpr Words<Format, 3> kFormats = {{{"text", Format::kText},
                                          {"json", Format::kJson},
                                          {"html", Format::kHtml}}};
  return SetWord(value, kFormats, &flags->format);
}

// The flags, in the order of --help. Their values are set in this order, too,
// so that the others change what the profile says.
constexpr ProgramFlag<ConformanceFlags> kFlags[] = {
    {"profile",
     "what is known of a mock: glue-security, localstack or moto; other flags "
     "change it",
     FlagTakes::kOneValue, nullptr, &SetProfile},
    {"behavior",
     "documented (the default): the contract of 2019 to the letter; observed: "
     "what the service was recorded doing; current (the default of the profile "
     "glue-security): that with the newest model",
     FlagTakes::kOneValue, nullptr, &SetBehavior},
    {"contract-only", "judge by sentences of the contract only",
     FlagTakes::kNothing, nullptr, &SetContractOnly},
    {"policy-checks",
     "how the mock checks policies: none, json, grammar or glue; by default, "
     "that is not judged",
     FlagTakes::kOneValue, nullptr, &SetPolicyChecks},
    {"messages", "judge the texts of errors, too", FlagTakes::kNothing, nullptr,
     &SetMessages},
    {"without",
     "what the mock does not have: policies, settings, configurations or "
     "connections, the operations on them; an operation, by its name; keys, a "
     "key service, so that encryption settings do nothing; may be repeated",
     FlagTakes::kValues, nullptr, &SetWithout},
    {"no-reset",
     "there is no reset: every check may find what the others left, so that "
     "failures may be false",
     FlagTakes::kNothing, nullptr, &SetNoReset},
    {"reset", "path to POST that deletes everything, as /reset",
     FlagTakes::kOneValue, nullptr, &SetReset},
    {"settings",
     "the reset takes what the mock is to run with, as glue-security-server's "
     "does: the behavior, every level of checks, limits",
     FlagTakes::kNothing, nullptr, &SetSettings},
    {"clock", "path to PUT that sets the clock, as glue-security-server has it",
     FlagTakes::kOneValue, nullptr, &SetClock},
    {"account",
     "where the mock finds the caller's account: key, the access key id (the "
     "default); header:NAME; none, it always has the account 123456789012",
     FlagTakes::kOneValue, nullptr, &SetAccount},
    {"header", "NAME:VALUE, a header of every request; may be repeated",
     FlagTakes::kValues, nullptr, &AddHeader},
    {"timeout", "seconds that a call may take, by default 30",
     FlagTakes::kOneValue, nullptr, &SetTimeout},
    {"format", "text (the default), json or html", FlagTakes::kOneValue,
     nullptr, &SetFormat},
};

}  // namespace

absl::StatusOr<ConformanceFlags> ParseConformanceFlags(
    int argc, const char* const* argv) {
  ConformanceFlags flags;
  std::vector<std::string> urls;
  auto text = ParseProgramFlags(kHead, kFlags, argc, argv, &flags, &urls);
  if (!text.ok()) return text.status();
  flags.information = *std::move(text);
  if (!flags.information.empty()) return flags;
  if (urls.size() != 1) {
    return absl::InvalidArgumentError("give one URL; --help lists the flags");
  }
  flags.url = urls.front();
  if (std::string wrong = SetOperations(&flags); !wrong.empty()) {
    return absl::InvalidArgumentError(wrong);
  }
  const bool has_reset = !flags.remote.reset_path.empty();
  if (has_reset && flags.remote.no_reset) {
    return absl::InvalidArgumentError(
        "--reset and --no-reset exclude each other");
  }
  // `--settings` without a path is refused with the other options.
  if (!has_reset && !flags.remote.no_reset &&
      !flags.remote.reset_takes_settings) {
    return absl::InvalidArgumentError(
        "--reset PATH is needed, or a --profile that has one; --no-reset if "
        "every check may find what the others left");
  }
  return flags;
}

}  // namespace glue_security
