// The memory bounds of a listener, its failures, and its end.

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
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
using testing::HasSubstr;
using testing::StartsWith;
using Clients = std::vector<std::unique_ptr<RawClient>>;

class HttpBoundsTest : public ListenerTest {
 protected:
  static std::string Announce(size_t bytes, absl::string_view begun) {
    return absl::StrCat("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ", bytes,
                        "\r\n\r\n", begun);
  }

  RawClient& Connect(Clients* clients) {
    clients->push_back(std::make_unique<RawClient>(listener_->port()));
    EXPECT_TRUE(clients->back()->is_connected());
    return *clients->back();
  }

  // Checks that a control request is served, on a connection of its own.
  void ExpectPrivileged() {
    RawClient client(listener_->port());
    ASSERT_TRUE(client.Send(Post("now", "/control")));
    EXPECT_THAT(client.ReadResponse(), EndsWith("POST /control now"));
  }

  void PrivilegeControl() {
    options_.is_privileged = [](absl::string_view target) {
      return target == "/control";
    };
  }
};

// --- Bytes

TEST_F(HttpBoundsTest, BodiesThatAreOnlyAnnounced_HoldNextToNothing) {
  Start();
  Clients clients;
  constexpr size_t kClients = 64;
  for (size_t i = 0; i < kClients; ++i) {
    ASSERT_TRUE(Connect(&clients).Send(Announce(options_.body_bytes_max, "x")));
  }
  Await([&] { return listener_->stats().bytes_held >= kClients * 4096; },
        "all have begun");
  EXPECT_LE(listener_->stats().bytes_held_max, kClients * 8192);
  EXPECT_EQ(listener_->stats().refused_for_bytes, 0u);
  ExpectAlive();
}

TEST_F(HttpBoundsTest, BodiesBeyondTheBudget_AreRefusedAndSmallRequestsServed) {
  options_.buffered_bytes_max = size_t{2} << 20;
  Start();
  Clients clients;
  constexpr size_t kClients = 40;
  const std::string half(200'000, 'x');
  for (size_t i = 0; i < kClients; ++i) {
    Connect(&clients).SendWithoutWaiting(Announce(2 * half.size(), half));
    ExpectAlive();
  }
  Await([&] { return listener_->stats().refused_for_bytes > 0; }, "refusals");
  EXPECT_THAT(clients.back()->ReadResponse(), StartsWith("HTTP/1.1 503"));
  ExpectAlive();
  EXPECT_LE(listener_->stats().bytes_held_max, options_.buffered_bytes_max);
  // The first one was accepted and continues when there is room again.
  clients.resize(1);
  Await([&] { return listener_->connections() == 1; }, "the others go");
  ASSERT_TRUE(clients[0]->Send(half));
  EXPECT_THAT(clients[0]->ReadResponse(), EndsWith(half));
  clients.clear();
  Await([&] { return listener_->stats().bytes_held == 0; }, "it is given back");
}

TEST_F(HttpBoundsTest, AnswersThatNobodyReads_StayWithinTheBudget) {
  // The system buffers less than this for a peer that does not read.
  large_ = size_t{8} << 20;
  options_.buffered_bytes_max = size_t{24} << 20;
  Start();
  Clients clients;
  constexpr int kClients = 12;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(
        std::make_unique<RawClient>(listener_->port(), /*receive_bytes=*/4096));
    ASSERT_TRUE(clients.back()->Send(Post("", "/large")));
  }
  Await([&] { return listener_->stats().refused_for_bytes >= kClients - 2; },
        "all but two are refused");
  EXPECT_LE(listener_->stats().bytes_held_max, options_.buffered_bytes_max);
  EXPECT_GE(listener_->stats().bytes_held, large_);
  ExpectAlive();
  clients.clear();
  Await([&] { return listener_->stats().bytes_held == 0; }, "it is given back");
}

TEST_F(HttpBoundsTest, DelayedAnswers_CountAgainstTheBudget) {
  options_.buffered_bytes_max = size_t{8} << 20;
  Start();
  Clients clients;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Connect(&clients).Send(Post("", "/late_large")));
  }
  Await([&] { return listener_->stats().refused_for_bytes > 0; }, "refusals");
  EXPECT_LE(listener_->stats().bytes_held_max, options_.buffered_bytes_max);
  EXPECT_GE(listener_->stats().bytes_held, large_);
  ExpectAlive();
}

