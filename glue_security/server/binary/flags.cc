#include "glue_security/server/binary/flags.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "boost/asio/ip/address.hpp"
#include "boost/program_options.hpp"
#include "glue_security/http/credentials.h"
#include "glue_security/model/behavior.h"
#include "glue_security/policy/arn.h"
#include "glue_security/server/request_guard.h"

namespace glue_security {
namespace {

namespace po = boost::program_options;

// The largest values of flags that bound a number or bytes.
constexpr int64_t kNumberMax = 1'000'000'000;
constexpr int64_t kBytesMax = 1'000'000'000'000;

enum class Takes {
  // A switch, which is off unless it is given.
  kNothing,
  kOneValue,
  // The flag may be given several times; its values are set one after another.
  kValues,
};

// One flag. `set` sets its value and returns a readable error, or "" for none.
struct Flag {
  const char* name;
  const char* help;
  Takes takes;
  // The value that is set when the flag is not given; null for none.
  const char* default_value;
  std::string (*set)(const std::string& value, ProgramOptions* options);
};

// Returns the contents of the credentials file, or of a policy that it names.
// Refuses a file that is too large to be one.
absl::StatusOr<std::string> ReadFile(const std::string& path) {
  constexpr size_t kFileBytesMax = size_t{1024} * 1024;
  const auto error = [&path](const std::string& why) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", path, ": ", why));
  };
  const auto system_error = [&error] {
    return error(std::generic_category().message(errno));
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(path.c_str(), "re"), &std::fclose);
  if (file == nullptr) return system_error();
  std::string text(kFileBytesMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return system_error();
  if (text.size() > kFileBytesMax) {
    return error("the file is larger than 1 MiB");
  }
  return text;
}

// Sets a number from `min` to `max`. Returns a readable error, or "" for none.
std::string SetNumber(const char* flag, const std::string& value, int64_t min,
                      int64_t max, int64_t* number) {
  int64_t parsed = 0;
  if (!absl::SimpleAtoi(value, &parsed) || parsed < min || parsed > max) {
    return absl::StrCat("--", flag, " must be a number from ", min, " to ",
                        max);
  }
  *number = parsed;
  return "";
}

// Sets an unsigned bound as `SetNumber` sets a number.
std::string SetBound(const char* flag, const std::string& value, int64_t min,
                     int64_t max, size_t* bound) {
  int64_t number = 0;
  std::string error = SetNumber(flag, value, min, max, &number);
  *bound = static_cast<size_t>(number);
  return error;
}

std::string SetPort(const std::string& value, ProgramOptions* options) {
  int64_t port = 0;
  std::string error = SetNumber("port", value, 0, UINT16_MAX, &port);
  options->server.listener.port = static_cast<uint16_t>(port);
  return error;
}

std::string SetBind(const std::string& value, ProgramOptions* options) {
  boost::system::error_code error;
  boost::asio::ip::make_address(value, error);
  if (error) return "--bind must be an IPv4 or IPv6 address of this machine";
  options->server.listener.address = value;
  return "";
}

std::string SetAccountId(const std::string& value, ProgramOptions* options) {
  if (!IsAccountId(value)) return "--account-id must be 12 digits";
  options->server.front_end.default_account_id = value;
  return "";
}

std::string SetBehavior(const std::string& value, ProgramOptions* options) {
  Behavior& behavior = options->engine.behavior;
  if (value == "documented") {
    behavior = Behavior::Documented();
  } else if (value == "observed") {
    behavior = Behavior::Observed();
  } else if (value == "current") {
    behavior = Behavior::Current();
  } else {
    return "--behavior must be documented, observed or current";
  }
  return "";
}

// A date that is not known is refused, since its model is not known either.
std::string SetApiDate(const std::string& value, ProgramOptions* options) {
  absl::CivilDay date;
  // The parser also takes other spellings of a date.
  if (!absl::ParseCivilTime(value, &date) ||
      absl::FormatCivilTime(date) != value || date < kContractDate ||
      date > kNewestApiDate) {
    return absl::StrCat("--api-date must be a date from ",
                        absl::FormatCivilTime(kContractDate), " to ",
                        absl::FormatCivilTime(kNewestApiDate));
  }
  options->engine.behavior.api_date = date;
  return "";
}

std::string SetStrict(const std::string& /*value*/, ProgramOptions* options) {
  options->engine.behavior.refuse_unknown_members = true;
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
    return "--policy-checks must be none, json, grammar or glue";
  }
  return "";
}

std::string SetNumberLimit(const std::string& value, ProgramOptions* options) {
  return SetNumber("number-limit", value, 0, kNumberMax,
                   &options->engine.limits.security_configurations_max);
}

std::string SetStorage(const std::string& value, ProgramOptions* /*options*/) {
  return value == "memory" ? "" : "--storage must be memory";
}

std::string SetCredentials(const std::string& path, ProgramOptions* options) {
  if (path.empty()) return "--credentials must be the path of a file";
  const auto text = ReadFile(path);
  if (!text.ok()) {
    return absl::StrCat("--credentials: ", text.status().message());
  }
  auto credentials = ParseCredentials(*text);
  if (!credentials.ok()) {
    return absl::StrCat("--credentials: ", path, ": ",
                        credentials.status().message());
  }
  options->server.front_end.credentials = *std::move(credentials);
  options->credentials_path = path;
  return "";
}

std::string SetAuthorize(const std::string& /*value*/,
                         ProgramOptions* options) {
  options->authorizes = true;
  options->server.front_end.callers_are_root = true;
  const auto& credentials = options->server.front_end.credentials;
  if (!credentials.has_value()) return "";
  const std::string& path = options->credentials_path;
  // Up to the last slash; empty when there is none.
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  auto table = IdentityTable::Create(*credentials, folder, ReadFile);
  if (!table.ok()) {
    return absl::StrCat("--credentials: ", table.status().message());
  }
  options->identities = *std::move(table);
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
    return "--log must be json, text or off";
  }
  return "";
}

