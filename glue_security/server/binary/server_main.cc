// glue-security-server: a mock of AWS Glue's Security API. `--help` lists the
// flags. When it is ready it prints one line, its URL.

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "boost/program_options.hpp"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/engine/engine.h"
#include "glue_security/engine/engine_options.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/server/control.h"
#include "glue_security/server/credentials.h"
#include "glue_security/server/server.h"
#include "glue_security/simulation/adjustable_clock.h"
#include "glue_security/storage/memory_storage.h"

namespace glue_security {
namespace {

namespace po = boost::program_options;

struct Flags {
  uint16_t port = 0;
  std::string bind;
  std::string account_id;
  std::string behavior;
  std::string policy_checks;
  int64_t number_limit = 0;
  std::string storage;
  std::string credentials;
  std::string log;
  int threads = 0;
  bool control = false;
};

po::options_description Describe(Flags* flags) {
  po::options_description all(
      "glue-security-server: a mock of AWS Glue's Security API.\nIt prints its "
      "URL when it is ready, and ends on SIGTERM when it has answered what was "
      "sent.\n");
  all.add_options()("help", "this text")(
      "port", po::value(&flags->port)->default_value(4566),
      "port to listen on; 0: the system picks one")(
      "bind", po::value(&flags->bind)->default_value("127.0.0.1"),
      "address to listen on; the default is this machine only")(
      "account-id",
      po::value(&flags->account_id)->default_value("123456789012"),
      "account of calls whose access key is not 12 digits")(
      "behavior", po::value(&flags->behavior)->default_value("documented"),
      "documented: the contract to the letter; observed: as the service was "
      "recorded")("policy-checks",
                  po::value(&flags->policy_checks)->default_value("glue"),
                  "what a policy is held to: none, json, grammar or glue")(
      "number-limit", po::value(&flags->number_limit)->default_value(250),
      "security configurations per account and region")(
      "storage", po::value(&flags->storage)->default_value("memory"),
      "where the records are: memory")(
      "credentials", po::value(&flags->credentials)->default_value(""),
      "a credentials file of the SDKs; every signature is verified then")(
      "log", po::value(&flags->log)->default_value("text"),
      "a line for each request: json, text or off")(
      "threads", po::value(&flags->threads)->default_value(2),
      "threads that serve")(
      "control", po::bool_switch(&flags->control),
      "offer the endpoints for test harnesses below /_glue_security/");
  return all;
}

// What is wrong with the flags, for a person.
struct FlagError {
  std::string message;
};

std::variant<EngineOptions, FlagError> ReadEngineOptions(const Flags& flags) {
  EngineOptions options;
  const std::string& behavior = flags.behavior;
  if (behavior == "observed") {
    options.behavior = Behavior::Observed();
  } else if (behavior != "documented") {
    return FlagError{"--behavior is documented or observed"};
  }
  const std::string& checks = flags.policy_checks;
  if (checks == "none") {
    options.behavior.policy_checks = PolicyChecks::kNone;
  } else if (checks == "json") {
    options.behavior.policy_checks = PolicyChecks::kJson;
  } else if (checks == "grammar") {
    options.behavior.policy_checks = PolicyChecks::kGrammar;
  } else if (checks == "glue") {
    options.behavior.policy_checks = PolicyChecks::kGlue;
  } else {
    return FlagError{"--policy-checks is none, json, grammar or glue"};
  }
  options.limits.security_configurations_max = flags.number_limit;
  if (flags.storage != "memory") {
    return FlagError{"--storage is memory"};
  }
  return options;
}

// What a client said, as one word of a line.
std::string Word(std::string text) {
  for (char& c : text) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) c = '?';
  }
  return text;
}

void LogText(const RequestRecord& record, absl::Duration latency) {
  std::cerr << absl::StrCat(
      absl::FormatTime(absl::Now(), absl::UTCTimeZone()), " ",
      record.request_id, " ", record.caller.account_id, " ",
      Word(record.caller.region), " ", OperationName(record.operation), " ",
      record.outcome, " ", absl::FormatDuration(latency), "\n");
}

void LogJson(const RequestRecord& record, absl::Duration latency) {
  std::string line = "{\"time\":";
  AppendJsonString(absl::FormatTime(absl::Now(), absl::UTCTimeZone()), &line);
  const std::pair<const char*, absl::string_view> members[] = {
      {"request_id", record.request_id},
      {"account", record.caller.account_id},
      {"region", record.caller.region},
      {"operation", OperationName(record.operation)},
      {"outcome", record.outcome},
  };
  for (const auto& [name, value] : members) {
    absl::StrAppend(&line, ",\"", name, "\":");
    AppendJsonString(value, &line);
  }
  absl::StrAppend(
      &line, ",\"microseconds\":", absl::ToInt64Microseconds(latency), "}\n");
  std::cerr << line;
}

