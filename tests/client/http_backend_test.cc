// HttpBackend and a server: connections, threads, failures and signatures.
// http_backend_conformance_test.cc has the contract.

#include "glue_security/client/http_backend.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/engine/engine.h"
#include "glue_security/http/credentials.h"
#include "glue_security/http/http_listener.h"
#include "glue_security/http/http_message.h"
#include "glue_security/server/server.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/scripted_server.h"

namespace glue_security {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const Caller kCaller{"111122223333", "us-east-1", ""};

v1::Request Named(const std::string& name) {
  v1::Request request;
  auto* create = request.mutable_create_security_configuration();
  create->set_name(name);
  create->mutable_encryption_configuration();
  return request;
}

v1::Request List() {
  v1::Request request;
  request.mutable_get_security_configurations();
  return request;
}

std::unique_ptr<HttpBackend> Remote(const std::string& url,
                                    HttpBackendOptions options = {}) {
  auto remote = HttpBackend::Create(url, std::move(options));
  EXPECT_TRUE(remote.ok()) << remote.status();
  return *std::move(remote);
}

// Listens, but has no room for another connection.
class FullListener {
 public:
  FullListener() : fds_({socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(fds_[0], generic, sizeof(address)), 0);
    EXPECT_EQ(listen(fds_[0], 0), 0);
    socklen_t size = sizeof(address);
    getsockname(fds_[0], generic, &size);
    url_ = absl::StrCat("http://127.0.0.1:", ntohs(address.sin_port));
    // The last one is still waiting for its connection.
    constexpr int kConnections = 8;
    for (int i = 0; i < kConnections; ++i) {
      fds_.push_back(
          socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      connect(fds_.back(), generic, sizeof(address));
    }
  }
  ~FullListener() {
    for (const int fd : fds_) close(fd);
  }
  const std::string& url() const { return url_; }

 private:
  std::vector<int> fds_;
  std::string url_;
};

// Returns a server that always gives one answer.
std::unique_ptr<HttpListener> Answering(HttpResponse answer) {
  HttpListenerOptions options;
  options.threads = 1;
  options.drain_idle = absl::ZeroDuration();
  options.drain_max = absl::Milliseconds(100);
  auto listener = HttpListener::Start(
      options, [answer](const HttpRequest&) { return answer; });
  EXPECT_TRUE(listener.ok());
  return *std::move(listener);
}

v1::Error ErrorBehind(const HttpListener& listener,
                      HttpBackendOptions options = {}) {
  return Remote(absl::StrCat("http://127.0.0.1:", listener.port()),
                std::move(options))
      ->Execute(kCaller, List())
      .error();
}

TEST(HttpBackendTest, WhatIsNoUrlOfThisKindIsRefused) {
  for (const char* url : {"",
                          "http://",
                          "127.0.0.1:80",
                          "http://127.0.0.1",
                          "http://:80",
                          "http://a:0",
                          "http://a:65536",
                          "http://a:x",
                          "http://a:80/path",
                          "https://a:443",
                          "http://a:+80",
                          "http://a: 80",
                          "http://a b:80",
                          "http://u@a:80",
                          "http://a?b:80",
                          "http://a#b:80",
                          "http://::1:80",
                          "http://[::1:80",
                          "http://[]:80",
                          "http://[a/b]:80",
                          "HTTP://a:80"}) {
    const auto refused = HttpBackend::Create(url, {});
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument)
        << url;
    EXPECT_EQ(refused.status().message(),
              absl::StrCat("\"", url, "\" is not http://HOST:PORT"));
  }
  const auto controls = HttpBackend::Create("http://a\r\nX: 1\r\n:80", {});
  EXPECT_EQ(controls.status().message(),
            R"("http://a\r\nX: 1\r\n:80" is not http://HOST:PORT)");
  EXPECT_FALSE(HttpBackend::Create("http://\xC3\xA4:80", {}).ok());
  EXPECT_FALSE(HttpBackend::Create(std::string("http://a\0b:80", 13), {}).ok());
  EXPECT_TRUE(HttpBackend::Create("http://localhost:80/", {}).ok());
  EXPECT_TRUE(HttpBackend::Create("http://[::1]:80", {}).ok());
}

TEST(HttpBackendTest, WhereNobodyListensNothingWasSent) {
  auto listener = Answering({});
  const std::string url = absl::StrCat("http://127.0.0.1:", listener->port());
  listener->Stop();
  const v1::Response response = Remote(url)->Execute(kCaller, List());
  EXPECT_THAT(response, HasErrorCode(v1::ERROR_CODE_INTERNAL_SERVICE));
  EXPECT_EQ(response.error().detail(), v1::Error::DETAIL_NOT_APPLIED);
  EXPECT_EQ(response.error().message(),
            absl::StrCat("cannot connect to 127.0.0.1:", listener->port(),
                         ": Connection refused"));
}

TEST(HttpBackendTest, AnAnswerThatDoesNotComeLeavesTheOutcomeOpen) {
  HttpResponse lost;
  lost.drop_connection = true;
  const v1::Error dropped = ErrorBehind(*Answering(lost));
  EXPECT_EQ(dropped.code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
  EXPECT_THAT(dropped.message(), StartsWith("no answer: "));
  HttpResponse late;
  late.delay = absl::Hours(1);
  HttpBackendOptions options;
  options.timeout = absl::Seconds(1);
  const auto listener = Answering(late);
  EXPECT_EQ(ErrorBehind(*listener, options).code(),
            v1::ERROR_CODE_OPERATION_TIMEOUT);
}

TEST(HttpBackendTest, ForEverIsATimeToo) {
  HttpResponse answer;
  answer.body = R"({"SecurityConfigurations":[]})";
  HttpBackendOptions options;
  options.timeout = absl::InfiniteDuration();
  EXPECT_EQ(ErrorBehind(*Answering(answer), options).code(),
            v1::ERROR_CODE_UNSPECIFIED);
}

TEST(HttpBackendTest, AnswerOfNobodyKnown_IsTold) {
  HttpResponse answer;
  answer.status = 502;
  answer.body = "<html>";
  EXPECT_EQ(ErrorBehind(*Answering(answer)).message(),
            "HTTP status 502: the body of an error is not a JSON object");
  answer.body = "{}";
  EXPECT_EQ(ErrorBehind(*Answering(answer)).message(),
            "HTTP status 502: the body of an error names no exception");
  answer.status = 400;
  answer.body = R"({"__type":"ThrottlingException","message":"Rate exceeded"})";
  EXPECT_EQ(ErrorBehind(*Answering(answer)).message(),
            "HTTP status 400: ThrottlingException: Rate exceeded");
}

TEST(HttpBackendTest, LateBytes_AreNotTheNextAnswer) {
  constexpr char kError[] =
      "HTTP/1.1 400 Bad Request\r\nContent-Length: 35\r\n\r\n"
      R"({"__type":"InvalidInputException"} )";
  ScriptedServer server;
  const auto remote = Remote(server.url());
  EXPECT_FALSE(remote->Execute(kCaller, List()).has_error());
  server.SendToAll(kError);
  EXPECT_FALSE(remote->Execute(kCaller, List()).has_error());
  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpBackendTest, ConnectionThatWasReset_IsNotUsedAgain) {
  ScriptedServer server;
  const auto remote = Remote(server.url());
  EXPECT_FALSE(remote->Execute(kCaller, List()).has_error());
  server.ResetAll();
  const v1::Response second = remote->Execute(kCaller, List());
  EXPECT_FALSE(second.has_error()) << second.ShortDebugString();
}

TEST(HttpBackendTest, IdleConnections_AreOpenUpToTheirNumber) {
  for (const size_t max : {size_t{0}, size_t{1}}) {
    ScriptedServer server;
    HttpBackendOptions options;
    options.idle_connections_max = max;
    const auto remote = Remote(server.url(), options);
    for (int i = 0; i < 3; ++i) {
      EXPECT_FALSE(remote->Execute(kCaller, List()).has_error());
    }
    EXPECT_EQ(server.connections(), max == 0 ? 3 : 1);
  }
}

// ---- The texts of a caller and of a credential that go into headers

bool IsVisible(int byte) { return byte > 0x20 && byte < 0x7F; }

TEST(HttpBackendTest, CallerThatIsNoHeaderText_IsRefusedAndNothingIsSent) {
  ScriptedServer server;
  const auto remote = Remote(server.url());
  size_t sent = 0;
  for (const bool is_region : {true, false}) {
    for (int byte = 0; byte < 256; ++byte) {
      Caller caller = kCaller;
      std::string& text = is_region ? caller.region : caller.account_id;
      text = absl::StrCat("a", std::string(1, static_cast<char>(byte)), "b");
      const v1::Response response = remote->Execute(caller, List());
      if (IsVisible(byte) && byte != '/' && byte != ',') {
        EXPECT_FALSE(response.has_error()) << byte;
        ++sent;
        const std::string scope =
            absl::StrCat("Credential=", caller.account_id, "/");
        EXPECT_THAT(server.requests().back(), HasSubstr(scope));
        EXPECT_THAT(server.requests().back(),
                    HasSubstr(absl::StrCat("/", caller.region, "/glue/")));
      } else {
        EXPECT_THAT(response, HasErrorCode(v1::ERROR_CODE_INVALID_INPUT))
            << byte;
        EXPECT_EQ(
            response.error().message(),
            absl::StrCat("the caller's ", is_region ? "region" : "account id",
                         " is not legal in a header"));
      }
      EXPECT_EQ(server.requests().size(), sent) << byte;
    }
  }
}

TEST(HttpBackendTest, HeadersInARegion_AreNotSent) {
  ScriptedServer server;
  const auto remote = Remote(server.url());
  for (const char* region :
       {"us-east-1\r\nX-Injected: 1", "us-east-1\nX-Injected: 1", "\r\n\r\n",
        "us-east-1\r\n\r\nPOST / HTTP/1.1\r\n\r\n"}) {
    EXPECT_THAT(remote->Execute({"111122223333", region, ""}, List()),
                HasErrorCode(v1::ERROR_CODE_INVALID_INPUT));
    EXPECT_THAT(remote->Execute({region, "us-east-1", ""}, List()),
                HasErrorCode(v1::ERROR_CODE_INVALID_INPUT));
  }
  EXPECT_EQ(server.connections(), 0);
}

Credential CredentialOf(const std::string& key, const std::string& token) {
  Credential credential;
  credential.access_key_id = key;
  credential.secret_access_key = "secret";
  credential.session_token = token;
  return credential;
}

TEST(HttpBackendTest, AccountBesideACredential_StaysHere) {
  ScriptedServer server;
  HttpBackendOptions options;
  options.credential = CredentialOf("AKID", "");
  const auto remote = Remote(server.url(), options);
  EXPECT_FALSE(
      remote->Execute({"\r\n", "us-east-1", "\r\n"}, List()).has_error());
  EXPECT_THAT(server.requests().back(), HasSubstr("Credential=AKID/"));
}

TEST(HttpBackendTest, CredentialThatIsNoHeaderText_IsRefused) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text =
        absl::StrCat("a", std::string(1, static_cast<char>(byte)), "b");
    HttpBackendOptions options;
    options.credential = CredentialOf(text, "");
    auto created = HttpBackend::Create("http://a:80", options);
    EXPECT_EQ(created.ok(), IsVisible(byte) && byte != '/' && byte != ',');
    if (!created.ok()) {
      EXPECT_EQ(created.status().code(), absl::StatusCode::kInvalidArgument);
    }
    options.credential = CredentialOf("AKID", text);
    created = HttpBackend::Create("http://a:80", options);
    EXPECT_EQ(created.ok(), IsVisible(byte)) << byte;
    if (!created.ok()) {
      EXPECT_EQ(created.status().code(), absl::StatusCode::kInvalidArgument);
    }
  }
}

// ---- The timeout of a call

TEST(HttpBackendTest, NoTime_NothingIsSent) {
  ScriptedServer server;
  for (const absl::Duration timeout :
       {absl::ZeroDuration(), absl::Seconds(-1), -absl::InfiniteDuration()}) {
    HttpBackendOptions options;
    options.timeout = timeout;
    const v1::Response response =
        Remote(server.url(), options)->Execute(kCaller, List());
    EXPECT_THAT(response, HasErrorCode(v1::ERROR_CODE_INTERNAL_SERVICE));
    EXPECT_EQ(response.error().detail(), v1::Error::DETAIL_NOT_APPLIED);
  }
  EXPECT_EQ(server.requests().size(), 0u);
}

TEST(HttpBackendTest, EndpointThatNeverAccepts_NothingWasSent) {
  FullListener listener;
  HttpBackendOptions options;
  options.timeout = absl::Milliseconds(200);
  const v1::Response response =
      Remote(listener.url(), options)->Execute(kCaller, List());
  EXPECT_THAT(response, HasErrorCode(v1::ERROR_CODE_INTERNAL_SERVICE));
  EXPECT_EQ(response.error().detail(), v1::Error::DETAIL_NOT_APPLIED);
}

TEST(HttpBackendTest, EndpointThatReadsNothing_LeavesTheOutcomeOpen) {
  ScriptedServer server(/*reads=*/false);
  v1::Request request;
  // The text is larger than the buffers of a connection.
  request.mutable_put_resource_policy()->set_policy_in_json(
      std::string(32 << 20, 'x'));
  v1::Response response;
  HttpBackendOptions options;
  options.timeout = absl::Milliseconds(500);
  // On a slow machine the time may run out before a byte is sent.
  do {
    response = Remote(server.url(), options)->Execute(kCaller, request);
    options.timeout *= 2;
  } while (response.error().detail() == v1::Error::DETAIL_NOT_APPLIED &&
           options.timeout < absl::Minutes(1));
  EXPECT_THAT(response, HasErrorCode(v1::ERROR_CODE_OPERATION_TIMEOUT));
  EXPECT_EQ(response.error().detail(), v1::Error::DETAIL_OUTCOME_UNKNOWN);
}

class ThrowingClock : public Clock {
 public:
  absl::Time Now() override { throw std::bad_alloc(); }
};

TEST(HttpBackendTest, ExceptionBeforeTheSending_NothingWasSent) {
  ScriptedServer server;
  ThrowingClock clock;
  HttpBackendOptions options;
  options.clock = &clock;
  const auto remote = Remote(server.url(), options);
  const v1::Response response = remote->Execute(kCaller, List());
  EXPECT_THAT(response, HasErrorCode(v1::ERROR_CODE_INTERNAL_SERVICE));
  EXPECT_EQ(response.error().detail(), v1::Error::DETAIL_NOT_APPLIED);
  EXPECT_EQ(server.requests().size(), 0u);
}

class HttpBackendServerTest : public testing::Test {
 protected:
  std::unique_ptr<Server> Start(uint16_t port = 0) {
    ServerOptions options;
    options.listener.port = port;
    options.listener.drain_idle = absl::ZeroDuration();
    options.front_end.credentials = credentials_;
    auto server = Server::Start(&engine_, std::move(options));
    EXPECT_TRUE(server.ok()) << server.status();
    return *std::move(server);
  }

