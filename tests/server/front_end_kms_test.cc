// The front end and the calls of KMS.

#include <memory>
#include <new>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
#include "glue_security/http/credentials.h"
#include "glue_security/http/http_message.h"
#include "glue_security/server/front_end.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::HasSubstr;

// Notes the calls of KMS that it executes.
class NotingExecutor : public Executor {
 public:
  std::unique_ptr<Call> Begin() override {
    return std::make_unique<NotingCall>(this);
  }

  Delivery next;
  bool throws = false;
  std::string noted;

 private:
  class NotingCall : public Call {
   public:
    explicit NotingCall(NotingExecutor* executor) : executor_(*executor) {}

    v1::Response Execute(int /*connection*/, const Caller& /*caller*/,
                         const v1::Request& /*request*/,
                         Delivery* /*delivery*/) override {
      executor_.noted += "glue ";
      return v1::Response();
    }

    WireResponse ExecuteKms(const KeyCaller& caller,
                            absl::string_view operation,
                            absl::FunctionRef<WireResponse()> answer,
                            Delivery* delivery) override {
      if (executor_.throws) throw std::bad_alloc();
      absl::StrAppend(&executor_.noted, operation, " ",
                      caller.caller.account_id, " ", caller.caller.region, " ",
                      caller.caller.principal_arn, caller.via_service, " ");
      *delivery = executor_.next;
      return Call::ExecuteKms(caller, operation, answer, delivery);
    }

   private:
    NotingExecutor& executor_;
  };
};

class FrontEndKmsTest : public testing::Test {
 protected:
  FrontEndKmsTest() { options_.kms = &kms_; }

  HttpResponse Handle(const std::string& operation, const std::string& body,
                      const std::string& authorization = "") {
    const std::string target = absl::StrCat("TrentService.", operation);
    HttpRequest request;
    request.method = "POST";
    request.target = "/";
    request.headers = {{"content-type", "application/x-amz-json-1.1"},
                       {"x-amz-target", target}};
    if (!authorization.empty()) {
      request.headers.emplace_back("authorization", authorization);
    }
    request.body = body;
    FrontEnd front_end(&executor_, options_);
    record_ = RequestRecord();
    return front_end.Handle(request, &record_);
  }

  LocalKms kms_;
  NotingExecutor executor_;
  FrontEndOptions options_;
  RequestRecord record_;
};

TEST_F(FrontEndKmsTest, ACallIsAnsweredAndRecorded) {
  const HttpResponse made = Handle("CreateKey", "{}");
  EXPECT_EQ(made.status, 200);
  EXPECT_THAT(made.body, HasSubstr("\"AWSAccountId\":\"123456789012\""));
  ASSERT_EQ(made.headers.size(), 2u);
  EXPECT_EQ(made.headers[0].second, record_.request_id);
  EXPECT_EQ(made.headers[1].second, "application/x-amz-json-1.1");
  EXPECT_EQ(record_.kms_operation, KmsOperation::kCreateKey);
  EXPECT_EQ(record_.operation, kNoOperation);
  EXPECT_EQ(record_.outcome, "ok");
  EXPECT_EQ(record_.caller.account_id, "123456789012");
  EXPECT_EQ(executor_.noted, "CreateKey 123456789012 us-east-1  ");
}

TEST_F(FrontEndKmsTest, TheCallerIsFoundAsThatOfGlue) {
  options_.callers_are_root = true;
  Handle("CreateKey", "{}",
         "AWS4-HMAC-SHA256 Credential=111122223333/20190901/eu-west-1/kms/"
         "aws4_request, SignedHeaders=host, Signature=00");
  EXPECT_EQ(executor_.noted,
            "CreateKey 111122223333 eu-west-1 arn:aws:iam::111122223333:root ");
}

TEST_F(FrontEndKmsTest, ErrorsHaveASmallMessage) {
  const HttpResponse refused = Handle("EnableKey", R"({"KeyId": "x"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body,
            R"({"__type":"NotFoundException","message":"Invalid keyId 'x'"})");
  EXPECT_EQ(record_.outcome, "NotFoundException");
  EXPECT_EQ(Handle("EnableKey", "[]").body,
            R"({"__type":"SerializationException","message":"Start of list )"
            R"(found where not expected"})");
  EXPECT_EQ(record_.outcome, "SerializationException");
  EXPECT_EQ(record_.kms_operation, std::nullopt);
  EXPECT_EQ(Handle("ReEncrypt", "{}").body,
            R"({"__type":"UnknownOperationException"})");
}

TEST_F(FrontEndKmsTest, SignaturesAreForKms) {
  Credential alice;
  alice.access_key_id = "AKIDALICE";
  alice.secret_access_key = "secret";
  options_.credentials = Credentials{{"AKIDALICE", alice}};
  EXPECT_THAT(Handle("CreateKey", "{}").body,
              HasSubstr(R"("message":"Missing Authentication Token")"));
  EXPECT_EQ(record_.outcome, "MissingAuthenticationTokenException");
  EXPECT_EQ(executor_.noted, "");
}

TEST_F(FrontEndKmsTest, WithoutAKms_TheOperationsAreUnknown) {
  options_.kms = nullptr;
  const HttpResponse refused = Handle("CreateKey", "{}");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body, R"({"__type":"UnknownOperationException"})");
  EXPECT_EQ(executor_.noted, "");
}

TEST_F(FrontEndKmsTest, ADeliveryIsPassedOn) {
  executor_.next = {absl::Seconds(7), true};
  const HttpResponse dropped = Handle("CreateKey", "{}");
  EXPECT_EQ(dropped.delay, absl::Seconds(7));
  EXPECT_TRUE(dropped.drop_connection);
  EXPECT_EQ(record_.outcome, "dropped");
}

TEST_F(FrontEndKmsTest, AnExceptionIsAnInternalErrorOfKms) {
  executor_.throws = true;
  const HttpResponse failed = Handle("CreateKey", "{}");
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.body,
            R"({"__type":"KMSInternalException","message":"internal error"})");
  EXPECT_EQ(record_.outcome, "KMSInternalException");
  EXPECT_EQ(record_.exception, "std::bad_alloc");
}

}  // namespace
}  // namespace glue_security
