// Requests that a listener passes on, to an upstream that the test plays.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/http/http_listener.h"
#include "glue_security/http/http_message.h"
#include "glue_security/http/http_upstream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/listener_test_base.h"
#include "tests/http/raw_client.h"
#include "tests/http/raw_upstream.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

using namespace std::string_literals;  // NOLINT(google-build-using-namespace)
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Everything below "/up" is passed on; "/up/throw" throws instead.
class PassingTest : public ListenerTest {
 protected:
  // Ends the threads that use the members below.
  ~PassingTest() override { listener_ = nullptr; }

  void SetUp() override { Prepare(&options_, upstream_.port()); }

  void Prepare(HttpListenerOptions* options, uint16_t port) {
    options->upstream.host = "127.0.0.1";
    options->upstream.port = port;
    options->threads = 1;
    options->pass_on =
        [this](const HttpRequest& head) -> std::unique_ptr<HttpPassedRequest> {
      if (!absl::StartsWith(head.target, "/up")) return nullptr;
      if (head.target == "/up/throw") throw std::runtime_error("thrown");
      return std::make_unique<Passed>(this, std::string(head.target));
    };
  }

  class Passed : public HttpPassedRequest {
   public:
    Passed(PassingTest* test, std::string target)
        : test_(*test), target_(std::move(target)) {}
    HttpResponse Fail(int status, absl::string_view reason) override {
      if (target_ == "/up/fail_throws") throw std::runtime_error("thrown");
      HttpResponse response;
      response.status = status;
      response.body = std::string(reason);
      return response;
    }
    void End(int status, bool is_whole, bool has_failed) override {
      const std::lock_guard<std::mutex> lock(test_.mutex_);
      test_.ended_.push_back(absl::StrCat(status, is_whole ? "" : " cut",
                                          has_failed ? " failed" : ""));
    }

   private:
    PassingTest& test_;
    const std::string target_;
  };

  std::vector<std::string> ended() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return ended_;
  }
  void AwaitEnded(size_t count) {
    Await([&] { return ended().size() >= count; }, "ends");
  }

  std::string Name() const {
    return absl::StrCat("the upstream http://127.0.0.1:", upstream_.port());
  }

  static constexpr char kOk[] =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  // Sends a request and answers it, to have an idle connection.
  RawPeer Warm(RawClient* client) {
    EXPECT_TRUE(client->Send("GET /up/warm HTTP/1.1\r\nHost: a\r\n\r\n"));
    RawPeer peer = upstream_.Accept();
    EXPECT_THAT(peer.ReadHead(), StartsWith("GET /up/warm "));
    EXPECT_TRUE(peer.Send(kOk));
    EXPECT_THAT(client->ReadResponse(), EndsWith("ok"));
    return peer;
  }

  RawUpstream upstream_;
  std::mutex mutex_;
  std::vector<std::string> ended_;
};