TEST_F(HttpBoundsTest, AnIdleConnection_HoldsNothing) {
  Start();
  Clients clients;
  for (int i = 0; i < 8; ++i) {
    RawClient& client = Connect(&clients);
    ASSERT_TRUE(client.Send(Post(std::string(500'000, 'x'))));
    EXPECT_EQ(client.ReadResponse().size() > 500'000, true);
  }
  Await([&] { return listener_->stats().bytes_held == 0; }, "all are idle");
  EXPECT_EQ(listener_->connections(), 8u);
  EXPECT_GE(listener_->stats().bytes_held_max, 500'000u);
}

TEST_F(HttpBoundsTest, AHeaderOfVeryManyFields_IsRefused) {
  Start();
  std::string fields = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 300; ++i) absl::StrAppend(&fields, "A:\r\n");
  for (const char* end : {"\r\n", "X"}) {
    RawClient client(listener_->port());
    ASSERT_TRUE(client.Send(fields + end));
    EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 431"));
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpBoundsTest, ASlowButSteadyReader_GetsAllOfALargeAnswer) {
  large_ = size_t{16} << 20;
  options_.write_timeout = absl::Seconds(2);
  // These timeouts end before the answer starts.
  options_.header_timeout = absl::Seconds(2);
  options_.body_timeout = absl::Seconds(2);
  Start();
  RawClient client(listener_->port(), /*receive_bytes=*/65536);
  ASSERT_TRUE(client.Send(Post("", "/large", "Connection: close\r\n")));
  const absl::Time begin = absl::Now();
  size_t all = 0;
  // The peer reads so slowly that the system's buffer takes nothing from the
  // listener within the timeout.
  while (absl::Now() < begin + 4 * options_.write_timeout) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const size_t size = client.ReadSome(8192);
    ASSERT_GT(size, 0u);
    all += size;
  }
  EXPECT_EQ(listener_->connections(), 1u);
  all += client.ReadToEnd().size();
  EXPECT_GT(all, large_);
}

// The system's buffer is full again after every read, so that the peer seems to
// have taken nothing.
TEST_F(HttpBoundsTest, AFastReaderOfALongAnswer_GetsAllOfIt) {
  large_ = size_t{48} << 20;
  options_.buffered_bytes_max = 4 * large_;
  options_.write_timeout = absl::Seconds(2);
  Start();
  RawClient client(listener_->port(), /*receive_bytes=*/65536);
  ASSERT_TRUE(client.Send(Post("", "/large", "Connection: close\r\n")));
  size_t all = 0;
  // Reads for longer than twice the timeout.
  for (size_t next = size_t{1} << 20; next <= large_; next += 1 << 20) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    while (all < next) {
      const size_t size = client.ReadSome(next - all);
      ASSERT_GT(size, 0u) << all;
      all += size;
    }
  }
  EXPECT_GT(all + client.ReadToEnd().size(), large_);
}

TEST_F(HttpBoundsTest, AnAnswerThatIsSent_IsHeldNoMore) {
  Start();
  RawClient client(listener_->port());
  // Half of another request follows, so that the connection is not idle.
  ASSERT_TRUE(client.Send(Post("", "/large") + "POST / HTTP/1.1\r\n"));
  client.ReadResponse();
  Await([&] { return listener_->stats().bytes_held <= 64 * 1024; },
        "its body is given back");
  EXPECT_GT(listener_->stats().bytes_held, 0u);
}

// The system's buffer may be full at the start of an answer.
TEST_F(HttpBoundsTest, AReaderOfNoneOfManyAnswers_IsCutOff) {
  large_ = 8'000;
  options_.write_timeout = absl::Milliseconds(300);
  options_.body_timeout = absl::InfiniteDuration();
  options_.header_timeout = absl::InfiniteDuration();
  options_.idle_timeout = absl::InfiniteDuration();
  Start();
  Clients clients;
  for (int i = 0; i < 16; ++i) {
    clients.push_back(std::make_unique<RawClient>(listener_->port(),
                                                  /*receive_bytes=*/65536));
    // Different lengths make the peers stop at different places.
    std::string requests = Post(std::string(100 * i, 'x'));
    for (int j = 0; j < 2'000; ++j) requests += Post("", "/large");
    ASSERT_TRUE(clients.back()->Send(requests));
  }
  Await([&] { return handled_ >= 16; }, "they are handled");
  AwaitConnections(0);
  EXPECT_EQ(listener_->stats().bytes_held, 0u);
}

TEST_F(HttpBoundsTest, AReaderThatTakesNothing_IsCutOff) {
  large_ = size_t{16} << 20;
  options_.write_timeout = absl::Milliseconds(300);
  options_.body_timeout = absl::InfiniteDuration();
  options_.header_timeout = absl::InfiniteDuration();
  options_.idle_timeout = absl::InfiniteDuration();
  Start();
  RawClient client(listener_->port(), /*receive_bytes=*/65536);
  ASSERT_TRUE(client.Send(Post("", "/large")));
  Await([&] { return handled_ == 1; }, "it is handled");
  AwaitConnections(0);
  EXPECT_LT(client.ReadToEnd().size(), large_);
  EXPECT_EQ(listener_->stats().bytes_held, 0u);
}

// --- Exceptions

TEST_F(HttpBoundsTest, AHandlerThatThrows_EndsItsRequestAndConnectionOnly) {
  Start();
  RawClient other(listener_->port());
  ASSERT_TRUE(other.Send(Post("x")));
  EXPECT_THAT(other.ReadResponse(), EndsWith("x"));
  uint64_t thrown = 0;
  for (const char* target : {"/throw", "/throw_int", "/throw_bad_alloc"}) {
    RawClient client(listener_->port());
    // The request after it is not answered.
    ASSERT_TRUE(client.Send(Post("", target) + Post("behind")));
    const std::string all = client.ReadToEnd();
    EXPECT_THAT(all, StartsWith("HTTP/1.1 500"));
    EXPECT_THAT(all, HasSubstr("Connection: close"));
    EXPECT_FALSE(absl::StrContains(all, "behind"));
    EXPECT_EQ(listener_->stats().handler_exceptions, ++thrown);
  }
  ASSERT_TRUE(other.Send(Post("y")));
  EXPECT_THAT(other.ReadResponse(), EndsWith("y"));
  EXPECT_EQ(listener_->stats().connection_exceptions, 0u);
}

// --- Start, and the resources of the system

TEST_F(HttpBoundsTest, Start_OptionsOutOfTheirRange_AreInvalid) {
  const auto handler = [](const HttpRequest&) { return HttpResponse(); };
  for (const int threads : {0, -1, 257, 10'000}) {
    HttpListenerOptions options;
    options.threads = threads;
    const auto listener = HttpListener::Start(options, handler);
    EXPECT_EQ(listener.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(listener.status().message()), HasSubstr("threads"));
  }
  HttpListenerOptions options;
  options.header_bytes_max = size_t{1} << 32;
  EXPECT_EQ(HttpListener::Start(options, handler).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(HttpBoundsTest, FewDescriptors_TheLongestIdleMakeRoom) {
  {
    const LoweredLimit lowered(RLIMIT_NOFILE, OpenDescriptors() + 40);
    Start();
  }
  Clients clients;
  for (int i = 0; i < 100; ++i) {
    RawClient& client = Connect(&clients);
    ASSERT_TRUE(client.Send(Post("x")));
    EXPECT_THAT(client.ReadResponse(), EndsWith("POST / x")) << i;
  }
  EXPECT_LE(listener_->connections(), 40u);
  EXPECT_GT(listener_->stats().connections_evicted, 50u);
  EXPECT_EQ(listener_->stats().accept_failures, 0u);
}

// --- Delayed answers

TEST_F(HttpBoundsTest, APeerThatGoesWhileItsAnswerIsDelayed_IsForgotten) {
  Start();
  for (const bool reset : {false, true}) {
    RawClient client(listener_->port());
    const uint64_t cancelled = listener_->stats().delayed_cancelled;
    const int handled = handled_;
    ASSERT_TRUE(client.Send(Post("", "/late") + Post("more")));
    Await([&] { return handled_ > handled; }, "it is handled");
    if (reset) {
      client.Reset();
    } else {
      client.ShutdownSend();
      EXPECT_EQ(client.ReadToEnd(), "");
    }
    Await([&] { return listener_->stats().delayed_cancelled > cancelled; },
          "cancelled");
    AwaitConnections(0);
  }
  EXPECT_EQ(handled_, 2);
  EXPECT_EQ(listener_->stats().bytes_held, 0u);
}

TEST_F(HttpBoundsTest, CancelDelayed_EndsDelayedConnectionsAndNoOthers) {
  Start();
  RawClient other(listener_->port());
  ASSERT_TRUE(other.Send(Post("x")));
  EXPECT_THAT(other.ReadResponse(), EndsWith("x"));
  Clients clients;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(Connect(&clients).Send(Post("", "/late")));
  }
  Await([&] { return handled_ == 11; }, "all are delayed");
  ASSERT_TRUE(other.Send(Post("", "/cancel")));
  EXPECT_THAT(other.ReadResponse(), EndsWith("POST /cancel "));
  for (auto& client : clients) EXPECT_EQ(client->ReadToEnd(), "");
  EXPECT_EQ(listener_->stats().delayed_cancelled, 10u);
  // A later delay is not cancelled.
  RawClient slow(listener_->port());
  ASSERT_TRUE(slow.Send(Post("z", "/slow")));
  EXPECT_THAT(slow.ReadResponse(), EndsWith("z"));
}

TEST_F(HttpBoundsTest, CancelDelayed_ReachesCallsThatRun) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send(Post("", "/block_then_late")));
  Await([&] { return blocked_ == 1; }, "it runs");
  listener_->CancelDelayed();
  released_ = true;
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(listener_->stats().delayed_cancelled, 1u);
}

TEST_F(HttpBoundsTest, WhatComesDuringADelay_IsBoundedAndAnsweredAfterwards) {
  Start();
  RawClient client(listener_->port());
  // The burst is much longer than a header may be.
  std::string burst = Post("first", "/slow");
  for (int i = 0; i < 2000; ++i) burst += Post(absl::StrCat("body ", i));
  std::thread sender([&] { EXPECT_TRUE(client.Send(burst)); });
  EXPECT_THAT(client.ReadResponse(), EndsWith("first"));
  for (int i = 0; i < 2000; ++i) {
    ASSERT_THAT(client.ReadResponse(), EndsWith(absl::StrCat("body ", i)));
  }
  sender.join();
  EXPECT_LE(listener_->stats().bytes_held_max, 4 * options_.header_bytes_max);
}

// --- Privileged requests

TEST_F(HttpBoundsTest, APrivilegedRequest_IsServedWhereAllConnectionsAreBusy) {
  options_.threads = 1;
  options_.connections_max = 4;
  PrivilegeControl();
  Start();
  Clients busy;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(Connect(&busy).Send(Post("", "/late")));
  }
  Await([&] { return handled_ == 4; }, "all are delayed");
  ExpectPrivileged();
  RawClient other(listener_->port());
  ASSERT_TRUE(other.Send(Post("x")));
  const std::string refused = other.ReadToEnd();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(listener_->stats().refused_for_connections, 1u);
  // More clients than the reserve send nothing, or half of a request line.
  Clients silent;
  for (int i = 0; i < 50; ++i) {
    Connect(&silent).SendWithoutWaiting(i % 2 == 0 ? "" : "POST /control HT");
  }
  ExpectPrivileged();
  EXPECT_EQ(handled_, 6);
  // A reserved connection becomes an ordinary one when there is room.
  RawClient waiting(listener_->port());
  ASSERT_TRUE(waiting.Send("POST / HTTP/1.1\r\nHost: a\r\n"));
  busy.clear();
  Await([&] { return listener_->stats().delayed_cancelled == 4; }, "room");
  ASSERT_TRUE(waiting.Send("Content-Length: 1\r\n\r\nw"));
  EXPECT_THAT(waiting.ReadResponse(), EndsWith("POST / w"));
}

TEST_F(HttpBoundsTest, APrivilegedRequest_IsServedWhereTheBudgetIsUsedUp) {
  options_.buffered_bytes_max = size_t{64} * 1024;
  PrivilegeControl();
  Start();
  Clients clients;
  for (int i = 0; i < 32; ++i) {
    ASSERT_TRUE(Connect(&clients).Send(Announce(100, "x")));
  }
  Await([&] { return listener_->stats().refused_for_bytes >= 16; }, "no more");
  EXPECT_EQ(listener_->stats().bytes_held, options_.buffered_bytes_max);
  RawClient other(listener_->port());
  ASSERT_TRUE(other.Send(Post("x")));
  EXPECT_THAT(other.ReadToEnd(), StartsWith("HTTP/1.1 503"));
  ExpectPrivileged();
  EXPECT_EQ(handled_, 1);
}

// --- The end

TEST_F(HttpBoundsTest, Stop_HandlersThatHang_ReturnsAndSaysSo) {
  options_.threads = 3;
  options_.drain_max = absl::Milliseconds(200);
  options_.drain_idle = absl::Milliseconds(50);
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send(Post("", "/block")));
  Await([&] { return blocked_ == 1; }, "it hangs");
  EXPECT_FALSE(listener_->Stop());
  EXPECT_FALSE(listener_->Stop());
  released_ = true;
  // The handlers now return, so that the destructor can finish.
  listener_.reset();
}

TEST_F(HttpBoundsTest, Stop_EveryThreadHangs_Returns) {
  options_.drain_max = absl::Milliseconds(100);
  Start();
  Clients clients;
  // The two threads alternate in taking connections.
  for (int i = 1; i <= 2; ++i) {
    ASSERT_TRUE(Connect(&clients).Send(Post("", "/block")));
    Await([&] { return blocked_ == i; }, "it hangs");
  }
  EXPECT_FALSE(listener_->Stop());
  released_ = true;
}

TEST_F(HttpBoundsTest, Stop_APeerThatDoesNotRead_IsCutOff) {
  large_ = size_t{16} << 20;
  options_.drain_max = absl::Milliseconds(300);
  Start();
  RawClient client(listener_->port(), /*receive_bytes=*/65536);
  ASSERT_TRUE(client.Send(Post("", "/large")));
  Await([&] { return listener_->stats().bytes_held >= large_; }, "it is sent");
  EXPECT_TRUE(listener_->Stop());
  EXPECT_EQ(listener_->connections(), 0u);
  EXPECT_EQ(listener_->stats().bytes_held, 0u);
}

// Returns true when the thread sleeps in the system.
bool IsAsleep(pid_t thread) {
  std::string stat;
  std::getline(std::ifstream(absl::StrCat("/proc/self/task/", thread, "/stat")),
               stat);
  return absl::StrContains(stat, ") S ");
}

TEST_F(HttpBoundsTest, Stop_PeersThatAreConnectedAndNotAccepted_AreAnswered) {
  options_.threads = 1;
  Start();
  Clients clients;
  ASSERT_TRUE(Connect(&clients).Send(Post("", "/block")));
  Await([&] { return blocked_ == 1; }, "the thread that accepts is busy");
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Connect(&clients).Send(Post("waiting")));
  }
  std::atomic<pid_t> stopper_id{0};
  std::thread stopper([&] {
    stopper_id = static_cast<pid_t>(syscall(SYS_gettid));
    EXPECT_TRUE(listener_->Stop());
  });
  // Once the stopper sleeps, it has requested the stop.
  Await([&] { return stopper_id != 0 && IsAsleep(stopper_id); }, "it stops");
  released_ = true;
  EXPECT_THAT(clients[0]->ReadToEnd(), EndsWith("/block "));
  for (int i = 1; i <= 100; ++i) {
    EXPECT_THAT(clients[i]->ReadToEnd(), EndsWith("waiting")) << i;
  }
  stopper.join();
}

// --- Forks

TEST_F(HttpBoundsTest, TheChildOfAFork_CanDestroyWhatItInherited) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send(Post("x")));
  EXPECT_THAT(client.ReadResponse(), EndsWith("x"));
  const size_t open = OpenDescriptors();
  int done[2];
  ASSERT_EQ(pipe(done), 0);
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    bool fine = listener_->Stop();
    listener_->CancelDelayed();
    listener_.reset();
    // The child has closed its copies of the connection and of the listener.
    fine = fine && OpenDescriptors() == open;
    char byte = fine ? 'y' : 'n';
    fine = write(done[1], &byte, 1) == 1;
    // The child outlives the parent's listener.
    while (fine) pause();
    _exit(1);
  }
  ASSERT_GT(child, 0);
  char byte = 0;
  ASSERT_EQ(read(done[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  // The parent is not disturbed.
  ASSERT_TRUE(client.Send(Post("y")));
  EXPECT_THAT(client.ReadResponse(), EndsWith("y"));
  ExpectAlive();
  const uint16_t port = listener_->port();
  EXPECT_TRUE(listener_->Stop());
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_FALSE(RawClient(port).is_connected());
  kill(child, SIGKILL);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  close(done[0]);
  close(done[1]);
}

}  // namespace
}  // namespace glue_security
