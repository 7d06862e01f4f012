// What the program makes of being a process: its standard files, the signals
// that end it, and its exit status.

#ifndef GLUE_SECURITY_SERVER_BINARY_PROCESS_H_
#define GLUE_SECURITY_SERVER_BINARY_PROCESS_H_

#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace glue_security {

// Exit statuses; docs/clients.md lists them, too.
inline constexpr int kExitOk = 0;
// A flag is wrong, nothing can listen, or the URL cannot be printed.
inline constexpr int kExitNotStarted = 2;
// The deadline of the end was over before everything was answered.
inline constexpr int kExitDeadline = 3;
// Plus its number: a second signal.
inline constexpr int kExitSignal = 128;

// Fills the descriptors 0 to 2 that are closed, so that no socket lands on one.
// Those of 1 and 2 cannot be written: what is printed there fails as it did.
// Ignores SIGPIPE: a pipe without a reader is an error of the write.
// REQUIRES: no other thread runs. False: the system gives no descriptor.
bool PrepareStandardFiles();

// Writes `text` to the standard output. Errors: kUnavailable, with the system's
// reason.
absl::Status Print(absl::string_view text);

// Writes "glue-security-server: ", `message` and the end of the line to the
// standard error if that can be done without waiting.
void PrintError(absl::string_view message);

// SIGTERM and SIGINT. The first asks for the end; `deadline` later, or at a
// second one, the process ends whatever its threads do.
class EndSignals {
 public:
  // Blocks both in this thread and those that it starts from here on, and waits
  // for them in one of its own. Errors: kResourceExhausted where the system
  // gives no thread. REQUIRES: no other thread runs.
  static absl::StatusOr<std::unique_ptr<EndSignals>> Start(
      absl::Duration deadline);

  // Returns when the first has come.
  void Wait();

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    bool has_come = false;
  };

  EndSignals() = default;

  // The thread, which ends with the process, and so later than this.
  [[noreturn]] static void Run(const sigset_t& ends, absl::Duration deadline,
                               const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_BINARY_PROCESS_H_
