#include "glue_security/server/front_end.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/http/credentials.h"
#include "glue_security/http/http_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

// Answers every call with its caller, as the hash of a policy.
class EchoExecutor : public Executor {
 public:
  std::unique_ptr<Call> Begin() override {
    return std::make_unique<EchoCall>(this);
  }

  int calls = 0;
  Delivery next;
  // True: answers with neither a response nor an error.
  bool is_empty = false;
  // Null: that of the front end's options.
  const Behavior* behavior = nullptr;

 private:
  class EchoCall : public Call {
   public:
    explicit EchoCall(EchoExecutor* echo) : echo_(*echo) {}

    const Behavior* behavior() const override { return echo_.behavior; }

    v1::Response Execute(int connection, const Caller& caller,
                         const v1::Request& request,
                         Delivery* delivery) override {
      ++echo_.calls;
      v1::Response response;
      if (echo_.is_empty) return response;
      if (request.has_get_resource_policy()) {
        response.mutable_error()->set_code(v1::ERROR_CODE_INTERNAL_SERVICE);
        response.mutable_error()->set_message("broken");
        return response;
      }
      response.mutable_put_resource_policy()->set_policy_hash(
          absl::StrCat(connection, " ", caller.account_id, " ", caller.region,
                       " ", caller.principal_arn));
      *delivery = echo_.next;
      return response;
    }

   private:
    EchoExecutor& echo_;
  };
};

class FrontEndTest : public testing::Test {
 protected:
  HttpResponse Handle(const HttpRequest& request) {
    FrontEnd front_end(&executor_, options_);
    record_ = RequestRecord();
    return front_end.Handle(request, &record_);
  }

  static HttpRequest Put() {
    HttpRequest request;
    request.method = "POST";
    request.target = "/";
    request.headers = {{"content-type", "application/x-amz-json-1.1"},
                       {"x-amz-target", "AWSGlue.PutResourcePolicy"}};
    request.body = R"({"PolicyInJson":"{}"})";
    return request;
  }

  static HttpRequest SignedAs(absl::string_view authorization) {
    HttpRequest request = Put();
    request.headers.emplace_back("Authorization", authorization);
    return request;
  }

  EchoExecutor executor_;
  FrontEndOptions options_;
  RequestRecord record_;
};

TEST_F(FrontEndTest, AnAnswerHasItsHeadersAndIsRecorded) {
  const HttpResponse response = Handle(Put());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"PolicyHash":"0 123456789012 us-east-1 "})");
  ASSERT_EQ(response.headers.size(), 2u);
  EXPECT_EQ(response.headers[0].first, "x-amzn-RequestId");
  EXPECT_THAT(response.headers[0].second,
              MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]"
                           "{3}-[0-9a-f]{12}"));
  EXPECT_EQ(response.headers[1].second, "application/x-amz-json-1.1");
  EXPECT_EQ(record_.request_id, response.headers[0].second);
  EXPECT_EQ(record_.operation, v1::Request::kPutResourcePolicy);
  EXPECT_EQ(record_.caller.account_id, "123456789012");
  EXPECT_EQ(record_.outcome, "ok");
}

TEST_F(FrontEndTest, RequestIdsDiffer) {
  FrontEnd front_end(&executor_, options_);
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    RequestRecord record;
    front_end.Handle(Put(), &record);
    ids.insert(record.request_id);
  }
  EXPECT_EQ(ids.size(), 1000u);
}

TEST_F(FrontEndTest, AnErrorIsNamedInTheHeaderToo) {
  HttpRequest request = Put();
  request.headers[1].second = "AWSGlue.GetResourcePolicy";
  const HttpResponse response = Handle(request);
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.headers.back().first, "x-amzn-ErrorType");
  EXPECT_EQ(response.headers.back().second, "InternalServiceException");
  EXPECT_EQ(record_.outcome, "InternalServiceException");
}

TEST_F(FrontEndTest, ABackendThatGivesNoAnswerIsAnInternalError) {
  executor_.is_empty = true;
  const HttpResponse response = Handle(Put());
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.headers.back().second, "InternalServiceException");
  EXPECT_EQ(record_.outcome, "InternalServiceException");
}

TEST_F(FrontEndTest, TheExecutorSaysByWhichBehaviorToDecode) {
  HttpRequest list = Put();
  list.headers[1].second = "AWSGlue.GetResourcePolicies";
  list.body = "{}";
  EXPECT_EQ(Handle(list).status, 200);
  const Behavior documented = Behavior::Documented();
  executor_.behavior = &documented;
  EXPECT_EQ(Handle(list).status, 400);
  EXPECT_EQ(record_.outcome, "UnknownOperationException");
  EXPECT_EQ(executor_.calls, 1);
}

TEST_F(FrontEndTest, WhatIsNotThisProtocolIsNotFoundAndNotExecuted) {
  std::vector<HttpRequest> requests(4, Put());
  requests[0].method = "GET";
  requests[1].target = "/other";
  requests[2].headers[0].second = "application/json";
  requests[3].headers.erase(requests[3].headers.begin());
  for (const HttpRequest& request : requests) {
    const HttpResponse response = Handle(request);
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.body, "<UnknownOperationException/>");
  }
  EXPECT_EQ(executor_.calls, 0);
}

TEST_F(FrontEndTest, TheBodyComesBeforeTheTargetAndThatBeforeTheSignature) {
  options_.credentials.emplace();
  HttpRequest request = Put();
  request.headers[1].second = "AWSGlue.Nothing";
  request.body = "{";
  EXPECT_THAT(Handle(request).body, HasSubstr("SerializationException"));
  request.body = "{}";
  EXPECT_THAT(Handle(request).body, HasSubstr("UnknownOperationException"));
  request.headers[1].second = "AWSGlue.PutResourcePolicy";
  const HttpResponse response = Handle(request);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"__type":"MissingAuthenticationTokenException",)"
                           R"("message":"Missing Authentication Token"})");
  EXPECT_EQ(executor_.calls, 0);
}