std::variant<ServerOptions, FlagError> ReadServerOptions(const Flags& flags) {
  ServerOptions options;
  options.listener.address = flags.bind;
  options.listener.port = flags.port;
  options.listener.threads = flags.threads;
  options.front_end.default_account_id = flags.account_id;
  const std::string& log = flags.log;
  if (log == "text") {
    options.log = &LogText;
  } else if (log == "json") {
    options.log = &LogJson;
  } else if (log != "off") {
    return FlagError{"--log is json, text or off"};
  }
  const std::string& path = flags.credentials;
  if (path.empty()) return options;
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return FlagError{absl::StrCat("cannot read ", path)};
  auto credentials = ParseCredentials(text.str());
  if (!credentials.ok()) {
    return FlagError{absl::StrCat(path, ": ", credentials.status().message())};
  }
  options.front_end.credentials = *std::move(credentials);
  return options;
}

// As many connections as the system lets this process have.
void RaiseDescriptorLimit(ServerOptions* options) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t kOthers = 64;
  if (limit.rlim_cur > kOthers) {
    options->listener.connections_max =
        std::min<size_t>(options->listener.connections_max,
                         static_cast<size_t>(limit.rlim_cur - kOthers));
  }
}

// The storage's state, for a harness.
class MemoryState : public ControlledState {
 public:
  // REQUIRES: `storage` is empty, and outlives this.
  explicit MemoryState(MemoryStorage* storage)
      : storage_(*storage), empty_(storage->Fork()) {}

  void Reset() override { Use(*empty_); }
  void Save(const std::string& name) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    snapshots_[name] = storage_.Fork();
  }
  bool Restore(const std::string& name) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = snapshots_.find(name);
    if (found == snapshots_.end()) return false;
    Use(*found->second);
    return true;
  }
  bool Forget(const std::string& name) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return snapshots_.erase(name) > 0;
  }
  std::vector<std::string> Names() const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, snapshot] : snapshots_) names.push_back(name);
    return names;
  }

 private:
  // Fails only for a storage of another family.
  void Use(const MemoryStorage& state) {
    storage_.Restore(state).IgnoreError();
  }

  MemoryStorage& storage_;
  const std::unique_ptr<MemoryStorage> empty_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<MemoryStorage>> snapshots_;
};

int Fail(absl::string_view message) {
  std::cerr << "glue-security-server: " << message << "\n";
  return 2;
}

int Main(const Flags& flags) {
  auto engine_options = ReadEngineOptions(flags);
  if (auto* error = std::get_if<FlagError>(&engine_options)) {
    return Fail(error->message);
  }
  auto server_options = ReadServerOptions(flags);
  if (auto* error = std::get_if<FlagError>(&server_options)) {
    return Fail(error->message);
  }
  // Before any thread starts, so that all of them leave the two to sigwait.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, nullptr);

  auto& options = std::get<ServerOptions>(server_options);
  RaiseDescriptorLimit(&options);
  MemoryStorage storage;
  MemoryState state(&storage);
  AdjustableClock clock;
  auto& for_engine = std::get<EngineOptions>(engine_options);
  if (flags.control) for_engine.clock = &clock;
  Engine engine(&storage, std::move(for_engine));
  Control control(&engine, &state, &clock);
  if (flags.control) options.control = &control;
  auto server = Server::Start(&engine, std::move(options));
  if (!server.ok()) return Fail(server.status().message());
  std::cout << (*server)->url() << std::endl;
  int signal = 0;
  sigwait(&ends, &signal);
  (*server)->Stop();
  return 0;
}

}  // namespace
}  // namespace glue_security

// What is not caught is no mistake of whoever started it.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) {
  glue_security::Flags flags;
  const auto description = glue_security::Describe(&flags);
  namespace po = boost::program_options;
  po::variables_map values;
  try {
    // No abbreviations: a flag that comes later must not change what one means.
    constexpr auto kStyle = po::command_line_style::unix_style &
                            ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(argc, argv)
                  .options(description)
                  .positional({})
                  .style(kStyle)
                  .run(),
              values);
    po::notify(values);
  } catch (const po::error& error) {
    return glue_security::Fail(error.what());
  }
  if (values.count("help") > 0) {
    std::cout << description;
    return 0;
  }
  return glue_security::Main(flags);
}
