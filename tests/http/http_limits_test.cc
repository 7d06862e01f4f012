// A listener when the system has no descriptors or no memory left. Skipped
// under the sanitizers, which need some of both themselves.

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/http/http_listener.h"
#include "glue_security/http/http_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/listener_test_base.h"
#include "tests/http/lowered_limit.h"
#include "tests/http/raw_client.h"

namespace glue_security {
namespace {

using testing::EndsWith;
using testing::StartsWith;
using HttpLimitsTest = ListenerTest;

TEST_F(HttpLimitsTest, Start_TooFewDescriptors_IsAnErrorAndLeavesNothing) {
  const auto handler = [](const HttpRequest&) { return HttpResponse(); };
  const size_t open = OpenDescriptors();
  int failures = 0;
  int starts = 0;
  for (size_t limit = 3; limit < open + 40; ++limit) {
    HttpListenerOptions options;
    options.threads = 4;
    absl::StatusOr<std::unique_ptr<HttpListener>> listener =
        absl::UnknownError("");
    {
      const LoweredLimit lowered(RLIMIT_NOFILE, limit);
      listener = HttpListener::Start(options, handler);
    }
    if (listener.ok()) {
      ++starts;
      RawClient client((*listener)->port());
      EXPECT_TRUE(client.is_connected());
    } else {
      ++failures;
      EXPECT_EQ(listener.status().code(), absl::StatusCode::kResourceExhausted)
          << listener.status();
      EXPECT_THAT(std::string(listener.status().message()),
                  StartsWith("cannot start: "));
    }
    listener = absl::UnknownError("");
    EXPECT_EQ(OpenDescriptors(), open) << limit;
  }
  EXPECT_GT(failures, 10);
  EXPECT_GT(starts, 10);
}

size_t Threads() {
  const std::filesystem::directory_iterator all("/proc/self/task");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

TEST_F(HttpLimitsTest, Start_TooLittleMemoryForItsThreads_JoinsThoseItHas) {
  const auto handler = [](const HttpRequest&) { return HttpResponse(); };
  HttpListenerOptions options;
  options.threads = 256;
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const size_t threads = Threads();
  absl::StatusOr<std::unique_ptr<HttpListener>> listener =
      absl::UnknownError("");
  {
    const LoweredLimit lowered(RLIMIT_AS, pages * 4096 + (size_t{100} << 20));
    listener = HttpListener::Start(options, handler);
  }
  EXPECT_EQ(listener.status().code(), absl::StatusCode::kResourceExhausted)
      << listener.status();
  Await([&] { return Threads() == threads; }, "threads end");
}
TEST_F(HttpLimitsTest, NoDescriptorLeft_TheLongestIdleGivesUpItsOwn) {
  options_.threads = 1;
  Start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(listener_->port()));
    ASSERT_TRUE(clients.back()->Send(Post("x")));
    EXPECT_THAT(clients.back()->ReadResponse(), EndsWith("x"));
  }
  // One descriptor is left, for the client's own end.
  std::vector<int> fillers;
  const LoweredLimit lowered(RLIMIT_NOFILE, 200);
  while (true) {
    const int filler = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (filler < 0) break;
    fillers.push_back(filler);
  }
  ASSERT_FALSE(fillers.empty());
  close(fillers.back());
  fillers.pop_back();
  {
    RawClient late(listener_->port());
    ASSERT_TRUE(late.Send(Post("late")));
    EXPECT_THAT(late.ReadResponse(), EndsWith("late"));
    EXPECT_EQ(clients[0]->ReadToEnd(), "");
  }
  EXPECT_GT(listener_->stats().accept_failures, 0u);
  for (const int filler : fillers) close(filler);
}

}  // namespace
}  // namespace glue_security
