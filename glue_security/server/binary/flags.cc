#include "glue_security/server/binary/flags.h"

#include <cstdint>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "boost/program_options.hpp"
#include "glue_security/model/behavior.h"
#include "glue_security/server/credentials.h"

namespace glue_security {
namespace {

namespace po = boost::program_options;

// One flag. Its value is set by `set`, which gives what is wrong with it, for a
// person, or nothing.
struct Flag {
  const char* name;
  const char* help;
  // Null: a switch, which takes no value and is off unless it is given.
  const char* default_value;
  std::string (*set)(const std::string& value, ProgramOptions* options);
  // It may be given several times; `set` is called for each.
  bool repeats = false;
};

// A number of `flag` from `min` to `max`.
std::string SetNumber(const char* flag, const std::string& value, int64_t min,
                      int64_t max, int64_t* number) {
  int64_t parsed = 0;
  if (!absl::SimpleAtoi(value, &parsed) || parsed < min || parsed > max) {
    return absl::StrCat("--", flag, " is a number from ", min, " to ", max);
  }
  *number = parsed;
  return "";
}

std::string SetPort(const std::string& value, ProgramOptions* options) {
  int64_t port = 0;
  std::string error = SetNumber("port", value, 0, UINT16_MAX, &port);
  options->server.listener.port = static_cast<uint16_t>(port);
  return error;
}

std::string SetBind(const std::string& value, ProgramOptions* options) {
  options->server.listener.address = value;
  return "";
}

std::string SetAccountId(const std::string& value, ProgramOptions* options) {
  options->server.front_end.default_account_id = value;
  return "";
}

std::string SetBehavior(const std::string& value, ProgramOptions* options) {
  // The level of the checks is a flag of its own.
  const PolicyChecks checks = options->engine.behavior.policy_checks;
  if (value == "documented") {
    options->engine.behavior = Behavior::Documented();
  } else if (value == "observed") {
    options->engine.behavior = Behavior::Observed();
  } else {
    return "--behavior is documented or observed";
  }
  options->engine.behavior.policy_checks = checks;
  return "";
}

std::string SetPolicyChecks(const std::string& value, ProgramOptions* options) {
  PolicyChecks& checks = options->engine.behavior.policy_checks;
  if (value == "none") {
    checks = PolicyChecks::kNone;
  } else if (value == "json") {
    checks = PolicyChecks::kJson;
  } else if (value == "grammar") {
    checks = PolicyChecks::kGrammar;
  } else if (value == "glue") {
    checks = PolicyChecks::kGlue;
  } else {
    return "--policy-checks is none, json, grammar or glue";
  }
  return "";
}

std::string SetNumberLimit(const std::string& value, ProgramOptions* options) {
  return SetNumber("number-limit", value, 0, INT64_MAX,
                   &options->engine.limits.security_configurations_max);
}

std::string SetStorage(const std::string& value, ProgramOptions* /*options*/) {
  return value == "memory" ? "" : "--storage is memory";
}

std::string SetCredentials(const std::string& path, ProgramOptions* options) {
  if (path.empty()) return "";
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return absl::StrCat("cannot read ", path);
  auto credentials = ParseCredentials(text.str());
  if (!credentials.ok()) {
    return absl::StrCat(path, ": ", credentials.status().message());
  }
  options->server.front_end.credentials = *std::move(credentials);
  return "";
}

std::string SetLog(const std::string& value, ProgramOptions* options) {
  if (value == "text") {
    options->log = ProgramOptions::Log::kText;
  } else if (value == "json") {
    options->log = ProgramOptions::Log::kJson;
  } else if (value == "off") {
    options->log = ProgramOptions::Log::kOff;
  } else {
    return "--log is json, text or off";
  }
  return "";
}

std::string SetThreads(const std::string& value, ProgramOptions* options) {
  int64_t threads = 0;
  std::string error = SetNumber("threads", value, 1, 10'000, &threads);
  options->server.listener.threads = static_cast<int>(threads);
  return error;
}

std::string SetControl(const std::string& /*value*/, ProgramOptions* options) {
  options->control = true;
  return "";
}

// In the order of --help, in which the values are set, too.
constexpr Flag kFlags[] = {
    {"port", "port to listen on; 0: the system picks one", "4566", &SetPort},
    {"bind", "address to listen on; the default is this machine only",
     "127.0.0.1", &SetBind},
    {"account-id", "account of calls whose access key is not 12 digits",
     "123456789012", &SetAccountId},
    {"behavior",
     "documented: the contract to the letter; observed: as the service was "
     "recorded",
     "documented", &SetBehavior},
    {"policy-checks", "what a policy is held to: none, json, grammar or glue",
     "glue", &SetPolicyChecks},
    {"number-limit", "security configurations per account and region", "250",
     &SetNumberLimit},
    {"storage", "where the records are: memory", "memory", &SetStorage},
    {"credentials",
     "a credentials file of the SDKs; every signature is verified then", "",
     &SetCredentials},
    {"log", "a line for each request: json, text or off", "text", &SetLog},
    {"threads", "threads that serve", "2", &SetThreads},
    {"control", "offer the endpoints for test harnesses below /_glue_security/",
     nullptr, &SetControl},
};

po::options_description Describe() {
  po::options_description all(
      "glue-security-server: a mock of AWS Glue's Security API.\nIt prints its "
      "URL when it is ready, and ends on SIGTERM when it has answered what was "
      "sent.\n");
  all.add_options()("help", "this text");
  for (const Flag& flag : kFlags) {
    if (flag.default_value == nullptr) {
      all.add_options()(flag.name, flag.help);
    } else {
      all.add_options()(
          flag.name,
          po::value<std::string>()->default_value(flag.default_value),
          flag.help);
    }
  }
  return all;
}

// The options of a command line, as they stand there; nothing is checked but
// that there are such flags, and that those have values that take one.
absl::StatusOr<std::vector<po::option>> Split(
    int argc, const char* const* argv, const po::options_description& flags) {
  // No abbreviations: a flag that comes later must not change what one means.
  constexpr auto kStyle = po::command_line_style::unix_style &
                          ~po::command_line_style::allow_guessing;
  try {
    return po::command_line_parser(argc, argv)
        .options(flags)
        .positional({})
        .style(kStyle)
        .run()
        .options;
  } catch (const po::error& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

absl::Status SetFlag(const Flag& flag, const std::vector<po::option>& given,
                     ProgramOptions* options) {
  std::vector<std::string> values;
  for (const po::option& option : given) {
    if (option.string_key != flag.name) continue;
    values.push_back(option.value.empty() ? "" : option.value.front());
  }
  if (values.size() > 1 && !flag.repeats) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag.name, " is given twice"));
  }
  if (values.empty() && flag.default_value != nullptr && !flag.repeats) {
    values.emplace_back(flag.default_value);
  }
  for (const std::string& value : values) {
    const std::string error = flag.set(value, options);
    if (!error.empty()) return absl::InvalidArgumentError(error);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ProgramOptions> ParseFlags(int argc, const char* const* argv) {
  const po::options_description description = Describe();
  const auto given = Split(argc, argv, description);
  if (!given.ok()) return given.status();
  ProgramOptions options;
  for (const po::option& option : *given) {
    if (option.string_key != "help") continue;
    std::ostringstream text;
    text << description;
    options.help = text.str();
    return options;
  }
  for (const Flag& flag : kFlags) {
    if (auto status = SetFlag(flag, *given, &options); !status.ok()) {
      return status;
    }
  }
  return options;
}

}  // namespace glue_security