TEST_F(PassingTest, HeaderAndBody_ArriveUnchangedExceptForTheHop) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send(
      "POST /up//a/../%2Fb?q=1&q=%20 HTTP/1.1\r\nhOsT: glue.example:1\r\n"
      "Authorization: AWS4-HMAC-SHA256 Credential=x/y\r\n"
      "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"
      "Proxy-Authorization: p\r\nTE: trailers\r\nUpgrade: h2c\r\n"
      "X-Two: 1\r\nX-Two: 2\r\nContent-Length: 4\r\n\r\n\x01\xff\r\n"));
  RawPeer peer = upstream_.Accept();
  const std::string head = peer.ReadHead();
  EXPECT_THAT(
      head,
      AllOf(StartsWith("POST /up//a/../%2Fb?q=1&q=%20 HTTP/1.1\r\n"
                       "hOsT: glue.example:1\r\n"
                       "Authorization: AWS4-HMAC-SHA256 Credential=x/y\r\n"
                       "X-Two: 1\r\nX-Two: 2\r\nContent-Length: 4\r\n"
                       "Via: 1.1 glue-security-"),
            Not(HasSubstr("onnection")), Not(HasSubstr("X-Hop"))));
  EXPECT_EQ(peer.ReadBytes(4), "\x01\xff\r\n");
  ASSERT_TRUE(peer.Send(
      "HTTP/1.1 299 Rather Odd\r\nX-Case: V\r\nKeep-Alive: timeout=5\r\n"
      "Set-Cookie: a\r\nSet-Cookie: b\r\nConnection: X-Hop\r\nX-Hop: 1\r\n"
      "Content-Length: 3\r\n\r\na\0b"s));
  EXPECT_EQ(client.ReadResponse(),
            "HTTP/1.1 299 Rather Odd\r\nX-Case: V\r\nSet-Cookie: a\r\n"
            "Set-Cookie: b\r\nContent-Length: 3\r\n\r\na\0b"s);
  // The connection of the client goes on, here and there.
  ASSERT_TRUE(client.Send(Post("ours")));
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST / ours"));
  ASSERT_TRUE(client.Send("GET /up/2 HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_THAT(peer.ReadHead(), StartsWith("GET /up/2 HTTP/1.1\r\nHost: a\r\n"));
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(client.ReadResponse(), EndsWith("ok"));
  EXPECT_FALSE(upstream_.HasConnection());
  EXPECT_THAT(ended(), ElementsAre("299", "200"));
  EXPECT_EQ(handled_, 1);
}

TEST_F(PassingTest, HostOfTheTarget_IsPassedOn) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send("GET http://b:1/up/x HTTP/1.0\r\n\r\n"));
  RawPeer peer = upstream_.Accept();
  EXPECT_THAT(peer.ReadHead(),
              AllOf(StartsWith("GET /up/x HTTP/1.1\r\nHost: b:1\r\n"),
                    Not(HasSubstr("127.0.0.1"))));
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(client.ReadResponse(), EndsWith("ok"));
}

TEST_F(PassingTest, ChunkedRequest_IsFramedAgainWithItsTrailer) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send(
      "POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
      "X-Sum: head\r\nTrailer: X-Sum\r\n\r\n5;ext=1\r\nfirst\r\n"));
  RawPeer peer = upstream_.Accept();
  EXPECT_THAT(peer.ReadHead(),
              AllOf(HasSubstr("\r\nX-Sum: head\r\n"),
                    HasSubstr("\r\nTransfer-Encoding: chunked\r\n"),
                    Not(HasSubstr("Trailer"))));
  EXPECT_EQ(peer.ReadBytes(10), "5\r\nfirst\r\n");
  ASSERT_TRUE(
      client.Send("A\r\n0123456789\r\n0\r\nX-Sum: 9\r\nTE: x\r\n"
                  "\r\n"));
  EXPECT_EQ(peer.ReadUntil("\r\n\r\n"),
            "a\r\n0123456789\r\n0\r\nX-Sum: 9\r\n\r\n");
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(client.ReadResponse(), EndsWith("ok"));
}

TEST_F(PassingTest, ChunkedAnswer_IsFramedAgainWithItsTrailer) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send("GET /up HTTP/1.1\r\nHost: a\r\n\r\n"));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  ASSERT_TRUE(peer.Send(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n"
      "0\r\nX-Sum: 1\r\n\r\n"));
  client.ShutdownSend();
  EXPECT_EQ(client.ReadToEnd(),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n");
}

// A request of HTTP/1.0 may have no Host; the upstream's own is then sent.
TEST_F(PassingTest, AddressOfIpv6_IsInBracketsInHost) {
  const int listening = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (bind(listening, name, size) != 0) {
    close(listening);
    GTEST_SKIP() << "this machine has no IPv6";
  }
  ASSERT_EQ(listen(listening, 1), 0);
  ASSERT_EQ(getsockname(listening, name, &size), 0);
  const uint16_t port = ntohs(address.sin6_port);
  Prepare(&options_, port);
  options_.upstream.host = "::1";
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send("GET /up HTTP/1.0\r\n\r\n"));
  RawPeer peer(accept(listening, nullptr, nullptr));
  close(listening);
  EXPECT_THAT(peer.ReadHead(),
              HasSubstr(absl::StrCat("\r\nHost: [::1]:", port, "\r\n")));
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(client.ReadResponse(), EndsWith("ok"));
}