std::string SetLogQueueBytes(const std::string& value,
                             ProgramOptions* options) {
  return SetBound("log-queue-bytes", value, 1024, kNumberMax,
                  &options->log_queue.queue_bytes_max);
}

std::string SetLogQueueLines(const std::string& value,
                             ProgramOptions* options) {
  return SetBound("log-queue-lines", value, 1, 10'000'000,
                  &options->log_queue.queue_lines_max);
}

// The minimum has room for the longest body and the longest answer.
std::string SetBufferedBytes(const std::string& value,
                             ProgramOptions* options) {
  return SetBound("buffered-bytes", value, 16 << 20, kBytesMax,
                  &options->server.listener.buffered_bytes_max);
}

std::string SetCatalogLimit(const std::string& value, ProgramOptions* options) {
  return SetBound("catalog-limit", value, 0, kNumberMax,
                  &options->storage.catalogs_max);
}

std::string SetHistoryCalls(const std::string& value, ProgramOptions* options) {
  return SetBound("history-calls", value, 0, kNumberMax,
                  &options->control.history.calls_max);
}

std::string SetHistoryBytes(const std::string& value, ProgramOptions* options) {
  return SetBound("history-bytes", value, 0, kBytesMax,
                  &options->control.history.bytes_max);
}

std::string SetSnapshotLimit(const std::string& value,
                             ProgramOptions* options) {
  return SetBound("snapshot-limit", value, 0, kNumberMax,
                  &options->snapshots.snapshots_max);
}

std::string SetSnapshotBytes(const std::string& value,
                             ProgramOptions* options) {
  return SetBound("snapshot-bytes", value, 0, kBytesMax,
                  &options->snapshots.snapshot_bytes_max);
}

