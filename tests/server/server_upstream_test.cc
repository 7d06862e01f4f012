// A server among others: what it passes on to an upstream, which the test
// plays, and operations of an embedder's own.

#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/http/credentials.h"
#include "glue_security/http/http_message.h"
#include "glue_security/server/front_end.h"
#include "glue_security/server/operation_handlers.h"
#include "glue_security/server/request_log.h"
#include "glue_security/server/request_route.h"
#include "glue_security/server/server.h"
#include "glue_security/server/upstream_error.h"
#include "glue_security/v1/service.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/raw_client.h"
#include "tests/http/raw_upstream.h"

namespace glue_security {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kS3Signature[] =
    "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=00";

HttpRequest Head(absl::string_view method, absl::string_view target,
                 absl::string_view amz_target = "") {
  HttpRequest head;
  head.method = method;
  head.target = target;
  if (!amz_target.empty()) head.headers = {{"x-amz-target", amz_target}};
  return head;
}

OperationAnswer Nothing(const Caller& /*caller*/, absl::string_view /*json*/) {
  return {};
}

// --- Routes

TEST(RequestRoute, TableOfRequests) {
  OperationHandlers handlers;
  ASSERT_EQ(handlers.Add("AWSGlue.GetDatabase", &Nothing), absl::OkStatus());
  const struct {
    HttpRequest head;
    bool is_here;
    bool is_here_with_all;
  } cases[] = {
      {Head("POST", "/", "AWSGlue.GetResourcePolicy"), true, true},
      {Head("POST", "/", "AWSGlue.CreateConnection"), true, true},
      {Head("POST", "/", "AWSGlue.GetResourcePolicies"), true, true},
      {Head("GET", "/_glue_security/metrics"), true, true},
      {Head("PUT", "/_glue_security/nothing"), true, true},
      {Head("POST", "/", "AWSGlue.GetDatabase"), false, true},
      {Head("POST", "/", "TrentService.Encrypt"), false, true},
      {Head("POST", "/", "TrentService.NoSuchOperation"), false, true},
      {Head("POST", "/", "AWSGlue.GetTable"), false, false},
      {Head("POST", "/", "AWSGlue.getresourcepolicy"), false, false},
      {Head("POST", "/", "AWSGlue."), false, false},
      {Head("POST", "/", "AWSEvents.GetResourcePolicy"), false, false},
      {Head("POST", "/", "GetResourcePolicy"), false, false},
      {Head("POST", "/"), false, false},
      {Head("PUT", "/", "AWSGlue.GetResourcePolicy"), false, false},
      {Head("POST", "/?x", "AWSGlue.GetResourcePolicy"), false, false},
      {Head("POST", "//", "AWSGlue.GetResourcePolicy"), false, false},
      {Head("GET", "/"), false, false},
      {Head("PUT", "/bucket/key"), false, false},
      {Head("OPTIONS", "*"), false, false},
      {Head("GET", "/_glue_security"), false, false},
  };
  for (const auto& each : cases) {
    const std::string shown = absl::StrCat(
        each.head.method, " ", each.head.target, " ",
        each.head.headers.empty() ? "" : each.head.headers[0].second);
    EXPECT_EQ(RouteOf(each.head, {}) == RequestRoute::kHere, each.is_here)
        << shown;
    EXPECT_EQ(RouteOf(each.head, {true, &handlers}) == RequestRoute::kHere,
              each.is_here_with_all)
        << shown;
  }
}

TEST(RequestRoute, PassedName_HasNeitherPathNorQuery) {
  EXPECT_EQ(PassedName(Head("POST", "/", "AWSGlue.GetTable")),
            "AWSGlue.GetTable");
  EXPECT_EQ(PassedName(Head("GET", "/secret?X-Amz-Signature=s")), "-:GET");
  HttpRequest put = Head("PUT", "/bucket/key");
  put.headers = {{"Authorization", kS3Signature}};
  EXPECT_EQ(PassedName(put), "s3:PUT");
}

// --- The errors that SDKs read

TEST(UpstreamError, FormOfTheService) {
  HttpRequest form = Head("POST", "/");
  form.headers = {
      {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  HttpRequest s3 = Head("GET", "/bucket");
  s3.headers = {{"Authorization", kS3Signature}};
  HttpRequest ec2 = form;
  ec2.headers.emplace_back(
      "Authorization",
      "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/ec2/aws4_request, "
      "SignedHeaders=host, Signature=00");
  EXPECT_EQ(ErrorFormOf(Head("POST", "/", "AWSGlue.GetTable")),
            ErrorForm::kJson);
  EXPECT_EQ(ErrorFormOf(Head("GET", "/2015-03-31/functions")),
            ErrorForm::kJson);
  EXPECT_EQ(ErrorFormOf(form), ErrorForm::kQuery);
  EXPECT_EQ(ErrorFormOf(s3), ErrorForm::kS3);
  EXPECT_EQ(ErrorFormOf(ec2), ErrorForm::kEc2);
}

TEST(UpstreamError, Bodies) {
  const auto body = [](ErrorForm form, int status) {
    const HttpResponse response = UpstreamError(form, status, "a<b \"&\n");
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.headers[0].second, UpstreamErrorCode(status));
    return response.body;
  };
  EXPECT_EQ(body(ErrorForm::kJson, 502),
            R"({"__type":"UpstreamUnavailableException",)"
            R"("message":"a<b \"&?"})");
  EXPECT_EQ(body(ErrorForm::kQuery, 504),
            "<ErrorResponse><Error><Type>Receiver</Type>"
            "<Code>UpstreamTimeoutException</Code>"
            "<Message>a&lt;b \"&amp;?</Message></Error>"
            "<RequestId></RequestId></ErrorResponse>");
  EXPECT_EQ(body(ErrorForm::kEc2, 508),
            "<Response><Errors><Error><Code>UpstreamLoopException</Code>"
            "<Message>a&lt;b \"&amp;?</Message></Error></Errors>"
            "<RequestID></RequestID></Response>");
  EXPECT_EQ(body(ErrorForm::kS3, 502),
            "<Error><Code>UpstreamUnavailableException</Code>"
            "<Message>a&lt;b \"&amp;?</Message>"
            "<RequestId></RequestId></Error>");
}

// --- Own operations

TEST(OperationHandlers, WhatAddRefuses) {
  OperationHandlers handlers;
  const auto refused = [&handlers](absl::string_view target) {
    return std::string(handlers.Add(target, &Nothing).message());
  };
  for (const char* const target :
       {"", ".", "AWSGlue", "AWSGlue.", ".GetTable", "AWSGlue.Get Table",
        "AWSGlue.Get.Table", "AWSGlue.Get\n"}) {
    EXPECT_THAT(refused(target), HasSubstr("' is not a target: write SERVICE."))
        << target;
  }
  EXPECT_THAT(refused("A." + std::string(255, 'x')),
              HasSubstr("is not a target"));
  EXPECT_EQ(refused("AWSGlue.GetResourcePolicy"),
            "the backend answers AWSGlue.GetResourcePolicy");
  EXPECT_EQ(handlers.Add("A.B", nullptr).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(handlers.Add("A.B", &Nothing, "").code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(handlers.Find("A.B"), nullptr);
  EXPECT_EQ(handlers.Add("A.B", &Nothing), absl::OkStatus());
  EXPECT_EQ(handlers.Add("A.B", &Nothing).code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_NE(handlers.Find("A.B"), nullptr);
  EXPECT_EQ(handlers.Find("A.C"), nullptr);
}

TEST(OperationHandlers, ErrorIsQuoted) {
  const OperationAnswer answer =
      OperationAnswer::Error("AnException", "a \"quote\"");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.error_type, "AnException");
  EXPECT_EQ(answer.body, R"({"__type":"AnException","Message":"a \"quote\""})");
}

// --- The server

class CountingBackend : public Backend {
 public:
  v1::Response Execute(const Caller& /*caller*/,
                       const v1::Request& /*request*/) override {
    ++calls;
    v1::Response response;
    response.mutable_get_resource_policy()->set_policy_in_json("{}");
    return response;
  }
  std::atomic<int> calls{0};
};

class ServerUpstreamTest : public testing::Test {
 protected:
  void Start(bool has_upstream = true) {
    if (has_upstream) {
      options_.listener.upstream.host = "127.0.0.1";
      options_.listener.upstream.port = upstream_.port();
    }
    options_.listener.threads = 1;
    options_.log = [this](const RequestRecord& record, absl::Duration latency) {
      const std::lock_guard<std::mutex> lock(mutex_);
      const std::string line = TextLogLine(record, latency, absl::UnixEpoch());
      // Without the time, the request id and the latency.
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      log_.push_back(
          absl::StrCat(words[2], " ", words[3], " ", words[4], " ", words[5]));
    };
    auto server = Server::Start(&backend_, options_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    client_ = std::make_unique<RawClient>(server_->port());
  }

  static std::string Call(absl::string_view target, absl::string_view body,
                          absl::string_view more = "") {
    return absl::StrCat(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
        "application/x-amz-json-1.1\r\nX-Amz-Target: ",
        target, "\r\n", more, "Content-Length: ", body.size(), "\r\n\r\n",
        body);
  }
  std::string Exchange(const std::string& request) {
    EXPECT_TRUE(client_->Send(request));
    return client_->ReadResponse();
  }
  std::string Metrics() {
    return Exchange(
        "GET /_glue_security/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  std::vector<std::string> log() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return log_;
  }

  RawUpstream upstream_;
  CountingBackend backend_;
  OperationHandlers handlers_;
  ServerOptions options_;
  std::mutex mutex_;
  std::vector<std::string> log_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<RawClient> client_;
};

TEST_F(ServerUpstreamTest, OthersGoUp_OursStay) {
  Start();
  const std::string table = Call("AWSGlue.GetTable", R"({"Name": "t"})");
  ASSERT_TRUE(client_->Send(table));
  RawPeer peer = upstream_.Accept();
  const std::string head = peer.ReadHead();
  EXPECT_THAT(head, HasSubstr("\r\nX-Amz-Target: AWSGlue.GetTable\r\n"));
  EXPECT_EQ(peer.ReadBytes(13), R"({"Name": "t"})");
  ASSERT_TRUE(peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"));
  EXPECT_EQ(client_->ReadResponse(),
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_THAT(Exchange(Call("AWSGlue.GetResourcePolicy", "{}")),
              HasSubstr("PolicyInJson"));
  EXPECT_EQ(backend_.calls, 1);
  EXPECT_FALSE(peer.HasInput());
  EXPECT_THAT(Metrics(),
              AllOf(HasSubstr("\nglue_security_passed_on_requests_total 1\n"),
                    HasSubstr("\nglue_security_passed_on_failures_total 0\n"),
                    HasSubstr("\nglue_security_upstream_connections 1\n")));
  EXPECT_THAT(
      log(), ElementsAre("123456789012 us-east-1 upstream:AWSGlue.GetTable 200",
                         "123456789012 us-east-1 GetResourcePolicy ok"));
}

TEST_F(ServerUpstreamTest, WithoutAnUpstream_TheyAreUnknown) {
  Start(/*has_upstream=*/false);
  EXPECT_THAT(Exchange(Call("AWSGlue.GetTable", "{}")),
              HasSubstr("UnknownOperationException"));
  EXPECT_THAT(Exchange("GET /bucket HTTP/1.1\r\nHost: localhost\r\n\r\n"),
              StartsWith("HTTP/1.1 404 "));
  EXPECT_FALSE(upstream_.HasConnection());
}

TEST_F(ServerUpstreamTest, KeysGoUp_UnlessTheServerHasThem) {
  Start();
  ASSERT_TRUE(client_->Send(Call("TrentService.ListKeys", "{}")));
  RawPeer peer = upstream_.Accept();
  EXPECT_THAT(peer.ReadHead(), HasSubstr("TrentService.ListKeys"));
  ASSERT_TRUE(peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_THAT(client_->ReadResponse(), StartsWith("HTTP/1.1 200 "));
  LocalKms kms;
  options_.front_end.kms = &kms;
  Start();
  EXPECT_THAT(Exchange(Call("TrentService.CreateKey", "{}")),
              HasSubstr("\"KeyMetadata\""));
  EXPECT_FALSE(upstream_.HasConnection());
}

// A page whose name leads here could otherwise reach the upstream.
TEST_F(ServerUpstreamTest, ForeignHost_IsRefusedBeforeAnythingIsPassedOn) {
  Start();
  EXPECT_THAT(Exchange("GET /bucket HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("evil.example")));
  EXPECT_FALSE(upstream_.HasConnection());
  EXPECT_THAT(Metrics(),
              AllOf(HasSubstr("\nglue_security_refused_requests_total 1\n"),
                    HasSubstr("\nglue_security_passed_on_requests_total 0\n")));
}

// A target may name the host, too, and HTTP/1.0 needs no Host beside it.
TEST_F(ServerUpstreamTest, ForeignHostOfTheTarget_IsRefused) {
  Start();
  for (const char* const path :
       {"/", "/bucket", "/_glue_security/metrics", "/_glue_security/reset"}) {
    for (const char* const rest :
         {" HTTP/1.0\r\n", " HTTP/1.0\r\nHost: localhost\r\n",
          " HTTP/1.1\r\nHost: localhost\r\n"}) {
      RawClient client(server_->port());
      ASSERT_TRUE(client.Send(absl::StrCat("POST http://evil.example", path,
                                           rest, "Content-Length: 0\r\n\r\n")));
      EXPECT_THAT(client.ReadResponse(),
                  AllOf(StartsWith("HTTP/1.1 403 "),
                        HasSubstr("the host 'evil.example'")))
          << path << rest;
    }
  }
  EXPECT_FALSE(upstream_.HasConnection());
}

// The headers that a browser adds to the requests of a page of another site.
const char* const kForeignPages[] = {
    "Origin: https://evil.example\r\n",  "Origin: null\r\n",
    "Origin: http://localhost:3000\r\n", "Sec-Fetch-Site: cross-site\r\n",
    "Sec-Fetch-Site: same-site\r\n",
};

// An upstream may permit every page to send every request.
TEST_F(ServerUpstreamTest, Preflight_IsRefusedAndNotPassedOn) {
  Start();
  const auto preflight = [](absl::string_view target, absl::string_view more) {
    return absl::StrCat("OPTIONS ", target, " HTTP/1.1\r\nHost: localhost\r\n",
                        more,
                        "Access-Control-Request-Method: POST\r\n"
                        "Access-Control-Request-Headers: content-type, "
                        "x-amz-target\r\n\r\n");
  };
  int refused = 0;
  for (const char* const target :
       {"/", "/bucket/key", "*", "/_glue_security/reset"}) {
    for (const char* const page : kForeignPages) {
      EXPECT_THAT(Exchange(preflight(target, page)),
                  AllOf(StartsWith("HTTP/1.1 403 "),
                        Not(HasSubstr("Access-Control-Allow"))));
      ++refused;
    }
    EXPECT_THAT(Exchange(preflight(target, "")), StartsWith("HTTP/1.1 403 "));
    ++refused;
  }
  EXPECT_FALSE(upstream_.HasConnection());
  EXPECT_THAT(Metrics(),
              HasSubstr(absl::StrCat("\nglue_security_refused_requests_total ",
                                     refused, "\n")));
}

TEST_F(ServerUpstreamTest, ForeignPage_NeitherWritesNorReachesTheUpstream) {
  LocalKms kms;
  options_.front_end.kms = &kms;
  ASSERT_EQ(handlers_.Add("AWSGlue.GetDatabase", &Nothing), absl::OkStatus());
  options_.front_end.handlers = &handlers_;
  Start();
  for (const char* const page : kForeignPages) {
    for (const char* const target :
         {"AWSGlue.PutResourcePolicy", "AWSGlue.GetResourcePolicy",
          "TrentService.CreateKey", "AWSGlue.GetDatabase", "AWSGlue.GetTable",
          "DynamoDB_20120810.PutItem"}) {
      EXPECT_THAT(Exchange(Call(target, "{}", page)),
                  AllOf(StartsWith("HTTP/1.1 403 "),
                        HasSubstr("\r\nx-amzn-ErrorType: "
                                  "AccessDeniedException\r\n")))
          << target << " " << page;
    }
    // A form needs no preflight.
    EXPECT_THAT(Exchange(absl::StrCat(
                    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                    "application/x-www-form-urlencoded\r\n",
                    page, "Content-Length: 18\r\n\r\nAction=DeleteQueue")),
                StartsWith("HTTP/1.1 403 "));
  }
  EXPECT_EQ(backend_.calls, 0);
  EXPECT_FALSE(upstream_.HasConnection());
  EXPECT_THAT(Metrics(),
              HasSubstr("\nglue_security_passed_on_requests_total 0\n"));
}

// A page that the upstream serves has the origin of this server.
TEST_F(ServerUpstreamTest, OwnPage_ReachesBoth) {
  Start();
  const char* const own =
      "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n";
  EXPECT_THAT(Exchange(Call("AWSGlue.GetResourcePolicy", "{}", own)),
              StartsWith("HTTP/1.1 200 "));
  ASSERT_TRUE(client_->Send(Call("AWSGlue.GetTable", "{}", own)));
  RawPeer peer = upstream_.Accept();
  EXPECT_THAT(peer.ReadHead(), HasSubstr("\r\nOrigin: http://localhost\r\n"));
  ASSERT_TRUE(peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_THAT(client_->ReadResponse(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerUpstreamTest, WithCredentials_SignaturesOfOthersAreNotVerified) {
  auto credentials = ParseCredentials(
      "[a]\naws_access_key_id = AKID\naws_secret_access_key = secret\n");
  ASSERT_TRUE(credentials.ok());
  options_.front_end.credentials = *std::move(credentials);
  Start();
  ASSERT_TRUE(client_->Send(Call("AWSGlue.GetTable", "{}")));
  RawPeer peer = upstream_.Accept();
  peer.ReadHead();
  ASSERT_TRUE(peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_THAT(client_->ReadResponse(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Exchange(Call("AWSGlue.GetResourcePolicy", "{}")),
              HasSubstr("MissingAuthenticationTokenException"));
  EXPECT_EQ(backend_.calls, 0);
}

TEST_F(ServerUpstreamTest, UpstreamIsDown_SdksGetAnError) {
  upstream_.Stop();
  Start();
  EXPECT_THAT(
      Exchange(Call("AWSGlue.GetTable", "{}")),
      AllOf(
          StartsWith("HTTP/1.1 502 Bad Gateway\r\n"),
          HasSubstr("\r\nx-amzn-ErrorType: UpstreamUnavailableException\r\n"),
          EndsWith(absl::StrCat(R"({"__type":"UpstreamUnavailableException",)",
                                R"("message":"cannot connect to the upstream )",
                                "http://127.0.0.1:", upstream_.port(),
                                R"(: Connection refused"})"))));
  EXPECT_THAT(Metrics(),
              AllOf(HasSubstr("\nglue_security_passed_on_requests_total 1\n"),
                    HasSubstr("\nglue_security_passed_on_failures_total 1\n")));
  EXPECT_THAT(log(), ElementsAre("123456789012 us-east-1 "
                                 "upstream:AWSGlue.GetTable "
                                 "UpstreamUnavailableException"));
}

TEST_F(ServerUpstreamTest, OwnOperations) {
  std::atomic<int> calls{0};
  ASSERT_EQ(handlers_.Add("AWSGlue.GetDatabase",
                          [&calls](const Caller& caller,
                                   absl::string_view json) -> OperationAnswer {
                            ++calls;
                            if (json == "{}") {
                              return OperationAnswer::Error(
                                  "InvalidInputException", "no name");
                            }
                            if (absl::StrContains(json, "throw")) {
                              throw std::runtime_error("thrown");
                            }
                            return OperationAnswer::Json(absl::StrCat(
                                R"({"Account":")", caller.account_id, "\"}"));
                          }),
            absl::OkStatus());
  options_.front_end.handlers = &handlers_;
  Start();
  EXPECT_THAT(
      Exchange(Call("AWSGlue.GetDatabase", R"({"Name":"d"})")),
      AllOf(StartsWith("HTTP/1.1 200 "),
            HasSubstr("\r\nContent-Type: application/x-amz-json-1.1\r\n"),
            HasSubstr("\r\nx-amzn-RequestId: "),
            EndsWith("\r\n\r\n{\"Account\":\"123456789012\"}")));
  EXPECT_THAT(
      Exchange(Call("AWSGlue.GetDatabase", "{}")),
      AllOf(StartsWith("HTTP/1.1 400 "),
            HasSubstr("\r\nx-amzn-ErrorType: InvalidInputException\r\n"),
            EndsWith(R"({"__type":"InvalidInputException",)"
                     R"("Message":"no name"})")));
  EXPECT_EQ(calls, 2);
  // Not a JSON object.
  EXPECT_THAT(Exchange(Call("AWSGlue.GetDatabase", "[1]")),
              HasSubstr("SerializationException"));
  EXPECT_EQ(calls, 2);
  EXPECT_THAT(
      Exchange(Call("AWSGlue.GetDatabase", R"({"throw":1})")),
      AllOf(StartsWith("HTTP/1.1 500 "), HasSubstr("InternalServiceException"),
            Not(HasSubstr("thrown"))));
  EXPECT_THAT(Exchange(Call("AWSGlue.GetResourcePolicy", "{}")),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_FALSE(upstream_.HasConnection());
  EXPECT_THAT(Metrics(),
              AllOf(HasSubstr("_count{operation=\"own\",outcome=\"ok\"} 1\n"),
                    HasSubstr("\nglue_security_exceptions_total 1\n")));
  EXPECT_THAT(log()[0], EndsWith(" AWSGlue.GetDatabase ok"));
  EXPECT_THAT(log()[3],
              EndsWith(" AWSGlue.GetDatabase InternalServiceException"));
}

TEST_F(ServerUpstreamTest, OwnOperations_NeedTheirSignature) {
  std::atomic<int> calls{0};
  ASSERT_EQ(handlers_.Add(
                "AWSEvents.PutEvents",
                [&calls](const Caller&, absl::string_view) -> OperationAnswer {
                  ++calls;
                  return {};
                },
                "events"),
            absl::OkStatus());
  auto credentials = ParseCredentials(
      "[a]\naws_access_key_id = AKID\naws_secret_access_key = secret\n");
  ASSERT_TRUE(credentials.ok());
  options_.front_end.credentials = *std::move(credentials);
  options_.front_end.handlers = &handlers_;
  Start(/*has_upstream=*/false);
  EXPECT_THAT(Exchange(Call("AWSEvents.PutEvents", "{}")),
              HasSubstr("MissingAuthenticationTokenException"));
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace glue_security
