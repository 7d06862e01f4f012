// glue-security-server: a mock of AWS Glue's Security API. `--help` lists the
// flags. When it is ready it prints one line, its URL, and, if it has made a
// token for control, a second line with the header that carries the token.

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glue_security/access/policy_authorizer.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/clock.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/control/controlled_keys.h"
#include "glue_security/control/storage_state.h"
#include "glue_security/encryption/http_kms/http_kms.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/keys/local_kms_options.h"
#include "glue_security/engine/engine.h"
#include "glue_security/engine/engine_options.h"
#include "glue_security/flags/user_folder.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/setting.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/server/binary/flags.h"
#include "glue_security/server/binary/process.h"
#include "glue_security/server/control.h"
#include "glue_security/server/log_writer.h"
#include "glue_security/server/request_guard.h"
#include "glue_security/server/request_log.h"
#include "glue_security/server/server.h"
#include "glue_security/server/storage_metrics_text.h"
#include "glue_security/storage/further/further_storages.h"
#include "glue_security/storage/storage.h"
#include "glue_security/storage/storage_metrics.h"
#include "glue_security/storage/url/storage_from_url.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {
namespace {

// The time that the end takes besides the time for calls: that of the log, and
// some more.
constexpr absl::Duration kEndGrace = absl::Seconds(3);

// Allows as many connections as the system allows this process.
void RaiseDescriptorLimit(ServerOptions* options) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  // The descriptors for other files; at most half of all.
  const rlim_t others = std::min<rlim_t>(64, limit.rlim_cur / 2);
  options->listener.connections_max =
      std::min<size_t>(options->listener.connections_max,
                       static_cast<size_t>(limit.rlim_cur - others));
}

int Fail(absl::string_view message) {
  PrintError(message);
  return kExitNotStarted;
}

// Starts the log of requests and makes the server write to it. Returns null
// when it is off.
absl::StatusOr<std::unique_ptr<LogWriter>> StartLog(ProgramOptions* options) {
  if (options->log == ProgramOptions::Log::kOff) return nullptr;
  const bool json = options->log == ProgramOptions::Log::kJson;
  options->log_queue.dropped_line = [json](uint64_t lines) {
    return json ? JsonDroppedLine(lines, absl::Now())
                : TextDroppedLine(lines, absl::Now());
  };
  auto log = LogWriter::Start(STDERR_FILENO, options->log_queue);
  if (!log.ok()) return log.status();
  options->server.log = [json, raw = log->get()](const RequestRecord& record,
                                                 absl::Duration latency) {
    raw->Write(json ? JsonLogLine(record, latency, absl::Now())
                    : TextLogLine(record, latency, absl::Now()));
  };
  options->server.dropped_log_lines = [raw = log->get()] {
    return raw->dropped_lines();
  };
  return log;
}

// Makes all threads use one heap. With one heap per thread, memory that the
// history frees in one heap cannot be used by a call in another, and the
// process holds much more than the bound of the history. A call takes a few
// percent longer when several threads are busy.
void ShareTheHeap() { mallopt(M_ARENA_MAX, 1); }

// An engine over the storage of the program, with its own authorizer.
class ServedEngine : public Backend {
 public:
  // REQUIRES: all outlive this object.
  ServedEngine(Storage* storage, const ProgramOptions& options, Clock* clock,
               KeyService* keys, const BackendSettings& settings)
      : authorizer_(
            [&options](const OperationAccess& access) {
              return options.identities.Decide(access);
            },
            settings.behavior),
        engine_(storage, OptionsOf(options, clock, keys, settings)) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    return engine_.Execute(caller, request);
  }

 private:
  EngineOptions OptionsOf(const ProgramOptions& options, Clock* clock,
                          KeyService* keys,
                          const BackendSettings& settings) const {
    EngineOptions engine;
    engine.behavior = settings.behavior;
    engine.limits = settings.limits;
    engine.clock = clock;
    engine.key_service = keys;
    if (options.authorizes) engine.authorizer = &authorizer_;
    return engine;
  }

  const PolicyAuthorizer authorizer_;
  Engine engine_;
};

// The bounds of the keys, so that clients cannot fill the memory with them.
constexpr size_t kKeysMax = 10'000;
constexpr size_t kGrantsPerKeyMax = 1'000;

// The key service of the program: a LocalKms, or one behind an endpoint.
class Keys {
 public:
  // REQUIRES: both outlive this object.
  Keys(const ProgramOptions& options, Clock* clock)
      : local_(OptionsOf(options, clock)) {
    if (options.kms_url.empty()) return;
    // The flag was checked.
    remote_ = *HttpKms::Create(options.kms_url, {});
  }