TEST_F(PassingTest, AnswerThatEndsWithItsConnection) {
  Start();
  for (const bool is_modern : {true, false}) {
    RawClient client(listener_->port());
    ASSERT_TRUE(client.Send(absl::StrCat(
        "GET /up HTTP/1.", is_modern ? "1\r\nHost: a" : "0", "\r\n\r\n")));
    RawPeer peer = upstream_.Accept();
    EXPECT_THAT(peer.ReadHead(),
                HasSubstr(is_modern ? "\r\nHost: a\r\n"
                                    : absl::StrCat("\r\nHost: 127.0.0.1:",
                                                   upstream_.port(), "\r\n")));
    ASSERT_TRUE(peer.Send("HTTP/1.0 200 OK\r\n\r\nabc"));
    peer.Close();
    if (is_modern) {
      ASSERT_TRUE(
          client.Send("GET / HTTP/1.1\r\nHost: a\r\n"
                      "Connection: close\r\n\r\n"));
      EXPECT_THAT(
          client.ReadToEnd(),
          AllOf(StartsWith("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                           "\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"),
                EndsWith("GET / ")));
    } else {
      EXPECT_EQ(client.ReadToEnd(),
                "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc");
    }
  }
}

TEST_F(PassingTest, AnswersWithoutABody) {
  Start();
  RawClient client(listener_->port());
  const struct {
    const char* method;
    const char* answer;
    const char* passed;
  } cases[] = {
      {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
       "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"},
      {"GET", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
       "HTTP/1.1 204 No Content\r\n\r\n"},
      {"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
       "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"},
      {"GET",
       "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
       "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
       "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
       "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
  };
  RawPeer peer = Warm(&client);
  for (const auto& each : cases) {
    ASSERT_TRUE(client.Send(
        absl::StrCat(each.method, " /up HTTP/1.1\r\nHost: a\r\n\r\n")));
    EXPECT_THAT(peer.ReadHead(), StartsWith(each.method));
    ASSERT_TRUE(peer.Send(each.answer));
    std::string got(std::string(each.passed).size(), '\0');
    for (size_t at = 0; at < got.size();) {
      const std::string some = client.ReadBytes(got.size() - at);
      ASSERT_FALSE(some.empty());
      got.replace(at, some.size(), some);
      at += some.size();
    }
    EXPECT_EQ(got, each.passed);
  }
  EXPECT_FALSE(upstream_.HasConnection());
}

TEST_F(PassingTest, ExpectContinue_IsTheUpstreamsToAnswer) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(
      client.Send("PUT /up HTTP/1.1\r\nHost: a\r\n"
                  "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n"));
  RawPeer peer = upstream_.Accept();
  EXPECT_THAT(peer.ReadHead(), HasSubstr("\r\nExpect: 100-continue\r\n"));
  ASSERT_TRUE(peer.Send("HTTP/1.1 100 Continue\r\n\r\n"));
  EXPECT_EQ(client.ReadResponse(), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.Send("body"));
  EXPECT_EQ(peer.ReadBytes(4), "body");
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(client.ReadResponse(), EndsWith("ok"));
}

TEST_F(PassingTest, AnswerBeforeTheBody_EndsTheConnection) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(
      client.Send("PUT /up HTTP/1.1\r\nHost: a\r\n"
                  "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n"));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  ASSERT_TRUE(peer.Send(
      "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno"));
  EXPECT_EQ(client.ReadToEnd(),
            "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n"
            "Connection: close\r\n\r\nno");
  EXPECT_EQ(peer.ReadToEnd(), "");
  EXPECT_THAT(ended(), ElementsAre("417"));
}

TEST_F(PassingTest, PipelinedRequests_AreAnsweredInOrder) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send(absl::StrCat(Post("1"), Post("2", "/up"), Post("3"),
                                       "GET /up/4 HTTP/1.1\r\nHost: a\r\n"
                                       "Connection: close\r\n\r\n")));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  EXPECT_EQ(peer.ReadBytes(1), "2");
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(peer.ReadHead(), StartsWith("GET /up/4 "));
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST / 1"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("ok"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST / 3"));
  EXPECT_THAT(client.ReadToEnd(),
              AllOf(HasSubstr("\r\nConnection: close\r\n"), EndsWith("ok")));
}

