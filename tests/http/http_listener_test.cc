// Honest and hostile peers. The handler echoes method, target and body.

#include "glue_security/http/http_listener.h"

#include <pthread.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/config.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/http/http_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/listener_test_base.h"
#include "tests/http/raw_client.h"

namespace glue_security {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

using HttpListenerTest = ListenerTest;

TEST_F(HttpListenerTest, AConnectionServesOneRequestAfterTheOther) {
  Start();
  RawClient client(listener_->port());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client.Send(Post(absl::StrCat("body ", i))));
    const std::string response = client.ReadResponse();
    EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(response, HasSubstr("X-Test: yes\r\n"));
    EXPECT_THAT(response, HasSubstr(" GMT\r\n"));
    EXPECT_THAT(response, EndsWith(absl::StrCat("POST / body ", i)));
  }
  EXPECT_EQ(listener_->connections(), 1u);
}

TEST_F(HttpListenerTest, APipelinedBurstIsAnsweredInOrder) {
  Start();
  RawClient client(listener_->port());
  std::string burst;
  for (int i = 0; i < 1000; ++i) burst += Post(absl::StrCat("body ", i));
  std::thread sender([&] { EXPECT_TRUE(client.Send(burst)); });
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(client.ReadResponse(), EndsWith(absl::StrCat("body ", i)));
  }
  sender.join();
}

// The serving threads have small stacks. Requests that wait in a pipeline must
// not take stack each.
TEST_F(HttpListenerTest, APipelinedBurstTakesNoStack) {
#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
  GTEST_SKIP() << "sanitizers take stack of their own";
#endif
  pthread_attr_t attributes;
  size_t usual = 0;
  ASSERT_EQ(pthread_getattr_default_np(&attributes), 0);
  ASSERT_EQ(pthread_attr_getstacksize(&attributes, &usual), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, size_t{128} * 1024), 0);
  ASSERT_EQ(pthread_setattr_default_np(&attributes), 0);
  Start();
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, usual), 0);
  ASSERT_EQ(pthread_setattr_default_np(&attributes), 0);
  RawClient client(listener_->port());
  std::string burst;
  for (int i = 0; i < 1000; ++i) burst += Post("");
  ASSERT_TRUE(client.Send(burst));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(client.ReadResponse(), EndsWith("POST / "));
  }
}

// A request whose body, or whose header, makes it `size` bytes long.
std::string RequestOf(size_t size, bool in_header) {
  std::string body;
  std::string header;
  std::string request;
  while (request.size() < size) {
    request = absl::StrCat(
        "POST / HTTP/1.1\r\nHost: a\r\nX: ", header,
        "\r\nContent-Length: ", absl::Dec(body.size(), absl::kZeroPad8),
        "\r\n\r\n", body);
    if (request.size() < size) {
      (in_header ? header : body).append(size - request.size(), 'x');
    }
  }
  return request;
}

// The first read of a request takes up to 1024 bytes, later reads up to 64 KiB.
TEST_F(HttpListenerTest, ARequestMayEndWhereAReadDoes) {
  Start();
  RawClient client(listener_->port());
  for (const size_t read : {1024, 2048, 65536, 66560}) {
    for (const size_t size : {read - 1, read, read + 1}) {
      for (const bool in_header : {true, false}) {
        if (in_header && size > options_.header_bytes_max) continue;
        const std::string request = RequestOf(size, in_header);
        ASSERT_EQ(request.size(), size);
        const std::string body = request.substr(request.find("\r\n\r\n") + 4);
        for (const int times : {1, 3}) {
          std::string sent;
          for (int i = 0; i < times; ++i) sent += request;
          ASSERT_TRUE(client.Send(sent));
          for (int i = 0; i < times; ++i) {
            EXPECT_THAT(client.ReadResponse(), EndsWith("POST / " + body))
                << size << ", " << in_header << ", " << times;
          }
        }
      }
    }
  }
}

TEST_F(HttpListenerTest, ARequestMayComeByteByByte) {
  Start();
  RawClient client(listener_->port());
  for (const char c : Post("body", "/a?b")) {
    ASSERT_TRUE(client.Send(absl::string_view(&c, 1)));
  }
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST /a?b body"));
}

