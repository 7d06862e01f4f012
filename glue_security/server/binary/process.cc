#include "glue_security/server/binary/process.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <string>
#include <system_error>
#include <thread>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/flags/one_line.h"

namespace glue_security {

bool PrepareStandardFiles() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // open() returns the lowest free descriptor, which is this one.
    if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
      return false;
    }
  }
  return std::signal(SIGPIPE, SIG_IGN) != SIG_ERR;
}

absl::Status Print(absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      return absl::UnavailableError(
          absl::StrCat("cannot print to the standard output: ",
                       std::generic_category().message(errno)));
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

void PrintError(absl::string_view message) {
  const std::string line =
      absl::StrCat("glue-security-server: ", OneLine(message), "\n");
  pollfd ready{STDERR_FILENO, POLLOUT, 0};
  if (poll(&ready, 1, 0) <= 0) return;
  // A line that cannot be written is lost.
  [[maybe_unused]] const ssize_t written =
      write(STDERR_FILENO, line.data(), line.size());
}

absl::Status NotifyReady() {
  const char* const variable = std::getenv("NOTIFY_SOCKET");
  if (variable == nullptr) return absl::OkStatus();
  const absl::string_view name = variable;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool is_abstract = absl::StartsWith(name, "@");
  if ((!is_abstract && !absl::StartsWith(name, "/")) ||
      name.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(
        "cannot report readiness: NOTIFY_SOCKET must be a path, or \"@\" and a "
        "name");
  }
  name.copy(address.sun_path, name.size());
  // A name that is not a path begins with a zero byte.
  if (is_abstract) address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) +
                                           name.size() + (is_abstract ? 0 : 1));
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  constexpr absl::string_view kReady = "READY=1";
  ssize_t sent = -1;
  if (fd >= 0) {
    do {
      sent = sendto(fd, kReady.data(), kReady.size(), MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&address), size);
    } while (sent < 0 && errno == EINTR);
  }
  const int error = errno;
  if (fd >= 0) close(fd);
  if (sent >= 0) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot report readiness to NOTIFY_SOCKET: ",
                   std::generic_category().message(error)));
}

absl::StatusOr<std::unique_ptr<EndSignals>> EndSignals::Start(
    absl::Duration deadline) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  auto signals = absl::WrapUnique(new EndSignals);
  try {
    std::thread([ends, deadline, state = signals->state_] {
      Run(ends, deadline, state);
    }).detach();
  } catch (const std::system_error& error) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot start a thread for signals: ", error.what()));
  }
  return signals;
}

void EndSignals::Run(const sigset_t& ends, absl::Duration deadline,
                     const std::shared_ptr<State>& state) {
  int signal = 0;
  while (sigwait(&ends, &signal) != 0) {
  }
  {
    const std::lock_guard<std::mutex> lock(state->mutex);
    state->has_come = true;
    state->changed.notify_all();
  }
  // Uses a clock that is never adjusted.
  const auto end =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(deadline);
  for (;;) {
    const absl::Duration left =
        absl::FromChrono(end - std::chrono::steady_clock::now());
    const timespec wait =
        absl::ToTimespec(std::max(left, absl::ZeroDuration()));
    signal = sigtimedwait(&ends, nullptr, &wait);
    if (signal > 0) _exit(kExitSignal + signal);
    if (errno == EAGAIN) break;
  }
  PrintError("the time to end is over, but some requests are not answered");
  _exit(kExitDeadline);
}

void EndSignals::Wait() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->changed.wait(lock, [this] { return state_->has_come; });
}

}  // namespace glue_security