TEST_F(PassingTest, BoundOfBodies_IsForOursOnly) {
  options_.body_bytes_max = 3;
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send(Post("long", "/up")));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  EXPECT_EQ(peer.ReadBytes(4), "long");
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(client.ReadResponse(), EndsWith("ok"));
  ASSERT_TRUE(client.Send(Post("long")));
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 413 "));
  RawClient chunked(listener_->port());
  ASSERT_TRUE(
      chunked.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                   "chunked\r\n\r\n4\r\nlong\r\n0\r\n\r\n"));
  EXPECT_THAT(chunked.ReadResponse(), StartsWith("HTTP/1.1 413 "));
  EXPECT_EQ(handled_, 0);
}

TEST_F(PassingTest, HostWithAName_IsResolved) {
  options_.upstream.host = "localhost";
  Start();
  RawClient client(listener_->port());
  Warm(&client);
}

// --- Failures of the upstream

class FailureTest : public PassingTest {
 protected:
  // The answer to a GET after which the upstream does as `play` says.
  template <typename Play>
  std::string Get(const Play& play) {
    RawClient client(listener_->port());
    EXPECT_TRUE(client.Send("GET /up HTTP/1.1\r\nHost: a\r\n\r\n"));
    RawPeer peer = upstream_.Accept();
    peer.ReadHead();
    play(&peer);
    return client.ReadResponse();
  }
};

TEST_F(FailureTest, NobodyListens) {
  upstream_.Stop();
  Start();
  RawClient client(listener_->port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.Send(Post("body", "/up")));
    EXPECT_THAT(client.ReadResponse(),
                AllOf(StartsWith("HTTP/1.1 502 Bad Gateway\r\n"),
                      EndsWith(absl::StrCat("\r\n\r\ncannot connect to ",
                                            Name(), ": Connection refused"))));
  }
  // The connection has stayed.
  ASSERT_TRUE(client.Send(Post("ours")));
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST / ours"));
  EXPECT_THAT(ended(), ElementsAre("502 failed", "502 failed"));
}

TEST_F(FailureTest, UpstreamEnds) {
  Start();
  EXPECT_THAT(Get([](RawPeer* peer) { peer->Close(); }),
              AllOf(StartsWith("HTTP/1.1 502 "),
                    EndsWith(absl::StrCat("\r\n", Name(),
                                          " ended before it answered"))));
  EXPECT_THAT(
      Get([](RawPeer* peer) { peer->Reset(); }),
      EndsWith(absl::StrCat("\r\n", Name(), " ended before it answered")));
  EXPECT_THAT(
      Get([](RawPeer* peer) {
        peer->Send("HTTP/1.1 200 OK\r\nContent-Le");
        peer->Close();
      }),
      AllOf(StartsWith("HTTP/1.1 502 "),
            EndsWith(absl::StrCat("\r\n", Name(),
                                  " ended in the middle of its answer"))));
  EXPECT_EQ(Get([](RawPeer* peer) {
              peer->Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
              peer->Close();
            }),
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
  EXPECT_THAT(ended(),
              ElementsAre("502 failed", "502 failed", "502 failed", "200 cut"));
  ExpectAlive();
}

TEST_F(FailureTest, UpstreamEndsInTheMiddleOfChunks_HasNoLastChunk) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send("GET /up HTTP/1.1\r\nHost: a\r\n\r\n"));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  ASSERT_TRUE(
      peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                "3\r\nabc\r\n"));
  peer.Close();
  EXPECT_EQ(client.ReadToEnd(),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "3\r\nabc\r\n");
  AwaitEnded(1);
  EXPECT_THAT(ended(), ElementsAre("200 cut"));
}

TEST_F(FailureTest, AnswerIsNotHttp) {
  Start();
  const std::string malformed =
      absl::StrCat("\r\nthe answer of ", Name(), " is malformed");
  for (const char* const answer : {
           "hello\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
           "Transfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
           "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "HTTP/1.1 101 Switching Protocols\r\n\r\n",
           // Statuses have three digits, the first of which is 1 to 9.
           "HTTP/1.1 000 X\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 001 X\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 099 X\r\nContent-Length: 2\r\n\r\nok",
       }) {
    EXPECT_THAT(Get([answer](RawPeer* peer) { peer->Send(answer); }),
                AllOf(StartsWith("HTTP/1.1 502 "), EndsWith(malformed)))
        << answer;
  }
  // The answer has begun.
  EXPECT_EQ(Get([](RawPeer* peer) {
              peer->Send(
                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                  "\r\nx\r\n");
            }),
            "");
  ExpectAlive();
}

