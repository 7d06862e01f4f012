// The memory of a listener's threads: failing allocations, and what stays
// allocated.

#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/http/http_listener.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/listener_test_base.h"
#include "tests/http/raw_client.h"

namespace {

// Counts down the allocations of the other threads; the one that reaches 0
// fails. 0: none fails.
std::atomic<int> fails_at{0};
// The number of failed allocations.
std::atomic<int> failed{0};
// The bytes that the listener's threads have allocated and not freed.
std::atomic<ptrdiff_t> live{0};
// True in the thread of the test, whose allocations do not count.
thread_local bool is_spared = false;

}  // namespace

void* operator new(size_t size) {
  if (!is_spared && fails_at > 0 && --fails_at == 0) {
    ++failed;
    throw std::bad_alloc();
  }
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  if (!is_spared) live += static_cast<ptrdiff_t>(malloc_usable_size(memory));
  return memory;
}

void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  if (!is_spared) live -= static_cast<ptrdiff_t>(malloc_usable_size(memory));
  std::free(memory);
}

void operator delete(void* memory, size_t /*size*/) noexcept {
  operator delete(memory);
}

namespace glue_security {
namespace {

using testing::EndsWith;
using Clients = std::vector<std::unique_ptr<RawClient>>;

class HttpMemoryTest : public ListenerTest {
 protected:
  HttpMemoryTest() { is_spared = true; }
  ~HttpMemoryTest() override { fails_at = 0; }

  // Sends requests that reach all the code of a connection. An answer must be
  // whole or absent.
  void Converse() {
    RawClient client(listener_->port());
    const std::string chunked =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5000\r\n" +
        std::string(0x5000, 'c') + "\r\n0\r\n\r\n";
    for (const std::string& request :
         {Post("x"), Post(std::string(100'000, 'y')), chunked,
          Post("d", "/slow") + Post("e"), Post("l", "/large"),
          std::string("GET http://b?q HTTP/1.1\r\nHost: a\r\n\r\n"),
          std::string("no request\r\n\r\n")}) {
      if (!client.Send(request)) return;
      const std::string answer = client.ReadResponse();
      if (answer.empty()) return;
      if (absl::StartsWith(answer, "HTTP/1.1 200")) {
        EXPECT_TRUE(absl::StrContains(answer, "X-Test: yes"));
      }
      // Two requests were sent, so a second answer follows.
      if (absl::StrContains(request, "/slow")) client.ReadResponse();
    }
  }
};

TEST_F(HttpMemoryTest, AnAllocationThatFails_EndsItsConnectionAtMost) {
  options_.threads = 1;
  large_ = 100'000;
  options_.is_privileged = [](absl::string_view) { return false; };
  Start();
  // Makes all allocations that happen only once.
  Converse();
  AwaitConnections(0);
  int rounds = 0;
  bool has_failed = true;
  for (int k = 1; has_failed; ++k) {
    const int before = failed;
    fails_at = k;
    Converse();
    has_failed = failed > before;
    fails_at = 0;
    rounds = k;
    // No other connection is affected, now or a little later.
    ExpectAlive();
    AwaitConnections(0);
    ASSERT_EQ(listener_->stats().bytes_held, 0u) << k;
    ASSERT_LT(k, 10'000);
  }
  const HttpListenerStats stats = listener_->stats();
  // Some allocations fail in the handler and are counted as its exceptions.
  EXPECT_EQ(failed, rounds - 1);
  EXPECT_GT(stats.handler_exceptions, 0u);
  EXPECT_GT(stats.connection_exceptions, 0u);
  EXPECT_GT(rounds, 30);
  RecordProperty("allocations", rounds - 1);
}

TEST_F(HttpMemoryTest, AnIdleConnection_KeepsNoneOfItsBuffers) {
  options_.threads = 1;
  Start();
  constexpr ptrdiff_t kClients = 32;
  Clients clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<RawClient>(listener_->port()));
    ASSERT_TRUE(clients.back()->Send(Post("x")));
    EXPECT_THAT(clients.back()->ReadResponse(), EndsWith("x"));
  }
  Await([&] { return listener_->stats().bytes_held == 0; }, "all are idle");
  const ptrdiff_t before = live;
  for (auto& client : clients) {
    // A header, a body and an answer, with more requests behind them.
    ASSERT_TRUE(
        client->Send(Post(std::string(50'000, 'x'), "/large",
                          "X: " + std::string(8'000, 'x') + "\r\n") +
                     Post("p", "/", "X: " + std::string(9'000, 'x') + "\r\n") +
                     // The answer to this one is sent in one piece.
                     Post(std::string(10'000, 'x'))));
    for (int i = 0; i < 3; ++i) client->ReadResponse();
  }
  Await([&] { return listener_->stats().bytes_held == 0; }, "all are idle");
  EXPECT_LT(live - before, kClients * 256);
  EXPECT_EQ(listener_->connections(), static_cast<size_t>(kClients));
}

}  // namespace
}  // namespace glue_security