TEST_F(HttpListenerTest, ChunksAreABody) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(
      client.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                  "\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST / abcde"));
}

TEST_F(HttpListenerTest, WhoeverAsksToContinueIsToldTo) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(
      client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
                  "Expect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.ReadResponse(), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.Send("body"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST / body"));
}

TEST_F(HttpListenerTest, TheConnectionEndsWhereThePeerWantsIt) {
  Start();
  for (const std::string& request : {Post("x", "/", "Connection: close\r\n"),
                                     std::string("GET / HTTP/1.0\r\n\r\n")}) {
    RawClient client(listener_->port());
    ASSERT_TRUE(client.Send(request));
    const std::string all = client.ReadToEnd();
    EXPECT_THAT(all, HasSubstr("200 OK"));
    EXPECT_THAT(all, HasSubstr("Connection: close"));
  }
}

TEST_F(HttpListenerTest, AnAnswerComesLateOrNeverWhereTheHandlerSaysSo) {
  Start();
  RawClient slow(listener_->port());
  ASSERT_TRUE(slow.Send(Post("x", "/slow")));
  // Other requests do not wait for it.
  ExpectAlive();
  EXPECT_THAT(slow.ReadResponse(), EndsWith("POST /slow x"));
  RawClient dropped(listener_->port());
  ASSERT_TRUE(dropped.Send(Post("x", "/drop")));
  EXPECT_EQ(dropped.ReadToEnd(), "");
}

// --- Conformance

TEST_F(HttpListenerTest, ARequestNamesOneHost) {
  Start();
  const struct {
    const char* version;
    const char* headers;
    bool is_taken;
  } kCases[] = {
      {"1.1", "Host: a\r\n", true},
      {"1.1", "Host: a:80\r\n", true},
      {"1.1", "host: a_b-c.example\r\n", true},
      {"1.1", "Host: 127.0.0.1:4566\r\n", true},
      {"1.1", "Host: [::1]:4566\r\n", true},
      {"1.1", "Host: [::1]\r\n", true},
      {"1.1", "Host: a%20b\r\n", true},
      {"1.1", "Host:\r\n", true},
      {"1.0", "", true},
      {"1.0", "Host: a\r\n", true},
      {"1.1", "", false},
      {"1.1", "X-Host: a\r\n", false},
      {"1.1", "Host: a\r\nHost: a\r\n", false},
      {"1.1", "Host: a\r\nX: y\r\nHOST: b\r\n", false},
      {"1.0", "Host: a\r\nHost: b\r\n", false},
      {"1.1", "Host: a b\r\n", false},
      {"1.1", "Host: a/b\r\n", false},
      {"1.1", "Host: user@a\r\n", false},
      {"1.1", "Host: a,b\"\r\n", false},
      {"1.1", "Host: a:x\r\n", false},
      {"1.1", "Host: a:80:80\r\n", false},
      {"1.1", "Host: a:123456\r\n", false},
      {"1.1", "Host: [::1\r\n", false},
      {"1.1", "Host: [::1]80\r\n", false},
      {"1.1", "Host: []\r\n", false},
      {"1.1", "Host: [g::]\r\n", false},
      {"1.1", "Host: a%2\r\n", false},
      {"1.1", "Host: a\xC3\xA9\r\n", false},
      {"1.0", "Host: a/b\r\n", false},
  };
  int taken = 0;
  for (const auto& item : kCases) {
    RawClient client(listener_->port());
    ASSERT_TRUE(client.Send(absl::StrCat("GET /x HTTP/", item.version, "\r\n",
                                         item.headers, "\r\n")));
    const std::string answer = client.ReadResponse();
    if (item.is_taken) ++taken;
    EXPECT_THAT(answer, StartsWith(item.is_taken ? "HTTP/1.1 200 OK"
                                                 : "HTTP/1.1 400 Bad Request"))
        << item.version << " " << item.headers;
    EXPECT_EQ(handled_, taken) << item.headers;
  }
}