std::string SetStopSeconds(const std::string& value, ProgramOptions* options) {
  int64_t seconds = 0;
  std::string error = SetNumber("stop-seconds", value, 0, 86'400, &seconds);
  options->server.listener.drain_max = absl::Seconds(seconds);
  return error;
}

std::string SetThreads(const std::string& value, ProgramOptions* options) {
  int64_t threads = 0;
  std::string error = SetNumber("threads", value, 1, 256, &threads);
  options->server.listener.threads = static_cast<int>(threads);
  return error;
}

std::string SetControl(const std::string& /*value*/, ProgramOptions* options) {
  options->has_control = true;
  return "";
}

std::string SetControlToken(const std::string& value, ProgramOptions* options) {
  if (auto status = CheckControlToken(value); !status.ok()) {
    return absl::StrCat("--control-token: ", status.message());
  }
  options->server.guard.control_token = value;
  return "";
}

std::string SetAllowHost(const std::string& value, ProgramOptions* options) {
  if (auto status = CheckAllowedHost(value); !status.ok()) {
    return absl::StrCat("--allow-host: ", status.message());
  }
  options->server.guard.allowed_hosts.push_back(value);
  return "";
}

// The flags, in the order of --help. Their values are set in this order, too.
constexpr Flag kFlags[] = {
    {"port", "port to listen on; 0 lets the system choose one",
     Takes::kOneValue, "4566", &SetPort},
    {"bind", "address to listen on; by default, this machine only",
     Takes::kOneValue, "127.0.0.1", &SetBind},
    {"account-id", "account of calls whose access key is not 12 digits",
     Takes::kOneValue, "123456789012", &SetAccountId},
    // The flags that change a part of the behavior follow it.
    {"behavior",
     "documented: the contract of 2019 to the letter; observed: what the "
     "service was recorded doing; current: that with the newest model",
     Takes::kOneValue, "current", &SetBehavior},
    {"api-date",
     "day, as 2024-02-05, whose model of the service is in force; by default, "
     "that of the behavior",
     Takes::kOneValue, nullptr, &SetApiDate},
    {"strict", "refuse requests with a member that is not in force",
     Takes::kNothing, nullptr, &SetStrict},
    {"policy-checks", "checks of policies: none, json, grammar or glue",
     Takes::kOneValue, "glue", &SetPolicyChecks},
    {"number-limit", "limit of security configurations per account and region",
     Takes::kOneValue, "250", &SetNumberLimit},
    {"catalog-limit",
     "limit of catalogs with records, over all accounts and regions",
     Takes::kOneValue, "100000", &SetCatalogLimit},
    {"storage", "where records are kept: memory", Takes::kOneValue, "memory",
     &SetStorage},
    {"credentials",
     "a credentials file of the SDKs; every signature is then verified",
     Takes::kOneValue, nullptr, &SetCredentials},
    {"authorize",
     "refuse calls that the policy of the catalog, or the identity policies of "
     "the credentials file, do not allow",
     Takes::kNothing, nullptr, &SetAuthorize},
    {"log", "a line for each request: json, text or off", Takes::kOneValue,
     "text", &SetLog},
    {"log-queue-bytes",
     "bytes of log lines that may wait to be written; further lines are "
     "dropped and counted",
     Takes::kOneValue, "1048576", &SetLogQueueBytes},
    {"log-queue-lines", "number of log lines that may wait to be written",
     Takes::kOneValue, "10000", &SetLogQueueLines},
    {"buffered-bytes", "bytes of pending requests and answers; 503 beyond",
     Takes::kOneValue, "67108864", &SetBufferedBytes},
    {"threads", "threads that serve", Takes::kOneValue, "2", &SetThreads},
    {"stop-seconds",
     "seconds that calls under way may take after SIGTERM or SIGINT",
     Takes::kOneValue, "10", &SetStopSeconds},
    {"control", "offer the endpoints for test harnesses below /_glue_security/",
     Takes::kNothing, nullptr, &SetControl},
    {"control-token",
     "token that requests to control need in x-glue-security-token; by "
     "default, none on a loopback address; on others, a random one, printed "
     "below the URL",
     Takes::kOneValue, nullptr, &SetControlToken},
    {"history-calls",
     "number of calls that control's history keeps, the latest ones",
     Takes::kOneValue, "100000", &SetHistoryCalls},
    {"history-bytes", "bytes of memory for control's history", Takes::kOneValue,
     "67108864", &SetHistoryBytes},
    {"snapshot-limit", "number of snapshots that control keeps",
     Takes::kOneValue, "100", &SetSnapshotLimit},
    {"snapshot-bytes", "bytes of records in all snapshots", Takes::kOneValue,
     "268435456", &SetSnapshotBytes},
    {"allow-host",
     "NAME or NAME:PORT by which clients may call this server, besides "
     "localhost, 127.0.0.1 and [::1]; * allows every name; may be repeated",
     Takes::kValues, nullptr, &SetAllowHost},
};

po::options_description Describe() {
  po::options_description all(
      "glue-security-server: a mock of AWS Glue's Security API.\nIt prints its "
      "URL when it is ready. On SIGTERM or SIGINT it ends once it has answered "
      "what was sent; a second signal ends it at once.\n");
  all.add_options()("help", "show this text");
  for (const Flag& flag : kFlags) {
    if (flag.takes == Takes::kNothing) {
      all.add_options()(flag.name, flag.help);
      continue;
    }
    auto* const value = po::value<std::string>();
    if (flag.default_value != nullptr) value->default_value(flag.default_value);
    all.add_options()(flag.name, value, flag.help);
  }
  return all;
}

// Splits a command line into options. Checks only that the flags exist and have
// a value if they take one.
absl::StatusOr<std::vector<po::option>> Split(
    int argc, const char* const* argv, const po::options_description& flags) {
  // No abbreviations, because a future flag could change the meaning of one.
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
  if (values.size() > 1 && flag.takes == Takes::kOneValue) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag.name, " is given twice"));
  }
  if (values.empty() && flag.default_value != nullptr) {
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
  if (!options.has_control && !options.server.guard.control_token.empty()) {
    return absl::InvalidArgumentError("--control-token needs --control");
  }
  // No flag sets this copy itself, so that both are always the same.
  options.server.front_end.behavior = options.engine.behavior;
  return options;
}

}  // namespace glue_security
