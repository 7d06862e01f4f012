#include "glue_security/server/binary/process.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// Runs `body` in a process of its own and returns that process's status; 99
// when `body` returns.
int StatusOf(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    body();
    _exit(99);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::unique_ptr<EndSignals> Start(absl::Duration deadline) {
  auto signals = EndSignals::Start(deadline);
  if (!signals.ok()) std::abort();
  return *std::move(signals);
}

void Raise(int signal) {
  if (kill(getpid(), signal) != 0) std::abort();
}

// The thread for signals continues; sanitizers would see it use the destroyed
// object.
TEST(EndSignalsTest, AfterTheFirst_CanBeDestroyed) {
  for (const int signal : {SIGTERM, SIGINT}) {
    EXPECT_EQ(StatusOf([signal] {
                auto signals = Start(absl::Hours(1));
                Raise(signal);
                signals->Wait();
                signals.reset();
                absl::SleepFor(absl::Milliseconds(100));
              }),
              99);
  }
}

TEST(EndSignalsTest, ASecondOne_EndsTheProcess) {
  for (const int first : {SIGTERM, SIGINT}) {
    for (const int second : {SIGTERM, SIGINT}) {
      EXPECT_EQ(StatusOf([first, second] {
                  const auto signals = Start(absl::Hours(1));
                  Raise(first);
                  signals->Wait();
                  Raise(second);
                  pause();
                }),
                kExitSignal + second);
    }
  }
}

TEST(EndSignalsTest, TheDeadline_EndsTheProcess) {
  EXPECT_EQ(StatusOf([] {
              const auto signals = Start(absl::Milliseconds(1));
              Raise(SIGTERM);
              signals->Wait();
              pause();
            }),
            kExitDeadline);
}

TEST(EndSignalsTest, WithoutASignal_NothingEnds) {
  EXPECT_EQ(StatusOf([] {
              const auto signals = Start(absl::ZeroDuration());
              absl::SleepFor(absl::Milliseconds(100));
            }),
            99);
}

// Sets NOTIFY_SOCKET until the end of its scope.
class NotifySocketVariable {
 public:
  explicit NotifySocketVariable(const std::string& value) {
    EXPECT_EQ(setenv("NOTIFY_SOCKET", value.c_str(), 1), 0);
  }
  ~NotifySocketVariable() { unsetenv("NOTIFY_SOCKET"); }
};

// Binds a socket to `name`, calls NotifyReady, and returns what it sends there,
// or the error.
absl::StatusOr<std::string> Notified(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, name.size());
  socklen_t size = sizeof(address);
  if (name[0] == '@') {
    address.sun_path[0] = '\0';
    size =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  }
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  EXPECT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), size), 0);
  const NotifySocketVariable variable(name);
  const absl::Status status = NotifyReady();
  char buffer[64];
  const ssize_t received = recv(fd, buffer, sizeof(buffer), 0);
  close(fd);
  if (!status.ok()) return status;
  return std::string(
      buffer, static_cast<size_t>(std::max(received, static_cast<ssize_t>(0))));
}

TEST(NotifyReadyTest, APath_IsTold) {
  char folder[] = "/tmp/notify-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string path = absl::StrCat(folder, "/socket");
  const auto told = Notified(path);
  unlink(path.c_str());
  rmdir(folder);
  ASSERT_EQ(told.status(), absl::OkStatus());
  EXPECT_EQ(*told, "READY=1");
}

TEST(NotifyReadyTest, ANameThatIsNoPath_IsTold) {
  const std::string name = absl::StrCat("@glue-security-", getpid());
  for (const size_t size : {name.size(), size_t{107}}) {
    std::string padded = name;
    padded.resize(size, 'x');
    const auto told = Notified(padded);
    ASSERT_EQ(told.status(), absl::OkStatus()) << padded;
    EXPECT_EQ(*told, "READY=1") << padded;
  }
}

TEST(NotifyReadyTest, WithoutTheVariable_NothingIsSent) {
  ASSERT_EQ(unsetenv("NOTIFY_SOCKET"), 0);
  EXPECT_EQ(NotifyReady(), absl::OkStatus());
}

TEST(NotifyReadyTest, AnotherValue_IsInvalid) {
  for (const std::string& value :
       {std::string(), std::string("vsock:2:1234"), std::string("relative"),
        "/" + std::string(107, 'x'), "@" + std::string(107, 'x')}) {
    const NotifySocketVariable variable(value);
    EXPECT_EQ(NotifyReady().code(), absl::StatusCode::kInvalidArgument)
        << value;
  }
}

TEST(NotifyReadyTest, ASocketThatIsMissing_IsUnavailable) {
  const NotifySocketVariable variable("/nowhere/socket");
  EXPECT_EQ(NotifyReady(),
            absl::UnavailableError("cannot report readiness to NOTIFY_SOCKET: "
                                   "No such file or directory"));
}

}  // namespace
}  // namespace glue_security