TEST_F(HttpListenerTest, ATargetInItsAbsoluteFormIsPathAndHost) {
  Start();
  const struct {
    const char* target;
    const char* path;
    const char* host;
  } kCases[] = {
      {"http://127.0.0.1:4566/", "/", "127.0.0.1:4566"},
      {"http://b", "/", "b"},
      {"HTTPS://b/c/d?e=f", "/c/d?e=f", "b"},
      {"http://[::1]:80?e", "/?e", "[::1]:80"},
      {"/", "/", "a"},
      {"/http://b/", "/http://b/", "a"},
      {"//b/", "//b/", "a"},
      {"/%7Ea;b=c,d/..?x=/?:@!$&'()*+-._~", "/%7Ea;b=c,d/..?x=/?:@!$&'()*+-._~",
       "a"},
  };
  for (const auto& item : kCases) {
    RawClient client(listener_->port());
    ASSERT_TRUE(client.Send(
        absl::StrCat("POST ", item.target,
                     " HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")));
    EXPECT_THAT(client.ReadResponse(),
                EndsWith(absl::StrCat("\r\n\r\nPOST ", item.path, " x")));
  }
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send(
      "GET http://b:1/headers HTTP/1.1\r\nX: y\r\nHost: a\r\n\r\n"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("GET /headers  X=y Host=b:1"));
  RawClient old(listener_->port());
  ASSERT_TRUE(old.Send("GET http://b:1/headers HTTP/1.0\r\nX: y\r\n\r\n"));
  EXPECT_THAT(old.ReadResponse(), EndsWith("GET /headers  Host=b:1 X=y"));
  RawClient all(listener_->port());
  ASSERT_TRUE(all.Send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_THAT(all.ReadResponse(), EndsWith("OPTIONS * "));
}

TEST_F(HttpListenerTest, ATargetInNoFormIsRefused) {
  Start();
  for (const char* target :
       {"x",           "*",           "a:80",        "http:///",
        "http://",     "http:/b/",    "ftp://b/",    "http://u@b/",
        "http://:80/", "http://b:x/", "http://b c/", "/a#b",
        "/\"",         "/<",          "/>",          "/\\",
        "/^",          "/`",          "/{",          "/|",
        "/}",          "/%",          "/%4",         "/%4g",
        "/a%",         "/\xC3\xA9",   "/\xFF",       "http://b/\xC3\xA9",
        "?x"}) {
    RawClient client(listener_->port());
    ASSERT_TRUE(client.Send(
        absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: a\r\n\r\n")));
    EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 400")) << target;
  }
  RawClient tunnel(listener_->port());
  ASSERT_TRUE(tunnel.Send("CONNECT b:80 HTTP/1.1\r\nHost: b:80\r\n\r\n"));
  EXPECT_THAT(tunnel.ReadToEnd(), StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpListenerTest, EmptyLinesInFrontOfARequestAreIgnored) {
  Start();
  RawClient client(listener_->port());
  for (const char* lines : {"", "\r\n", "\r\n\r\n\r\n\r\n"}) {
    // Sent in single bytes, they have the same effect.
    for (const char* c = lines; *c != '\0'; ++c) {
      ASSERT_TRUE(client.Send(absl::string_view(c, 1)));
    }
    ASSERT_TRUE(client.Send(Post("x")));
    EXPECT_THAT(client.ReadResponse(), EndsWith("POST / x"));
    ASSERT_TRUE(client.Send(lines + Post("y") + lines + Post("z")));
    EXPECT_THAT(client.ReadResponse(), EndsWith("POST / y"));
    EXPECT_THAT(client.ReadResponse(), EndsWith("POST / z"));
  }
  EXPECT_EQ(handled_, 9);
  ASSERT_TRUE(client.Send("\r\n\r\n\r\n\r\n\r\n" + Post("x")));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(handled_, 9);
}

// --- Hostile peers

TEST_F(HttpListenerTest, WhatIsNoHttpIsRefused) {
  Start();
  for (const std::string& garbage :
       {std::string(
            "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03 hello\r\n\r\n", 21),
        std::string("\0\0\0\0\r\n\r\n", 8), std::string("GET\r\n\r\n"),
        std::string("GET / HTTP/9.9\r\n\r\n"),
        std::string("GET / HTTP/1.1 \r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nHost : a\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\nx"),
        std::string("POST / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\nx"),
        std::string("POST / HTTP/1.1\r\nContent-Length: "
                    "99999999999999999999999\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nTransfer-Encoding: "
                    "chunked\r\n\r\nXYZ\r\n"),
        std::string("POST / HTTP/1.1\r\nTransfer-Encoding: "
                    "chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n")}) {
    RawClient client(listener_->port());
    ASSERT_TRUE(client.Send(garbage));
    client.ShutdownSend();
    const std::string all = client.ReadToEnd();
    EXPECT_TRUE(absl::StartsWith(all, "HTTP/1.1 400") ||
                absl::StartsWith(all, "HTTP/1.1 413") || all.empty())
        << garbage << "\n"
        << all;
    EXPECT_EQ(handled_, 0) << garbage;
  }
  ExpectAlive();
}

TEST_F(HttpListenerTest, ARequestWithTwoReadingsIsRefusedAndNothingBehindIt) {
  Start();
  const std::string smuggled = Post("smuggled");
  for (const std::string& headers :
       {std::string("Content-Length: 4\r\nContent-Length: 4\r\n"),
        std::string("Content-Length: 4\r\nContent-Length: 5\r\n"),
        std::string("Content-Length: 4, 4\r\n"),
        std::string("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
        std::string("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"),
        std::string("Transfer-Encoding: chunked\r\n"
                    "Transfer-Encoding: identity\r\n"),
        std::string("Transfer-Encoding: identity\r\n"),
        std::string("Transfer-Encoding: gzip, chunked\r\n"),
        std::string("Transfer-Encoding: xchunked\r\n"),
        std::string("Transfer-Encoding:\x0b"
                    "chunked\r\n"),
        std::string("Transfer-Encoding : chunked\r\n"),
        std::string(
            "Content-Length: 4\r\nTransfer-Encoding: chunked, x\r\n")}) {
    RawClient client(listener_->port());
    ASSERT_TRUE(client.Send(absl::StrCat("POST / HTTP/1.1\r\nHost: a\r\n",
                                         headers, "\r\n0\r\n\r\n", smuggled)));
    client.ShutdownSend();
    const std::string all = client.ReadToEnd();
    EXPECT_THAT(all, StartsWith("HTTP/1.1 400")) << headers;
    EXPECT_THAT(all, HasSubstr("Connection: close")) << headers;
    EXPECT_EQ(handled_, 0) << headers;
  }
  ExpectAlive();
}

// RFC 9112, section 6.1: its recipients disagree about the end of the body.
TEST_F(HttpListenerTest, ChunksOfTheOldVersionAreRefused) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send(
      "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "1\r\nx\r\n0\r\n\r\n"));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(handled_, 0);
  ExpectAlive();
}

// A proxy could act by the first value and the handler by the second.
TEST_F(HttpListenerTest, AHeaderWithOneMeaningIsGivenOnce) {
  Start();
  for (const absl::string_view name :
       {"Authorization", "Content-Type", "Date", "X-Amz-Date",
        "X-Amz-Security-Token", "X-Amz-Target"}) {
    for (const char* const second : {"a", "b", ""}) {
      RawClient client(listener_->port());
      ASSERT_TRUE(client.Send(Post(
          "x", "/",
          absl::StrCat(name, ": a\r\nX: y\r\n", absl::AsciiStrToLower(name),
                       ": ", second, "\r\n"))));
      EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 400")) << name;
      EXPECT_EQ(handled_, 0) << name;
    }
  }
  // Other headers are lists.
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send(Post("x", "/", "Accept: a\r\nAccept: b\r\n")));
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpListenerTest, TooMuchIsRefusedBeforeItComes) {
  options_.header_bytes_max = 4096;
  options_.body_bytes_max = 10'000;
  Start();
  RawClient gigabyte(listener_->port());
  ASSERT_TRUE(gigabyte.Send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n"));
  EXPECT_THAT(gigabyte.ReadResponse(), StartsWith("HTTP/1.1 413"));

  RawClient chunks(listener_->port());
  ASSERT_TRUE(
      chunks.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                  "chunked\r\n\r\n40000000\r\n"));
  EXPECT_THAT(chunks.ReadResponse(), StartsWith("HTTP/1.1 413"));

  RawClient header(listener_->port());
  ASSERT_TRUE(header.Send(
      absl::StrCat("POST / HTTP/1.1\r\nX: ", std::string(8000, 'x'))));
  EXPECT_THAT(header.ReadResponse(), StartsWith("HTTP/1.1 431"));
  EXPECT_EQ(handled_, 0);

  RawClient exact(listener_->port());
  ASSERT_TRUE(exact.Send(Post(std::string(10'000, 'x'))));
  EXPECT_THAT(exact.ReadResponse(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpListenerTest, AHeaderThatComesFieldByFieldIsBoundedToo) {
  // Each piece ends within a field's name, so that almost nothing remains
  // unparsed.
  options_.header_bytes_max = 4096;
  options_.threads = 1;
  Start();
  for (const size_t left : {1, 2, 3, 4, 12}) {
    RawClient client(listener_->port());
    const std::string name = std::string("Abcdefghijkl").substr(0, left);
    const std::string rest = std::string("Abcdefghijkl").substr(left);
    ASSERT_TRUE(client.Send("POST / HTTP/1.1\r\n" + name));
    std::string piece;
    while (piece.size() < 512) piece += rest + ": 0123456\r\n" + name;
    for (size_t sent = 0; sent < 4 * 4096; sent += piece.size()) {
      ASSERT_TRUE(client.Send(piece));
      // Once another peer has its answer, the server has read this piece.
      ExpectAlive();
    }
    EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 431")) << left;
  }
}

TEST_F(HttpListenerTest, ATrailerSaysNothing) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(
      client.Send("POST /headers HTTP/1.1\r\nHost: a\r\nX-Name: header\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n"
                  "X-Name: trailer\r\nX-Other: trailer\r\n\r\n"));
  EXPECT_THAT(client.ReadResponse(),
              EndsWith("POST /headers ab Host=a X-Name=header "
                       "Transfer-Encoding=chunked"));
}

TEST_F(HttpListenerTest, AnAnswerToHeadHasNoBody) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + Post("x")));
  const std::string all = [&client] {
    client.ShutdownSend();
    return client.ReadToEnd();
  }();
  EXPECT_THAT(all, HasSubstr("Content-Length: 8\r\n\r\nHTTP/1.1 200 OK"));
  EXPECT_THAT(all, EndsWith("POST / x"));
}

TEST_F(HttpListenerTest, AClientOfTheOldVersionReadsToTheEnd) {
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_THAT(client.ReadToEnd(), HasSubstr("Connection: close"));
}

TEST_F(HttpListenerTest, ForEverIsATimeToo) {
  options_.idle_timeout = absl::InfiniteDuration();
  options_.header_timeout = absl::InfiniteDuration();
  options_.body_timeout = absl::InfiniteDuration();
  options_.write_timeout = absl::InfiniteDuration();
  options_.drain_max = absl::InfiniteDuration();
  options_.drain_idle = absl::ZeroDuration();
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send("POST / HTTP/1.1\r\nHost: a\r\n"));
  // The delay is longer than the interval at which connections are checked.
  RawClient slow(listener_->port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(slow.Send(Post("x", "/slow")));
    EXPECT_THAT(slow.ReadResponse(), EndsWith("POST /slow x"));
  }
  ASSERT_TRUE(client.Send("Content-Length: 1\r\n\r\ny"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST / y"));
}

TEST_F(HttpListenerTest, WhatIsAroundAChunkIsBoundedToo) {
  options_.header_bytes_max = 4096;
  Start();
  constexpr char kHeader[] =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string much(100'000, 'x');
  for (const std::string& endless :
       {"1;" + much, "0\r\nX: " + much, std::string(100'000, '0')}) {
    RawClient client(listener_->port());
    client.Send(kHeader + endless);
    EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 400"));
  }
  EXPECT_EQ(handled_, 0);
  RawClient exact(listener_->port());
  ASSERT_TRUE(exact.Send(absl::StrCat(kHeader, "1;x=", much.substr(0, 3000),
                                      "\r\na\r\n0\r\n\r\n")));
  EXPECT_THAT(exact.ReadResponse(), EndsWith("POST / a"));
}

TEST_F(HttpListenerTest, ALargeBodyInManyShapes) {
  Start();
  const std::string body(1'500'000, 'b');
  RawClient client(listener_->port());
  for (const size_t chunk : {size_t{1'500'000}, size_t{60'000}, size_t{999}}) {
    std::string request =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (size_t at = 0; at < body.size(); at += chunk) {
      const std::string part = body.substr(at, chunk);
      absl::StrAppend(&request, absl::Hex(part.size()), "\r\n", part, "\r\n");
    }
    ASSERT_TRUE(client.Send(absl::StrCat(request, "0\r\n\r\n")));
    EXPECT_TRUE(absl::EndsWith(client.ReadResponse(), "POST / " + body))
        << chunk;
  }
  ASSERT_TRUE(client.Send(Post(body)));
  EXPECT_TRUE(absl::EndsWith(client.ReadResponse(), "POST / " + body));
}

TEST_F(HttpListenerTest, HalfARequestIsForgotten) {
  Start();
  const std::string whole = Post("a body");
  for (size_t size = 0; size < whole.size(); ++size) {
    RawClient client(listener_->port());
    ASSERT_TRUE(client.Send(whole.substr(0, size)));
    client.ShutdownSend();
    EXPECT_EQ(client.ReadToEnd(), "") << size;
  }
  EXPECT_EQ(handled_, 0);
  ExpectAlive();
}

TEST_F(HttpListenerTest, WhoeverIsSlowIsCutOff) {
  options_.idle_timeout = absl::Milliseconds(300);
  options_.header_timeout = absl::Milliseconds(300);
  options_.body_timeout = absl::Milliseconds(300);
  Start();
  // None of these peers ends its connection.
  RawClient idle(listener_->port());
  RawClient header(listener_->port());
  ASSERT_TRUE(header.Send("POST / HTTP/1.1\r\nHo"));
  RawClient body(listener_->port());
  ASSERT_TRUE(
      body.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"));
  // A peer that sends all the time is cut off, too.
  RawClient drip(listener_->port());
  ASSERT_TRUE(drip.Send("POST / HTTP/1.1\r\n"));
  int lines = 0;
  while (drip.Send("X: y\r\n") && lines < 1'000'000) ++lines;
  EXPECT_EQ(idle.ReadToEnd(), "");
  EXPECT_EQ(header.ReadToEnd(), "");
  EXPECT_EQ(body.ReadToEnd(), "");
  EXPECT_EQ(handled_, 0);
  ExpectAlive();
}

TEST_F(HttpListenerTest, BeyondTheBoundTheLongestIdleConnectionMakesRoom) {
  options_.threads = 1;
  options_.connections_max = 3;
  Start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(listener_->port()));
    ASSERT_TRUE(clients.back()->Send(Post("x")));
    EXPECT_THAT(clients.back()->ReadResponse(), EndsWith("x"));
  }
  // The first client is no longer the one that was idle longest.
  ASSERT_TRUE(clients[0]->Send(Post("y")));
  EXPECT_THAT(clients[0]->ReadResponse(), EndsWith("y"));
  ExpectAlive();
  EXPECT_EQ(clients[1]->ReadToEnd(), "");
  EXPECT_LE(listener_->connections(), 3u);
}

TEST_F(HttpListenerTest, WhereNoneIsIdleTheOldestHalfOfAHeaderMakesRoom) {
  options_.threads = 1;
  options_.connections_max = 3;
  Start();
  std::vector<std::unique_ptr<RawClient>> clients;
  const auto connect = [&](const std::string& text) {
    clients.push_back(std::make_unique<RawClient>(listener_->port()));
    ASSERT_TRUE(clients.back()->Send(text));
  };
  connect(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_THAT(clients[0]->ReadResponse(), HasSubstr("100 Continue"));
  for (int i = 0; i < 10; ++i) {
    connect("POST / HTTP/1.1\r\nHost: a\r\nX: ");
    ExpectAlive();
  }
  EXPECT_EQ(clients[1]->ReadToEnd(), "");
  ASSERT_TRUE(clients[0]->Send("ok"));
  EXPECT_THAT(clients[0]->ReadResponse(), EndsWith("POST / ok"));
}

TEST_F(HttpListenerTest, WhereAllAreBusyANewConnectionIsRefused) {
  options_.threads = 1;
  options_.connections_max = 1;
  Start();
  RawClient busy(listener_->port());
  ASSERT_TRUE(
      busy.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                "Expect: 100-continue\r\n\r\n"));
  EXPECT_THAT(busy.ReadResponse(), HasSubstr("100 Continue"));
  RawClient late(listener_->port());
  EXPECT_THAT(late.ReadToEnd(), StartsWith("HTTP/1.1 503"));
  ASSERT_TRUE(busy.Send("ok"));
  EXPECT_THAT(busy.ReadResponse(), EndsWith("POST / ok"));
}

// --- The end

TEST_F(HttpListenerTest, StopAnswersWhatWasSent) {
  options_.drain_idle = absl::Milliseconds(100);
  Start();
  constexpr int kClients = 8;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<RawClient>(listener_->port()));
    ASSERT_TRUE(clients.back()->is_connected());
    // The second request waits behind the first.
    ASSERT_TRUE(clients.back()->Send(Post("x", "/slow") + Post("y")));
  }
  while (handled_ < kClients) std::this_thread::yield();
  std::thread stopper([this] { listener_->Stop(); });
  for (auto& client : clients) {
    EXPECT_THAT(client->ReadResponse(), EndsWith("POST /slow x"));
    const std::string last = client->ReadToEnd();
    EXPECT_THAT(last, EndsWith("POST / y"));
    EXPECT_THAT(last, HasSubstr("Connection: close"));
  }
  EXPECT_EQ(handled_, 2 * kClients);
  stopper.join();
  EXPECT_EQ(listener_->connections(), 0u);
  RawClient late(listener_->port());
  EXPECT_FALSE(late.is_connected());
}

TEST_F(HttpListenerTest, StopAnswersWhatTheSystemStillHolds) {
  // The second request is not read together with the first, which fills one
  // whole read.
  constexpr size_t kRead = size_t{16} * 1024;
  options_.drain_idle = absl::Seconds(10);
  Start();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send(Post("first")));
  EXPECT_THAT(client.ReadResponse(), EndsWith("first"));
  std::thread stopper([this] { listener_->Stop(); });
  // The listener drains once it accepts no more connections.
  while (RawClient(listener_->port()).is_connected()) std::this_thread::yield();
  std::string exact = Post(std::string(kRead - 200, 'x'), "/", "X: \r\n");
  exact.insert(exact.find("X: ") + 3, kRead - exact.size(), 'x');
  ASSERT_EQ(exact.size(), kRead);
  ASSERT_TRUE(client.Send(exact + Post("second")));
  EXPECT_THAT(client.ReadResponse(), EndsWith("xxx"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST / second"));
  stopper.join();
}

TEST_F(HttpListenerTest, StopEndsWithoutTheHelpOfIdleOrStuckPeers) {
  options_.drain_idle = absl::Milliseconds(100);
  options_.drain_max = absl::Milliseconds(500);
  Start();
  RawClient idle(listener_->port());
  RawClient stuck(listener_->port());
  ASSERT_TRUE(stuck.Send("POST / HTTP/1.1\r\nHost"));
  listener_->Stop();
  listener_->Stop();  // Again does nothing.
  EXPECT_EQ(idle.ReadToEnd(), "");
  EXPECT_EQ(stuck.ReadToEnd(), "");
}

TEST_F(HttpListenerTest, WhatCannotBeListenedOnIsAnError) {
  Start();
  HttpListenerOptions taken;
  taken.port = listener_->port();
  const auto handler = [](const HttpRequest&) { return HttpResponse(); };
  const auto second = HttpListener::Start(taken, handler);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(second.status().message(), HasSubstr("cannot listen on"));
  HttpListenerOptions nowhere;
  nowhere.address = "nowhere";
  EXPECT_EQ(HttpListener::Start(nowhere, handler).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace glue_security
