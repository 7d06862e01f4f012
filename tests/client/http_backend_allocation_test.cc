// HttpBackend when memory runs out: the k-th allocation of a call fails, for
// k = 1 until no allocation is left to fail. Each call runs in a process of its
// own, which either ends with the one line of out_of_memory.h or prints the
// outcome of the call.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/client/http_backend.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/scripted_server.h"
#include "tests/support/failing_new.h"

namespace glue_security {
namespace {

using ::testing::AnyOf;
using ::testing::EndsWith;
using ::testing::StartsWith;

const Caller kCaller{"111122223333", "us-east-1", ""};

v1::Response Put(HttpBackend& backend) {
  v1::Request request;
  request.mutable_put_resource_policy()->set_policy_in_json("{}");
  return backend.Execute(kCaller, request);
}

// A `ScriptedServer` in a process of its own. This process has one thread, so
// that it can fork: with the address sanitizer, a child would wait forever for
// a lock of the allocator that another thread had held at the fork.
class ServerProcess {
 public:
  ServerProcess() {
    int asked[2];
    int told[2];
    EXPECT_EQ(pipe2(asked, O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(told, O_CLOEXEC), 0);
    process_ = fork();
    if (process_ == 0) {
      close(asked[1]);
      close(told[0]);
      Serve(asked[0], told[1]);
      _exit(0);
    }
    close(asked[0]);
    close(told[1]);
    ask_ = asked[1];
    answers_ = told[0];
    url_ = absl::StrCat("http://127.0.0.1:", Number());
  }
  ~ServerProcess() {
    close(ask_);
    close(answers_);
    EXPECT_EQ(waitpid(process_, nullptr, 0), process_);
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  const std::string& url() const { return url_; }

  // Returns how many whole requests have arrived.
  int64_t requests() {
    EXPECT_EQ(write(ask_, "?", 1), 1);
    return Number();
  }

 private:
  // Tells the port, and the number of requests whenever a byte arrives; ends
  // when nobody asks anymore.
  static void Serve(int asks, int answers) {
    const ScriptedServer server;
    const auto tell = [answers](int64_t number) {
      return write(answers, &number, sizeof(number)) == sizeof(number);
    };
    char byte;
    for (bool told = tell(server.port()); told && read(asks, &byte, 1) == 1;) {
      told = tell(static_cast<int64_t>(server.requests().size()));
    }
  }

  int64_t Number() const {
    int64_t number = 0;
    EXPECT_EQ(read(answers_, &number, sizeof(number)), sizeof(number));
    return number;
  }

  pid_t process_ = -1;
  int ask_ = -1;
  int answers_ = -1;
  std::string url_;
};

// Makes a call whose allocation `number` fails, then another call on the same
// backend. Returns the outcome of the first ("applied", "not applied",
// "unknown", or "none failed" when there are fewer allocations), a blank, and
// the hash that the second one got.
std::string CallInThisProcess(const std::string& url, int64_t number,
                              bool is_reused) {
  auto backend = HttpBackend::Create(url, {});
  if (!backend.ok()) return "no backend";
  if (is_reused && Put(**backend).has_error()) return "no first answer";
  v1::Request request;
  request.mutable_put_resource_policy()->set_policy_in_json("{}");
  v1::Response response;
  bool failed = false;
  {
    FailingNew failing(number);
    response = (*backend)->Execute(kCaller, request);
    failed = failing.failed();
  }
  std::string end = "none failed";
  if (failed) {
    const v1::Error& error = response.error();
    end = !response.has_error() ? "applied"
          : error.code() == v1::ERROR_CODE_INTERNAL_SERVICE &&
                  error.detail() == v1::Error::DETAIL_NOT_APPLIED
              ? "not applied"
          : error.code() == v1::ERROR_CODE_OPERATION_TIMEOUT &&
                  error.detail() == v1::Error::DETAIL_OUTCOME_UNKNOWN
              ? "unknown"
              : "another error";
  }
  return absl::StrCat(end, " ",
                      Put(**backend).put_resource_policy().policy_hash());
}

// Does the same in another process; returns "" when that process ended itself.
std::string CallElsewhere(const std::string& url, int64_t number,
                          bool is_reused) {
  int fds[2];
  EXPECT_EQ(pipe(fds), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(fds[0]);
    std::string said = "threw";
    try {
      said = CallInThisProcess(url, number, is_reused);
    } catch (...) {
    }
    const bool written = write(fds[1], said.data(), said.size()) ==
                         static_cast<ssize_t>(said.size());
    _exit(written ? 0 : 1);
  }
  close(fds[1]);
  std::string said;
  char bytes[256];
  for (ssize_t n; (n = read(fds[0], bytes, sizeof(bytes))) > 0;) {
    said.append(bytes, static_cast<size_t>(n));
  }
  close(fds[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  if (said.empty()) {
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  } else {
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  return said;
}

// Runs before the other test, while the process-wide tables do not exist yet.
// When memory runs out while they are made, the process ends.
TEST(HttpBackendAllocationTest, AFailedAllocationInTheFirstCall_EndsOrSaysSo) {
  constexpr int64_t kAllocationsMax = 20'000;
  constexpr int64_t kStep = 199;
  ServerProcess server;
  int ends = 0;
  for (int64_t k = 1; k <= kAllocationsMax; k += kStep) {
    SCOPED_TRACE(absl::StrCat("allocation ", k));
    const std::string said = CallElsewhere(server.url(), k, false);
    if (said.empty()) {
      ++ends;
      continue;
    }
    EXPECT_THAT(said, EndsWith(absl::StrCat(" answer ", server.requests())));
    if (absl::StartsWith(said, "none failed ")) break;
  }
  EXPECT_GT(ends, 0);
}

TEST(HttpBackendAllocationTest, EachFailedAllocation_SaysWhatBecameOfTheCall) {
  constexpr int64_t kAllocationsMax = 2000;
  ServerProcess server;
  // The first call of the process has made the tables from here on.
  EXPECT_FALSE(Put(**HttpBackend::Create(server.url(), {})).has_error());
  for (const bool is_reused : {false, true}) {
    int not_applied = 0;
    int unknown = 0;
    bool ended = false;
    for (int64_t k = 1; k <= kAllocationsMax && !ended; ++k) {
      SCOPED_TRACE(absl::StrCat("allocation ", k, is_reused ? ", reused" : ""));
      const int64_t before = server.requests();
      const std::string said = CallElsewhere(server.url(), k, is_reused);
      const int64_t requests = server.requests() - before;
      if (said.empty()) continue;
      EXPECT_THAT(
          said, AnyOf(StartsWith("applied "), StartsWith("unknown "),
                      StartsWith("not applied "), StartsWith("none failed ")));
      // The next call got its own answer.
      EXPECT_THAT(said, EndsWith(absl::StrCat(" answer ", server.requests())));
      const int64_t others = is_reused ? 2 : 1;
      if (absl::StartsWith(said, "not applied ")) {
        EXPECT_EQ(requests, others);
        ++not_applied;
      } else {
        // The request was not sent twice.
        EXPECT_LE(requests, others + 1);
      }
      if (absl::StartsWith(said, "unknown ")) ++unknown;
      ended = absl::StartsWith(said, "none failed ");
    }
    EXPECT_TRUE(ended);
    EXPECT_GT(not_applied, 0);
    EXPECT_GT(unknown, 0);
  }
}

}  // namespace
}  // namespace glue_security