  // Returns null when the keys are behind an endpoint.
  LocalKms* local() { return remote_ == nullptr ? &local_ : nullptr; }
  KeyService* service() {
    return remote_ == nullptr ? static_cast<KeyService*>(&local_)
                              : remote_.get();
  }

 private:
  static LocalKmsOptions OptionsOf(const ProgramOptions& options,
                                   Clock* clock) {
    LocalKmsOptions local;
    local.clock = clock;
    local.limits.keys_max = kKeysMax;
    local.limits.keys_in_all_max = kKeysMax;
    local.limits.grants_per_key_max = kGrantsPerKeyMax;
    if (options.authorizes) {
      local.identity = [&options](const AuthorizationRequest& request) {
        return options.identities.Decide(request);
      };
    }
    return local;
  }

  LocalKms local_;
  std::unique_ptr<HttpKms> remote_;
};

int Run(ProgramOptions options) {
  if (options.has_control) ShareTheHeap();
  auto signals =
      EndSignals::Start(options.server.listener.drain_max + kEndGrace);
  if (!signals.ok()) return Fail(signals.status().message());
  RaiseDescriptorLimit(&options.server);
  const auto log = StartLog(&options);
  if (!log.ok()) return Fail(log.status().message());
  StorageMetrics storage_metrics;
  options.storage.metrics = &storage_metrics;
  options.storage.kinds = FurtherStorages();
  auto storage = StorageFromUrl(options.storage_url, options.storage);
  if (!storage.ok()) return Fail(storage.status().message());
  FakeClock fake_clock;
  Clock* const clock = options.has_control ? &fake_clock : Clock::System();
  Keys keys(options, clock);
  ControlledKeys controlled_keys(keys.service());
  const auto state =
      MakeStorageState(*storage, options.snapshots, keys.local());
  const bool is_durable = storage->storage->durability() != Durability::kNone;
  if (is_durable && keys.local() != nullptr) {
    PrintError(
        "the keys of --kms=local end with the server: records that they "
        "encrypt "
        "cannot be decrypted by the next one");
  }
  if (options.authorizes && options.credentials_path.empty()) {
    PrintError(
        "--authorize without --credentials: every caller is the root user of "
        "its account, whose identity policies allow everything");
  }
  options.control.settings = options.settings;
  options.control.make_backend = [&](const BackendSettings& settings) {
    return std::make_unique<ServedEngine>(storage->storage.get(), options,
                                          clock, &controlled_keys, settings);
  };
  const auto engine = options.control.make_backend(options.settings);
  options.control.keys = &controlled_keys;
  options.control.storage = &*storage;
  Control control(engine.get(), state.get(), &fake_clock, options.control);
  if (options.has_control) options.server.control = &control;
  options.server.front_end.kms = options.answers_kms ? keys.local() : nullptr;
  options.server.more_metrics = [&controlled_keys, &storage_metrics,
                                 is_durable] {
    std::string text = controlled_keys.MetricsText();
    if (is_durable) AppendStorageMetrics(storage_metrics, &text);
    return text;
  };
  const bool makes_token = options.server.guard.control_token.empty();
  auto server = Server::Start(engine.get(), std::move(options.server));
  if (!server.ok()) return Fail(server.status().message());
  std::string ready = absl::StrCat((*server)->url(), "\n");
  if (makes_token && !(*server)->control_token().empty()) {
    absl::StrAppend(&ready, kControlTokenHeader, ": ",
                    (*server)->control_token(), "\n");
  }
  const auto printed = Print(ready);
  if (!printed.ok()) return Fail(printed.message());
  // A service manager that does not hear of it ends the server in time.
  const auto notified = NotifyReady();
  if (!notified.ok()) PrintError(notified.message());
  (*signals)->Wait();
  const bool all_ended = (*server)->Stop();
  if (*log != nullptr) (*log)->Close();
  if (all_ended) return kExitOk;
  // A call still runs and uses objects that would be destroyed here.
  PrintError("a call did not end in time");
  _exit(kExitDeadline);
}

// The exception boundary: an exception during the start is reported in one
// line.
int Main(int argc, const char* const* argv) {
  if (!PrepareStandardFiles()) return kExitNotStarted;
  EnterUserFolder();
  try {
    auto options = ParseFlags(argc, argv);
    if (!options.ok()) return Fail(options.status().message());
    if (options->information.empty()) return Run(*std::move(options));
    const auto printed = Print(options->information);
    return printed.ok() ? kExitOk : Fail(printed.message());
  } catch (const std::exception& error) {
    return Fail(error.what());
  }
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) { return glue_security::Main(argc, argv); }