TEST_F(FrontEndTest, TheCallerIsReadFromTheCredentialScope) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"111122223333/20261124/eu-west-1", "111122223333 eu-west-1 "},
      // These are not account ids: too long, too short, not digits.
      {"1111222233334/20261124/eu-west-1", "123456789012 eu-west-1 "},
      {"11112222333/20261124/eu-west-1", "123456789012 eu-west-1 "},
      {"AKIDEXAMPLE1/20261124/eu-west-1", "123456789012 eu-west-1 "},
      {"111122223333/20261124/a-0", "111122223333 a-0 "},
  };
  for (const auto& [scope, caller] : cases) {
    const std::string authorization =
        absl::StrCat("AWS4-HMAC-SHA256 Credential=", scope,
                     "/glue/aws4_request, SignedHeaders=host, Signature=00");
    EXPECT_THAT(Handle(SignedAs(authorization)).body, HasSubstr(caller))
        << scope;
  }
  // An unreadable header counts as no signature.
  for (const char* authorization : {"", "Bearer x", "AWS4-HMAC-SHA256 x"}) {
    EXPECT_THAT(Handle(SignedAs(authorization)).body,
                HasSubstr("123456789012 us-east-1 "));
  }
}

// The region of a call appears in messages, logs and the history.
TEST_F(FrontEndTest, ARegionOfOtherCharacters_IsIncompleteAndNotExecuted) {
  for (const bool verifies : {false, true}) {
    if (verifies) options_.credentials.emplace();
    for (const std::string& region :
         {std::string(), std::string("US-EAST-1"), std::string("us east"),
          std::string("us_east"), std::string("us.east"),
          std::string("us\r\nX: y"), std::string("\xFF"),
          std::string("\xC3\xA4"), std::string("us\0", 3), std::string("\""),
          std::string(65, 'a')}) {
      const std::string authorization = absl::StrCat(
          "AWS4-HMAC-SHA256 Credential=111122223333/20261124/", region,
          "/glue/aws4_request, SignedHeaders=host, Signature=00");
      const HttpResponse response = Handle(SignedAs(authorization));
      EXPECT_EQ(response.status, 400);
      EXPECT_THAT(
          response.body,
          testing::StartsWith(
              R"({"__type":"IncompleteSignatureException","message":")"
              "Credential must be scoped to a region of 1 to 64 characters "
              "of a-z, 0-9 and '-', got '"))
          << region;
      EXPECT_EQ(record_.outcome, "IncompleteSignatureException");
      EXPECT_EQ(record_.caller.region, "");
      EXPECT_EQ(record_.operation, v1::Request::kPutResourcePolicy);
    }
  }
  EXPECT_EQ(executor_.calls, 0);
  options_.credentials.reset();
  const std::string longest =
      absl::StrCat("AWS4-HMAC-SHA256 Credential=111122223333/20261124/",
                   std::string(64, 'a'),
                   "/glue/aws4_request, SignedHeaders=host, Signature=00");
  EXPECT_EQ(Handle(SignedAs(longest)).status, 200);
}

// A form on a web page can send these without a preflight.
TEST_F(FrontEndTest, WhatAPageCanSendWithoutAsking_IsNotExecuted) {
  for (const char* const type :
       {"", "text/plain", "text/plain;charset=UTF-8",
        "text/plain; application/x-amz-json-1.1",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/x-amz-json-1.1"}) {
    HttpRequest request = Put();
    request.headers[0].second = type;
    EXPECT_EQ(Handle(request).status, 404) << type;
  }
  EXPECT_EQ(executor_.calls, 0);
}

TEST_F(FrontEndTest, TheDefaultsAreTheOptions) {
  options_.default_account_id = "default account";
  options_.default_region = "default region";
  EXPECT_THAT(Handle(Put()).body, HasSubstr("default account default region "));
}

TEST_F(FrontEndTest, AVerifiedCredentialSaysWhoCalls) {
  const FrontEnd front_end(&executor_, options_);
  Credential credential;
  const HttpRequest request = SignedAs(
      "AWS4-HMAC-SHA256 Credential=111122223333/20261124/eu-west-1/glue/"
      "aws4_request, SignedHeaders=host, Signature=00");
  Caller caller = front_end.CallerOf(request, &credential);
  EXPECT_EQ(caller.account_id, "111122223333");
  EXPECT_EQ(caller.principal_arn, "");
  credential.account_id = "444455556666";
  credential.principal_arn = "arn:aws:iam::444455556666:user/a";
  caller = front_end.CallerOf(request, &credential);
  EXPECT_EQ(caller.account_id, "444455556666");
  EXPECT_EQ(caller.region, "eu-west-1");
  EXPECT_EQ(caller.principal_arn, "arn:aws:iam::444455556666:user/a");
}

TEST_F(FrontEndTest, DeliveryIsLeftToTheConnection) {
  executor_.next.delay = absl::Seconds(3);
  HttpRequest request = Put();
  request.connection = 7;
  HttpResponse response = Handle(request);
  EXPECT_EQ(response.delay, absl::Seconds(3));
  EXPECT_FALSE(response.drop_connection);
  EXPECT_THAT(response.body, HasSubstr("\"7 "));
  executor_.next.lost = true;
  response = Handle(request);
  EXPECT_TRUE(response.drop_connection);
  EXPECT_EQ(record_.outcome, "dropped");
}

}  // namespace
}  // namespace glue_security