TEST_F(FailureTest, HeaderOfTheAnswerIsTooLarge) {
  options_.upstream.header_bytes_max = 1000;
  Start();
  std::string fields;
  for (int i = 0; i < 257; ++i) fields += "a:\r\n";
  for (const std::string& header :
       {absl::StrCat("X: ", std::string(1000, 'x'), "\r\n\r\n"),
        absl::StrCat("X: ", std::string(1000, 'x')), fields}) {
    EXPECT_THAT(Get([&header](RawPeer* peer) {
                  peer->Send(absl::StrCat("HTTP/1.1 200 OK\r\n", header));
                }),
                AllOf(StartsWith("HTTP/1.1 502 "),
                      EndsWith(absl::StrCat(
                          "\r\nthe header of the answer of ", Name(),
                          " has more than 1000 bytes or 256 fields"))));
  }
}

TEST_F(FailureTest, TooManyFields) {
  Start();
  std::string fields;
  for (int i = 0; i < 257; ++i) fields += "a:\r\n";
  EXPECT_THAT(Get([&fields](RawPeer* peer) {
                peer->Send(absl::StrCat("HTTP/1.1 200 OK\r\n", fields, "\r\n"));
              }),
              EndsWith("more than 65536 bytes or 256 fields"));
}

TEST_F(FailureTest, UpstreamIsSilent_504) {
  options_.upstream.idle_timeout = absl::Milliseconds(100);
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send("GET /up HTTP/1.1\r\nHost: a\r\n\r\n"));
  RawPeer peer = upstream_.Accept();
  EXPECT_THAT(
      client.ReadResponse(),
      AllOf(StartsWith("HTTP/1.1 504 Gateway Timeout\r\n"),
            EndsWith(absl::StrCat("\r\n", Name(), " did nothing for 100ms"))));
  EXPECT_THAT(peer.ReadToEnd(), StartsWith("GET /up "));
  // Its answer has begun.
  RawClient second(listener_->port());
  ASSERT_TRUE(second.Send("GET /up HTTP/1.1\r\nHost: a\r\n\r\n"));
  RawPeer begun = upstream_.Accept();
  ASSERT_TRUE(begun.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"));
  EXPECT_THAT(second.ReadToEnd(), EndsWith("\r\n\r\nabc"));
  AwaitEnded(2);
  EXPECT_THAT(ended(), ElementsAre("504 failed", "200 cut"));
}

TEST_F(FailureTest, BodyDoesNotCome_BothConnectionsEnd) {
  options_.body_timeout = absl::Milliseconds(100);
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send(
      "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab"));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  EXPECT_EQ(peer.ReadToEnd(), "ab");
  EXPECT_EQ(client.ReadToEnd(), "");
  AwaitEnded(1);
  EXPECT_THAT(ended(), ElementsAre("0 cut"));
}

TEST_F(FailureTest, AllConnectionsAreInUse_TheNextWaits) {
  options_.upstream.connections_max = 1;
  Start();
  RawClient first(listener_->port());
  ASSERT_TRUE(first.Send("GET /up/1 HTTP/1.1\r\nHost: a\r\n\r\n"));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  RawClient second(listener_->port());
  ASSERT_TRUE(second.Send(Post("2", "/up")));
  AwaitConnections(2);
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(first.ReadResponse(), EndsWith("ok"));
  EXPECT_THAT(peer.ReadHead(), StartsWith("POST /up "));
  EXPECT_EQ(peer.ReadBytes(1), "2");
  EXPECT_EQ(listener_->stats().upstream_connections, 1);
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(second.ReadResponse(), EndsWith("ok"));
}

TEST_F(FailureTest, NoConnectionInTime_504) {
  options_.upstream.connections_max = 1;
  options_.upstream.connect_timeout = absl::Milliseconds(100);
  Start();
  RawClient first(listener_->port());
  ASSERT_TRUE(first.Send("GET /up/1 HTTP/1.1\r\nHost: a\r\n\r\n"));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  RawClient second(listener_->port());
  ASSERT_TRUE(second.Send(Post("2", "/up")));
  EXPECT_THAT(second.ReadResponse(),
              AllOf(StartsWith("HTTP/1.1 504 "),
                    EndsWith(absl::StrCat("\r\nno connection to ", Name(),
                                          " within 100ms"))));
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(first.ReadResponse(), EndsWith("ok"));
}