  std::optional<Credentials> credentials_;
  MemoryStorage storage_;
  Engine engine_{&storage_};
};

TEST_F(HttpBackendServerTest, CallersAreToldApart) {
  const auto server = Start();
  const auto remote = Remote(server->url());
  EXPECT_FALSE(remote->Execute(kCaller, Named("n")).has_error());
  for (const Caller& other : {Caller{"444455556666", "us-east-1", ""},
                              Caller{"111122223333", "eu-west-1", ""}}) {
    EXPECT_EQ(remote->Execute(other, List())
                  .get_security_configurations()
                  .security_configurations_size(),
              0);
  }
  EXPECT_EQ(engine_.Execute(kCaller, List())
                .get_security_configurations()
                .security_configurations_size(),
            1);
}

TEST_F(HttpBackendServerTest, ManyThreadsCall) {
  const auto server = Start();
  const auto remote = Remote(server->url());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&remote, t] {
      for (int i = 0; i < 25; ++i) {
        EXPECT_FALSE(remote->Execute(kCaller, Named(absl::StrCat(t, " ", i)))
                         .has_error());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(engine_.Execute(kCaller, List())
                .get_security_configurations()
                .security_configurations_size(),
            100);
}

TEST_F(HttpBackendServerTest, AConnectionThatTheServerEndedIsNotUsedAgain) {
  auto server = Start();
  const uint16_t port = server->port();
  const auto remote = Remote(server->url());
  EXPECT_FALSE(remote->Execute(kCaller, Named("a")).has_error());
  server.reset();
  server = Start(port);
  EXPECT_FALSE(remote->Execute(kCaller, Named("b")).has_error());
}

TEST_F(HttpBackendServerTest, CallsAreSigned) {
  const Credential alice{"AKIDALICE", "a/secret+of=hers",    "", "111122223333",
                         "",          absl::InfiniteFuture()};
  const Credential bob{"ASIABOB", "his", "a/token+of=his",
                       "",        "",    absl::InfiniteFuture()};
  credentials_ = Credentials{{"AKIDALICE", alice}, {"ASIABOB", bob}};
  const auto server = Start();
  HttpBackendOptions options;
  options.credential = alice;
  EXPECT_FALSE(Remote(server->url(), options)
                   ->Execute(kCaller, Named("\xC3\xA9"))
                   .has_error());
  EXPECT_EQ(engine_.Execute(kCaller, List())
                .get_security_configurations()
                .security_configurations_size(),
            1);
  options.credential = bob;
  EXPECT_FALSE(
      Remote(server->url(), options)->Execute(kCaller, List()).has_error());
  options.credential->secret_access_key = "another";
  const v1::Response refused =
      Remote(server->url(), options)->Execute(kCaller, Named("n"));
  // This is not an exception of the API.
  EXPECT_THAT(refused, HasErrorCode(v1::ERROR_CODE_OPERATION_TIMEOUT));
  EXPECT_THAT(refused.error().message(),
              HasSubstr("InvalidSignatureException: The request signature"));
}

}  // namespace
}  // namespace glue_security
