// glue-security-server: a mock of AWS Glue's Security API. `--help` lists the
// flags. When it is ready it prints one line, its URL.

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "glue_security/engine/engine.h"
#include "glue_security/server/binary/flags.h"
#include "glue_security/server/binary/memory_state.h"
#include "glue_security/server/control.h"
#include "glue_security/server/request_log.h"
#include "glue_security/server/server.h"
#include "glue_security/simulation/adjustable_clock.h"
#include "glue_security/storage/memory_storage.h"

namespace glue_security {
namespace {

void LogText(const RequestRecord& record, absl::Duration latency) {
  std::cerr << TextLogLine(record, latency, absl::Now());
}

void LogJson(const RequestRecord& record, absl::Duration latency) {
  std::cerr << JsonLogLine(record, latency, absl::Now());
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

int Fail(absl::string_view message) {
  std::cerr << "glue-security-server: " << message << "\n";
  return 2;
}

int Main(ProgramOptions options) {
  // Before any thread starts, so that all of them leave the two to sigwait.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, nullptr);

  if (options.log == ProgramOptions::Log::kText) {
    options.server.log = &LogText;
  } else if (options.log == ProgramOptions::Log::kJson) {
    options.server.log = &LogJson;
  }
  RaiseDescriptorLimit(&options.server);
  MemoryStorage storage;
  MemoryState state(&storage);
  AdjustableClock clock;
  if (options.control) options.engine.clock = &clock;
  Engine engine(&storage, std::move(options.engine));
  Control control(&engine, &state, &clock);
  if (options.control) options.server.control = &control;
  auto server = Server::Start(&engine, std::move(options.server));
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
  auto options = glue_security::ParseFlags(argc, argv);
  if (!options.ok()) return glue_security::Fail(options.status().message());
  if (!options->help.empty()) {
    std::cout << options->help;
    return 0;
  }
  return glue_security::Main(*std::move(options));
}
