#include "glue_security/server/server.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/server/page/page_files.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/raw_client.h"

namespace glue_security {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

enum class Thrown { kNothing, kBadAlloc, kRuntimeError, kInt };

// A backend whose puts throw what the test sets; gets answer.
class ThrowingBackend : public Backend {
 public:
  v1::Response Execute(const Caller& /*caller*/,
                       const v1::Request& request) override {
    if (request.has_put_resource_policy()) {
      ++puts;
      if (left-- > 0) Throw(thrown);
    }
    v1::Response response;
    if (request.has_put_resource_policy()) {
      response.mutable_put_resource_policy()->set_policy_hash("hash");
    } else {
      response.mutable_get_resource_policy()->set_policy_in_json("{}");
    }
    return response;
  }

  static void Throw(Thrown what) {
    if (what == Thrown::kBadAlloc) throw std::bad_alloc();
    if (what == Thrown::kRuntimeError) throw std::runtime_error("a secret");
    if (what == Thrown::kInt) throw 7;
  }

  std::atomic<Thrown> thrown{Thrown::kNothing};
  std::atomic<int> left{0};
  std::atomic<int> puts{0};
};

std::string Call(absl::string_view operation, absl::string_view body) {
  return absl::StrCat(
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
      "application/x-amz-json-1.1\r\nX-Amz-Target: AWSGlue.",
      operation, "\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
}

std::string Ask(absl::string_view method, absl::string_view path) {
  return absl::StrCat(method, " /_glue_security/", path,
                      " HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

// An empty state that throws on request.
class TestState : public ControlledState {
 public:
  absl::Status Reset() override {
    if (throws) throw std::bad_alloc();
    return absl::OkStatus();
  }
  absl::Status Save(const std::string& /*name*/) override {
    if (throws) throw 7;
    return absl::OkStatus();
  }
  absl::Status Restore(const std::string& /*name*/) override {
    return absl::OkStatus();
  }
  bool Forget(const std::string& /*name*/) override { return true; }
  std::vector<std::string> Names() const override { return {}; }

  bool throws = false;
};

class ServerTest : public testing::Test {
 protected:
  std::unique_ptr<Server> Start(ServerOptions options = {}) {
    if (!options.log) {
      options.log = [this](const RequestRecord& record, absl::Duration) {
        const std::lock_guard<std::mutex> lock(mutex_);
        records_.push_back(record);
      };
    }
    auto server = Server::Start(&backend_, std::move(options));
    EXPECT_TRUE(server.ok()) << server.status();
    return *std::move(server);
  }

  static std::string Exchange(const Server& server,
                              const std::string& request) {
    RawClient client(server.port());
    EXPECT_TRUE(client.Send(request));
    return client.ReadResponse();
  }

  std::vector<RequestRecord> records() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return records_;
  }

  // Starts a server with control.
  std::unique_ptr<Server> StartWithControl() {
    ServerOptions options;
    options.control = &control_;
    return Start(std::move(options));
  }

  ThrowingBackend backend_;
  FakeClock clock_;
  TestState state_;
  Control control_{&backend_, &state_, &clock_};
  std::mutex mutex_;
  std::vector<RequestRecord> records_;
};

TEST_F(ServerTest, WhatABackendThrowsEndsThatCallAndNothingElse) {
  const struct {
    Thrown thrown;
    const char* name;
  } cases[] = {{Thrown::kBadAlloc, "std::bad_alloc"},
               {Thrown::kRuntimeError, "std::runtime_error"},
               {Thrown::kInt, "int"}};
  for (const auto& test : cases) {
    for (const int times : {1, 1'000'000}) {
      records_.clear();
      backend_.thrown = test.thrown;
      backend_.left = times;
      auto server = Start();
      RawClient honest(server->port());
      RawClient client(server->port());
      constexpr int kCalls = 20;
      for (int i = 0; i < kCalls; ++i) {
        // The connection stays usable.
        ASSERT_TRUE(
            client.Send(Call("PutResourcePolicy", R"({"PolicyInJson":"{}"})")));
        const std::string answer = client.ReadResponse();
        if (i < times) {
          EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
          EXPECT_THAT(answer, HasSubstr("x-amzn-RequestId: "));
          EXPECT_THAT(answer, HasSubstr("x-amzn-ErrorType: "
                                        "InternalServiceException\r\n"));
          EXPECT_THAT(answer,
                      HasSubstr(R"({"__type":"InternalServiceException",)"));
        } else {
          EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
        }
        EXPECT_THAT(answer, Not(HasSubstr("secret")));
        ASSERT_TRUE(honest.Send(Call("GetResourcePolicy", "{}")));
        EXPECT_THAT(honest.ReadResponse(), StartsWith("HTTP/1.1 200 "));
      }
      const int thrown = std::min(times, kCalls);
      EXPECT_THAT(Exchange(*server, Ask("GET", "metrics")),
                  HasSubstr(absl::StrCat("\nglue_security_exceptions_total ",
                                         thrown, "\n")));
      server->Stop();
      int logged = 0;
      for (const RequestRecord& record : records()) {
        if (record.exception.empty()) continue;
        ++logged;
        EXPECT_EQ(record.exception, test.name);
        EXPECT_EQ(record.outcome, "InternalServiceException");
        EXPECT_EQ(record.operation, v1::Request::kPutResourcePolicy);
        EXPECT_EQ(record.caller.account_id, "123456789012");
        EXPECT_NE(record.request_id, "");
      }
      EXPECT_EQ(logged, thrown);
      EXPECT_EQ(records().size(), 2u * kCalls);
    }
  }
}

TEST_F(ServerTest, WhatALogThrowsChangesNoAnswer) {
  for (const Thrown thrown :
       {Thrown::kBadAlloc, Thrown::kRuntimeError, Thrown::kInt}) {
    ServerOptions options;
    options.log = [thrown](const RequestRecord&, absl::Duration) {
      ThrowingBackend::Throw(thrown);
    };
    auto server = Start(std::move(options));
    RawClient client(server->port());
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(client.Send(Call("GetResourcePolicy", "{}")));
      EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 200 "));
    }
    EXPECT_THAT(Exchange(*server, Ask("GET", "metrics")),
                HasSubstr("\nglue_security_exceptions_total 3\n"));
  }
}

TEST_F(ServerTest, WhatControlThrowsEndsThatRequest) {
  state_.throws = true;
  auto server = StartWithControl();
  for (const char* path : {"reset", "reset"}) {
    EXPECT_THAT(Exchange(*server, Ask("POST", path)),
                StartsWith("HTTP/1.1 500 "));
  }
  EXPECT_THAT(Exchange(*server, Ask("PUT", "snapshots/a")),
              StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(Exchange(*server, Ask("GET", "health")),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Exchange(*server, Ask("GET", "metrics")),
              HasSubstr("\nglue_security_exceptions_total 3\n"));
  server->Stop();
  ASSERT_EQ(records().size(), 3u);
  EXPECT_EQ(records()[0].exception, "std::bad_alloc");
  EXPECT_EQ(records()[2].exception, "int");
}

TEST_F(ServerTest, TheChildOfAForkDuringAReset_CanDestroyTheServer) {
  auto server = StartWithControl();
  // The reset is at the point where it cancels delayed calls, holding its lock.
  std::promise<void> is_there;
  std::promise<void> may_go_on;
  control_.SetCancelDelayed([&] {
    is_there.set_value();
    may_go_on.get_future().wait();
  });
  std::thread resets([this] { EXPECT_TRUE(control_.Reset().ok()); });
  is_there.get_future().wait();
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    server.reset();
    _exit(7);
  }
  ASSERT_GT(child, 0);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7) << status;
  may_go_on.set_value();
  resets.join();
  EXPECT_THAT(Exchange(*server, Ask("GET", "health")),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, HealthNeedsNoControl) {
  const auto with_control = StartWithControl();
  const auto without = Start();
  const std::string answer = Exchange(*without, Ask("GET", "health"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\n{\"status\":\"ok\"}"));
  const std::string controlled = Exchange(*with_control, Ask("GET", "health"));
  EXPECT_EQ(controlled, answer);
  // Nothing else of control is there.
  EXPECT_THAT(Exchange(*without, Ask("POST", "health")),
              Not(StartsWith("HTTP/1.1 200 ")));
  EXPECT_THAT(Exchange(*without, Ask("GET", "clock")),
              StartsWith("HTTP/1.1 404 "));
}

TEST_F(ServerTest, HeadIsGetWithoutTheBody) {
  auto server = StartWithControl();
  for (const char* path : {"health", "metrics"}) {
    const std::string get = Exchange(*server, Ask("GET", path));
    EXPECT_THAT(get, StartsWith("HTTP/1.1 200 "));
    RawClient client(server->port());
    ASSERT_TRUE(client.Send(absl::StrCat("HEAD /_glue_security/", path,
                                         " HTTP/1.1\r\nHost: localhost\r\n"
                                         "Connection: close\r\n\r\n")));
    const std::string head = client.ReadToEnd();
    EXPECT_THAT(head, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(head, testing::EndsWith("\r\n\r\n"));
    EXPECT_THAT(head, HasSubstr("Content-Type: "));
    EXPECT_THAT(head, Not(HasSubstr("Content-Length: 0\r\n")));
  }
  // Other paths have no HEAD.
  RawClient client(server->port());
  ASSERT_TRUE(client.Send(
      "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 404 "));
}

// Anybody may have the files of the page, who may talk to the server at all;
// what the page asks for needs the token.
TEST_F(ServerTest, ThePageNeedsNoToken_ItsRequestsDo) {
  ServerOptions options;
  options.control = &control_;
  options.guard.control_token = "token";
  auto server = Start(std::move(options));
  ASSERT_GE(PageFiles().size(), 4u);
  for (const PageFile& file : PageFiles()) {
    // This would end the literal, and with it the file.
    EXPECT_THAT(std::string(file.content), Not(HasSubstr(")file\"")));
    EXPECT_FALSE(file.content.empty()) << file.path;
    const std::string answer = Exchange(*server, Ask("GET", file.path));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 ")) << file.path;
    EXPECT_THAT(answer, HasSubstr(absl::StrCat(file.content_type, "\r\n")));
    EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src "
                                  "'none'; script-src 'self'; "));
    EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
    EXPECT_THAT(answer, HasSubstr("Cache-Control: no-store\r\n"));
    EXPECT_TRUE(absl::EndsWith(answer, file.content)) << file.path;
    EXPECT_THAT(Exchange(*server, Ask("PUT", file.path)),
                StartsWith("HTTP/1.1 404 "));
    for (const char* const header :
         {"Host: a.example", "Host: localhost\r\nOrigin: http://a",
          "Host: localhost\r\nSec-Fetch-Site: cross-site"}) {
      EXPECT_THAT(
          Exchange(*server, absl::StrCat("GET /_glue_security/", file.path,
                                         " HTTP/1.1\r\n", header, "\r\n\r\n")),
          StartsWith("HTTP/1.1 403 "));
    }
  }
  for (const char* const path : {"clock", "stored", "history", "page/"}) {
    EXPECT_THAT(Exchange(*server, Ask("GET", path)),
                StartsWith("HTTP/1.1 403 "))
        << path;
  }
}

TEST_F(ServerTest, WithoutControlThereIsNoPage) {
  auto server = Start();
  EXPECT_THAT(Exchange(*server, Ask("GET", "")), StartsWith("HTTP/1.1 404 "));
}

TEST_F(ServerTest, TheMetricsTellOfTheLogAndOfConnections) {
  ServerOptions options;
  options.dropped_log_lines = [] { return 12; };
  auto server = Start(std::move(options));
  RawClient idle(server->port());
  ASSERT_TRUE(idle.Send(Call("GetResourcePolicy", "{}")));
  EXPECT_THAT(idle.ReadResponse(), StartsWith("HTTP/1.1 200 "));
  const std::string text = Exchange(*server, Ask("GET", "metrics"));
  EXPECT_THAT(text, HasSubstr("\nglue_security_log_dropped_lines_total 12\n"));
  EXPECT_THAT(text, HasSubstr("\nglue_security_connections 2\n"));
  EXPECT_THAT(text,
              HasSubstr("\nglue_security_connections_accepted_total 2\n"));
  EXPECT_THAT(text, HasSubstr("\nglue_security_refused_for_bytes_total 0\n"));
  // The request for the metrics itself is held.
  EXPECT_THAT(text, HasSubstr("\nglue_security_bytes_held_max "));
  EXPECT_THAT(text, Not(HasSubstr("\nglue_security_bytes_held_max 0\n")));
}

TEST_F(ServerTest, WhatTheGuardRefusesIsLoggedAndCounted) {
  auto server = StartWithControl();
  EXPECT_THAT(Exchange(*server,
                       "POST / HTTP/1.1\r\nHost: evil.example\r\n"
                       "Content-Length: 0\r\n\r\n"),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(Exchange(*server,
                       "POST /_glue_security/reset HTTP/1.1\r\n"
                       "Host: localhost\r\nOrigin: http://a\r\n"
                       "Content-Length: 0\r\n\r\n"),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(Exchange(*server, Ask("GET", "metrics")),
              HasSubstr("\nglue_security_refused_requests_total 2\n"));
  server->Stop();
  ASSERT_EQ(records().size(), 2u);
  EXPECT_EQ(records()[0].outcome, "refused");
  EXPECT_EQ(records()[1].outcome, "refused");
}

TEST_F(ServerTest, AnAddressThatIsNoneIsAnErrorAndNothingStarts) {
  ServerOptions options;
  options.listener.address = "here";
  const auto server = Server::Start(&backend_, options);
  EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace glue_security
