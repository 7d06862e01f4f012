// A listener whose handler echoes method, target and body. Some targets do
// more.

#ifndef GLUE_SECURITY_TESTS_HTTP_LISTENER_TEST_BASE_H_
#define GLUE_SECURITY_TESTS_HTTP_LISTENER_TEST_BASE_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glue_security/http/http_listener.h"
#include "glue_security/http/http_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/raw_client.h"

namespace glue_security {

class ListenerTest : public testing::Test {
 protected:
  void Start() {
    auto listener = HttpListener::Start(
        options_, [this](const HttpRequest& request) { return Echo(request); });
    ASSERT_TRUE(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
  }

  HttpResponse Echo(const HttpRequest& request) {
    ++handled_;
    HttpResponse response;
    response.headers = {{"X-Test", "yes"}};
    response.body =
        absl::StrCat(request.method, " ", request.target, " ", request.body);
    if (request.target == "/headers") {
      for (const auto& [name, value] : request.headers) {
        absl::StrAppend(&response.body, " ", name, "=", value);
      }
    }
    if (request.target == "/slow") response.delay = absl::Milliseconds(200);
    if (request.target == "/late") response.delay = absl::Hours(1);
    if (request.target == "/large" || request.target == "/late_large") {
      response.body.assign(large_, 'l');
    }
    if (request.target == "/late_large") response.delay = absl::Hours(1);
    if (request.target == "/throw") throw std::runtime_error("thrown");
    if (request.target == "/throw_int") throw 7;
    if (request.target == "/throw_bad_alloc") throw std::bad_alloc();
    if (request.target == "/cancel") listener_->CancelDelayed();
    if (request.target == "/block") Block();
    if (request.target == "/block_then_late") {
      Block();
      response.delay = absl::Hours(1);
    }
    if (request.target == "/drop") response.drop_connection = true;
    return response;
  }

  // Blocks the handler until `released_` is set.
  void Block() {
    ++blocked_;
    while (!released_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  static std::string Post(absl::string_view body,
                          absl::string_view target = "/",
                          absl::string_view headers = "") {
    return absl::StrCat("POST ", target, " HTTP/1.1\r\nHost: a\r\n", headers,
                        "Content-Length: ", body.size(), "\r\n\r\n", body);
  }

  // Checks that an honest peer gets an answer.
  void ExpectAlive() {
    RawClient client(listener_->port());
    ASSERT_TRUE(client.Send(Post("honest")));
    EXPECT_THAT(client.ReadResponse(), testing::EndsWith("POST / honest"));
  }

  // Waits until a condition holds that another thread brings about.
  template <typename Condition>
  static void Await(const Condition& condition, const char* what) {
    const absl::Time end = absl::Now() + absl::Seconds(60);
    while (!condition()) {
      ASSERT_LT(absl::Now(), end) << what;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  void AwaitConnections(size_t count) {
    Await([&] { return listener_->connections() == count; }, "connections");
  }

  HttpListenerOptions options_;
  std::atomic<int> handled_{0};
  // The body of "/large".
  size_t large_ = size_t{1} << 20;
  std::atomic<int> blocked_{0};
  std::atomic<bool> released_{false};
  // Declared last: its threads use the other members.
  std::unique_ptr<HttpListener> listener_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_HTTP_LISTENER_TEST_BASE_H_