// --- Repetition

TEST_F(FailureTest, IdleConnectionThatHasEnded_IsNotUsed) {
  Start();
  RawClient client(listener_->port());
  Warm(&client).Close();
  ASSERT_TRUE(client.Send(Post("body", "/up")));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  EXPECT_EQ(peer.ReadBytes(4), "body");
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(client.ReadResponse(), EndsWith("ok"));
}

TEST_F(FailureTest, IdleConnectionEndsWithoutAnAnswer_OnlySafeOnesAreRepeated) {
  Start();
  RawClient client(listener_->port());
  {
    RawPeer peer = Warm(&client);
    ASSERT_TRUE(client.Send("GET /up/again HTTP/1.1\r\nHost: a\r\n\r\n"));
    const std::string head = peer.ReadHead();
    peer.Close();
    RawPeer next = upstream_.Accept();
    EXPECT_EQ(next.ReadHead(), head);
    // A second time it is not repeated.
    next.Close();
    EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 502 "));
  }
  RawPeer peer = Warm(&client);
  ASSERT_TRUE(client.Send(Post("once", "/up")));
  peer.ReadHead();
  peer.Close();
  EXPECT_THAT(client.ReadResponse(),
              AllOf(StartsWith("HTTP/1.1 502 "),
                    EndsWith(absl::StrCat("\r\n", Name(),
                                          " ended before it answered"))));
  EXPECT_FALSE(upstream_.HasConnection());
}

TEST_F(FailureTest, BytesAfterAnAnswer_AreNoAnswer) {
  Start();
  RawClient client(listener_->port());
  RawPeer peer = Warm(&client);
  ASSERT_TRUE(client.Send("GET /up HTTP/1.1\r\nHost: a\r\n\r\n"));
  peer.ReadHead();
  ASSERT_TRUE(peer.Send(absl::StrCat(kOk, "HTTP/1.1 200 Injected\r\n\r\n")));
  EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\nok"));
  EXPECT_EQ(peer.ReadToEnd(), "");
  RawPeer next = Warm(&client);
  // Bytes that come while it is idle.
  ASSERT_TRUE(next.Send("HTTP/1.1 200 Injected\r\n\r\n"));
  Warm(&client);
}

// --- Failures of the client

TEST_F(FailureTest, ClientEnds_SoDoesTheRequest) {
  Start();
  {
    RawClient client(listener_->port());
    ASSERT_TRUE(client.Send(
        "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"));
    RawPeer peer = upstream_.Accept();
    peer.ReadHead();
    client.ShutdownSend();
    EXPECT_EQ(peer.ReadToEnd(), "abc");
  }
  auto waiting = std::make_unique<RawClient>(listener_->port());
  ASSERT_TRUE(waiting->Send("GET /up HTTP/1.1\r\nHost: a\r\n\r\n"));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  waiting.reset();
  EXPECT_EQ(peer.ReadToEnd(), "");
  AwaitEnded(2);
  EXPECT_THAT(ended(), ElementsAre("0 cut", "0 cut"));
  AwaitConnections(0);
  EXPECT_EQ(listener_->stats().bytes_held, 0);
}

