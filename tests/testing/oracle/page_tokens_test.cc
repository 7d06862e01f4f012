#include "glue_security/testing/oracle/page_tokens.h"

#include "glue_security/model/operation.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(PageTokens, OfAListAreReadAndExchanged) {
  v1::Request request;
  request.mutable_get_security_configurations()->set_next_token("a");
  EXPECT_EQ(NextTokenOf(request), "a");
  EXPECT_EQ(ExchangeNextToken("b", &request), "a");
  EXPECT_EQ(request.get_security_configurations().next_token(), "b");

  v1::Response answer;
  answer.mutable_get_security_configurations()->set_next_token("c");
  EXPECT_EQ(NextTokenOf(answer), "c");
  EXPECT_EQ(ExchangeNextToken("", &answer), "c");
  EXPECT_TRUE(answer.get_security_configurations().has_next_token());
  EXPECT_EQ(NextTokenOf(answer), "");
}

TEST(PageTokens, OfALaterListAreReadToo) {
  v1::Request request;
  request.mutable_get_resource_policies()->set_next_token("a");
  EXPECT_EQ(NextTokenOf(request), "a");
  v1::Response answer;
  answer.mutable_get_resource_policies()->set_next_token("b");
  EXPECT_EQ(ExchangeNextToken("", &answer), "b");
}

TEST(PageTokens, AreEmptyEverywhereElse) {
  EXPECT_EQ(NextTokenOf(v1::Request()), "");
  EXPECT_EQ(NextTokenOf(v1::Response()), "");
  v1::Response error;
  error.mutable_error()->set_message("m");
  EXPECT_EQ(NextTokenOf(error), "");
  for (const Operation operation : kAllOperations) {
    v1::Request request;
    request.GetReflection()->MutableMessage(
        &request, v1::Request::descriptor()->FindFieldByNumber(operation));
    EXPECT_EQ(NextTokenOf(request), "") << OperationName(operation);
    v1::Response answer;
    answer.GetReflection()->MutableMessage(
        &answer, v1::Response::descriptor()->FindFieldByNumber(operation));
    EXPECT_EQ(NextTokenOf(answer), "") << OperationName(operation);
  }
}

}  // namespace
}  // namespace glue_security
