#include "glue_security/server/binary/process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
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

}  // namespace
}  // namespace glue_security
