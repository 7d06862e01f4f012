// The program as a process: its standard files, the signals that end it, and
// its exit statuses.

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
// A flag is wrong, the server cannot listen, or the URL cannot be printed.
inline constexpr int kExitNotStarted = 2;
// The deadline passed before everything was answered.
inline constexpr int kExitDeadline = 3;
// A second signal came; its number is added to this.
inline constexpr int kExitSignal = 128;

// Opens the descriptors 0 to 2 that are closed, so that no socket gets their
// numbers. Writing to such a descriptor 1 or 2 still fails. Ignores SIGPIPE, so
// that writing to a pipe without a reader is an error. Returns false when the
// system has no descriptor. REQUIRES: no other thread runs.
bool PrepareStandardFiles();

// Writes `text` to the standard output. Errors: kUnavailable, with the system's
// reason.
absl::Status Print(absl::string_view text);

// Writes "glue-security-server: ", `message` as one line of visible ASCII, and
// a line end to the standard error if that is possible without waiting.
void PrintError(absl::string_view message);

// Tells the service manager that the server is ready, as sd_notify(3) does:
// sends "READY=1" to the socket that NOTIFY_SOCKET in the environment names.
// Does nothing without that variable. Errors: kInvalidArgument unless its value
// is a path, or "@" and a name, of at most 107 bytes in all; kUnavailable, with
// the system's reason.
absl::Status NotifyReady();

// Handles SIGTERM and SIGINT. The first signal requests the end. After
// `deadline`, or at a second signal, the process ends whatever its threads do.
class EndSignals {
 public:
  // Blocks both signals in this thread and the threads that it starts later,
  // and waits for them in a thread of its own. Errors: kResourceExhausted when
  // the system has no thread. REQUIRES: no other thread runs.
  static absl::StatusOr<std::unique_ptr<EndSignals>> Start(
      absl::Duration deadline);

  // Waits for the first signal.
  void Wait();

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    bool has_come = false;
  };

  EndSignals() = default;

  // Runs on the thread, which ends with the process and so outlives this
  // object.
  [[noreturn]] static void Run(const sigset_t& ends, absl::Duration deadline,
                               const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_BINARY_PROCESS_H_