TEST_F(FailureTest, MalformedChunk_400) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(
      client.Send("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                  "chunked\r\n\r\n3\r\nabc\r\n"));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  EXPECT_EQ(peer.ReadBytes(8), "3\r\nabc\r\n");
  ASSERT_TRUE(client.Send("x\r\n"));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 400 "));
  // No last chunk has come.
  EXPECT_EQ(peer.ReadToEnd(), "");
  EXPECT_THAT(ended(), ElementsAre("400 failed"));
}

TEST_F(FailureTest, OwnerThrows) {
  upstream_.Stop();
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send("GET /up/throw HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 500 "));
  RawClient second(listener_->port());
  ASSERT_TRUE(second.Send("GET /up/fail_throws HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_THAT(second.ReadResponse(),
              AllOf(StartsWith("HTTP/1.1 502 "), EndsWith("\r\n\r\n")));
  EXPECT_EQ(listener_->stats().handler_exceptions, 2);
  ExpectAlive();
}

TEST_F(FailureTest, PassOnWithoutAnUpstream_IsRefused) {
  options_.upstream.host.clear();
  EXPECT_EQ(HttpListener::Start(
                options_, [](const HttpRequest&) { return HttpResponse(); })
                .status()
                .message(),
            "pass_on needs an upstream");
}

// --- Loops

TEST_F(PassingTest, UpstreamThatIsItself_508) {
  upstream_.Stop();
  options_.port = upstream_.port();
  Start();
  RawClient client(listener_->port());
  for (const bool is_large : {false, true}) {
    ASSERT_TRUE(
        client.Send(Post(std::string(is_large ? 100'000 : 1, 'x'), "/up")));
    EXPECT_THAT(client.ReadResponse(),
                AllOf(StartsWith("HTTP/1.1 508 Loop Detected\r\n"),
                      EndsWith("\r\nthe upstream leads back to this server")));
  }
  ExpectAlive();
}

TEST_F(PassingTest, TwoListenersInACircle_508) {
  Start();
  HttpListenerOptions options;
  Prepare(&options, listener_->port());
  upstream_.Stop();
  options.port = upstream_.port();
  const auto other = HttpListener::Start(
      options, [](const HttpRequest&) { return HttpResponse(); });
  ASSERT_TRUE(other.ok()) << other.status();
  RawClient client((*other)->port());
  ASSERT_TRUE(client.Send("GET /up HTTP/1.1\r\nHost: a\r\nVia: 1.0 x\r\n\r\n"));
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 508 "));
  AwaitEnded(3);
  EXPECT_THAT(ended(), ElementsAre("508 failed", "508", "508"));
}

// --- Streams

// Reads a number of /proc/self/status, in KiB.
int64_t StatusOf(const char* name) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen("/proc/self/status", "re"), &std::fclose);
  char line[256];
  while (std::fgets(line, sizeof(line), file.get()) != nullptr) {
    if (absl::StartsWith(line, name)) {
      return std::strtoll(line + std::string(name).size() + 1, nullptr, 10);
    }
  }
  ADD_FAILURE() << name;
  return 0;
}

class StreamTest : public PassingTest {
 protected:
  // As many MiB as the environment says, or 256; fewer in a short run.
  static size_t Size() {
    const char* const mib = std::getenv("GLUE_SECURITY_STREAM_MIB");
    const size_t usual = IsShortRun() ? 64 : 256;
    return (mib == nullptr ? usual : std::strtoul(mib, nullptr, 10)) << 20;
  }
  template <typename Peer>
  static void SendMuch(size_t size, Peer* peer) {
    const std::string piece(size_t{1} << 20, 'p');
    for (size_t at = 0; at < size; at += piece.size()) {
      if (!peer->Send(piece)) break;
    }
  }
};

TEST_F(StreamTest, LargeBodies_TakeBoundedMemory) {
  Start();
  const size_t size = Size();
  RawClient client(listener_->port());
  std::thread sender([&client, size] {
    EXPECT_TRUE(client.Send(absl::StrCat(
        "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: ", size, "\r\n\r\n")));
    SendMuch(size, &client);
  });
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  const int64_t before = StatusOf("VmRSS:");
  size_t received = 0;
  while (received < size) {
    const size_t some = peer.Skip();
    if (some == 0) break;
    received += some;
  }
  sender.join();
  EXPECT_EQ(received, size);
  std::thread answerer([&peer, size] {
    peer.Send(
        absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", size, "\r\n\r\n"));
    SendMuch(size, &peer);
  });
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";
  size_t taken = 0;
  while (const size_t some = client.ReadSome(size_t{1} << 16)) {
    taken += some;
    if (taken >= size + absl::StrCat(head, size, "\r\n\r\n").size()) break;
  }
  answerer.join();
  EXPECT_EQ(taken, size + absl::StrCat(head, size, "\r\n\r\n").size());
  AwaitEnded(1);
  EXPECT_THAT(ended(), ElementsAre("200"));
  // An eighth of what has passed through. Under a sanitizer, which keeps what
  // was freed, runs are short.
  if (!IsShortRun()) {
    EXPECT_LT(StatusOf("VmRSS:") - before, int64_t{32} << 10);
  }
  EXPECT_LT(listener_->stats().bytes_held_max, size_t{128} << 10);
}

TEST_F(StreamTest, SlowReader_HoldsUpTheUpstream) {
  Start();
  const size_t size = size_t{32} << 20;
  RawClient client(listener_->port(), 4096);
  ASSERT_TRUE(client.Send("GET /up HTTP/1.1\r\nHost: a\r\n\r\n"));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  std::atomic<size_t> sent{0};
  std::thread answerer([&] {
    peer.Send(
        absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", size, "\r\n\r\n"));
    const std::string piece(size_t{1} << 16, 'p');
    while (sent < size && peer.Send(piece)) sent += piece.size();
  });
  // The upstream comes to a stop, with what the systems hold.
  size_t last = 0;
  Await(
      [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return sent > 0 && std::exchange(last, sent.load()) == last;
      },
      "a stop");
  EXPECT_LT(sent, size);
  EXPECT_LT(listener_->stats().bytes_held_max, size_t{128} << 10);
  // Other connections of the thread are served.
  ExpectAlive();
  size_t taken = 0;
  while (taken < size) {
    const size_t some = client.ReadSome(size_t{1} << 20);
    if (some == 0) break;
    taken += some;
  }
  EXPECT_GE(taken, size);
  answerer.join();
}

TEST_F(StreamTest, SlowUpstream_HoldsUpTheClient) {
  Start();
  RawClient client(listener_->port());
  const size_t size = size_t{32} << 20;
  std::atomic<size_t> sent{0};
  std::thread sender([&] {
    client.Send(absl::StrCat(
        "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: ", size, "\r\n\r\n"));
    const std::string piece(size_t{1} << 16, 'p');
    while (sent < size && client.Send(piece)) sent += piece.size();
  });
  RawPeer peer = upstream_.Accept();
  size_t last = 0;
  Await(
      [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return sent > 0 && std::exchange(last, sent.load()) == last;
      },
      "a stop");
  EXPECT_LT(sent, size);
  EXPECT_LT(listener_->stats().bytes_held_max, size_t{128} << 10);
  ExpectAlive();
  peer.ReadHead();
  size_t taken = 0;
  while (taken < size) {
    const size_t some = peer.Skip();
    if (some == 0) break;
    taken += some;
  }
  EXPECT_EQ(taken, size);
  sender.join();
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(client.ReadResponse(), EndsWith("ok"));
}

// The upstream echoes, while the client still sends.
TEST_F(StreamTest, BothDirectionsAtOnce) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(
      client.Send("POST /up HTTP/1.1\r\nHost: a\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n"));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  ASSERT_TRUE(peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"));
  for (const char* const piece : {"ab", "cd", "ef"}) {
    ASSERT_TRUE(client.Send(absl::StrCat("2\r\n", piece, "\r\n")));
    EXPECT_EQ(peer.ReadBytes(7), absl::StrCat("2\r\n", piece, "\r\n"));
    ASSERT_TRUE(peer.Send(piece));
  }
  EXPECT_EQ(client.ReadToEnd(),
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n"
            "\r\nabcdef");
}

// --- The end

TEST_F(PassingTest, Stop_WaitsForRequestsThatArePassedOn) {
  Start();
  RawClient client(listener_->port());
  RawPeer peer = Warm(&client);
  ASSERT_TRUE(client.Send("GET /up HTTP/1.1\r\nHost: a\r\n\r\n"));
  peer.ReadHead();
  std::thread stopper([this] { EXPECT_TRUE(listener_->Stop()); });
  Await([&] { return !RawClient(listener_->port()).is_connected(); },
        "the end of the acceptor");
  ASSERT_TRUE(peer.Send(kOk));
  EXPECT_THAT(client.ReadToEnd(),
              AllOf(HasSubstr("\r\nConnection: close\r\n"), EndsWith("ok")));
  stopper.join();
}

TEST_F(PassingTest, Stop_CutsOffWhatTakesTooLong) {
  options_.drain_max = absl::Milliseconds(200);
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send("GET /up HTTP/1.1\r\nHost: a\r\n\r\n"));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  EXPECT_TRUE(listener_->Stop());
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(peer.ReadToEnd(), "");
  EXPECT_THAT(ended(), ElementsAre("0 cut"));
}

}  // namespace
}  // namespace glue_security
