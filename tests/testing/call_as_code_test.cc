// The code that a report of the suite for backends shows.

#include "glue_security/testing/backend_suite/call_as_code.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/model/setting.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/v1/error.pb.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

BackendEndpoint Endpoint() {
  BackendEndpoint endpoint;
  endpoint.url = "http://127.0.0.1:1/";
  return endpoint;
}

// An endpoint that needs headers, as moto does, and a token.
BackendEndpoint EndpointWithHeaders() {
  BackendEndpoint endpoint = Endpoint();
  endpoint.reset_path = "/moto-api/reset";
  endpoint.headers = {
      {"x-token", "it's secret"}, {"X-Account", "replaced"}, {"x-empty", ""}};
  endpoint.account_header = "x-account";
  endpoint.access_key_id = "test";
  return endpoint;
}

BackendCalls Calls() {
  BackendCalls calls;
  calls.preset = "Observed";
  calls.settings = {"limits.page_size_default = 2"};
  BackendCall put;
  put.caller = {"123456789012", "us-east-1", ""};
  put.request.mutable_put_resource_policy()->set_policy_in_json(
      "{\"Id\": \"it's\\n\"}");
  put.response.mutable_put_resource_policy()->set_policy_hash("h");
  calls.calls.push_back(put);
  BackendCall get;
  get.caller = {"210987654321", "eu-west-1",
                "arn:aws:iam::210987654321:user/a"};
  get.request.mutable_get_security_configurations()->set_max_results(7);
  get.response.mutable_error()->set_code(v1::ERROR_CODE_INTERNAL_SERVICE);
  get.clock_move = -absl::Seconds(2);
  calls.calls.push_back(get);
  return calls;
}

TEST(TellsOf, ComparesThePathsAndConstraintsInTheText) {
  using conformance_internal::TellsOf;
  v1::Response response;
  response.mutable_error()->set_message(
      "2 validation errors detected: Value 'x' at 'policyInJson' failed to "
      "satisfy constraint: Member must have length greater than or equal to 2; "
      "Value '' at 'policyHashCondition' failed to satisfy constraint: Member "
      "must satisfy regular expression pattern: x");
  const std::string first = "policyInJson LENGTH_MIN";
  const std::string second = "policyHashCondition PATTERN";
  EXPECT_TRUE(TellsOf(response, {first, second}));
  EXPECT_FALSE(TellsOf(response, {second, first}));
  EXPECT_FALSE(TellsOf(response, {first}));
  EXPECT_FALSE(TellsOf(response, {first, first}));
  EXPECT_FALSE(TellsOf(response, {first, second, second}));
  EXPECT_FALSE(TellsOf(response, {"policyInJson LENGTH_MAX", second}));
  EXPECT_FALSE(TellsOf(response, {"name LENGTH_MIN", second}));
  response.mutable_error()->clear_message();
  EXPECT_FALSE(TellsOf(response, {first}));
}

TEST(CallsAsCpp, HaveTheSetupTheClockAndEveryCall) {
  EXPECT_TRUE(absl::StrContains(CallsAsCpp(Calls()),
                                "setup.behavior = Behavior::Observed();\n"
                                "setup.limits.page_size_default = 2;\n"));
  EXPECT_TRUE(
      absl::EndsWith(CallsAsCpp(Calls()),
                     "call({\"123456789012\", \"us-east-1\", \"\"}, R\"pb("
                     "put_resource_policy { policy_in_json: \"{\\\"Id\\\": "
                     "\\\"it\\'s\\\\n\\\"}\" }"
                     ")pb\");\n"
                     "clock.Advance(absl::Microseconds(-2000000));\n"
                     "call({\"210987654321\", \"eu-west-1\", "
                     "\"arn:aws:iam::210987654321:user/a\"}, R\"pb("
                     "get_security_configurations { max_results: 7 })pb\");\n"))
      << CallsAsCpp(Calls());
  // A text that ends the literal gets another one.
  BackendCalls calls = Calls();
  calls.calls[0].request.mutable_put_resource_policy()->set_policy_in_json(
      "f()pb");
  EXPECT_TRUE(absl::StrContains(
      CallsAsCpp(calls),
      "R\"pb_(put_resource_policy { policy_in_json: \"f()pb\" })pb_\""))
      << CallsAsCpp(calls);
}

TEST(CallsAsCurl, QuoteForTheShell) {
  const std::string text = CallsAsCurl(Calls(), Endpoint());
  EXPECT_TRUE(absl::StartsWith(text,
                               "# on a new backend, preset Observed\n"
                               "# with limits.page_size_default = 2\n"
                               "curl -s -w '\\n' 'http://127.0.0.1:1/' "))
      << text;
  EXPECT_TRUE(
      absl::StrContains(text, "X-Amz-Target: AWSGlue.PutResourcePolicy"));
  EXPECT_TRUE(absl::StrContains(
      text, R"(--data-binary '{"PolicyInJson":"{\"Id\": \"it'\''s\\n\"}"}')"))
      << text;
  EXPECT_TRUE(absl::StrContains(text, "# the clock moves by -2s\ncurl "));
  EXPECT_TRUE(absl::StrContains(
      text, "Credential=210987654321/20200913/eu-west-1/glue/aws4_request"));
}

TEST(CallsAsBoto3, QuoteForPython) {
  const std::string text = CallsAsBoto3(Calls(), Endpoint());
  EXPECT_TRUE(absl::StrContains(text, "endpoint_url='http://127.0.0.1:1/'"));
  EXPECT_TRUE(absl::EndsWith(
      text,
      R"py(call('123456789012', 'us-east-1', 'put_resource_policy', '{"PolicyInJson":"{\\"Id\\": \\"it\'s\\\\n\\"}"}')
# the clock moves by -2s
call('210987654321', 'eu-west-1', 'get_security_configurations', '{"MaxResults":7}')
)py")) << text;
}

TEST(CallsOverHttp, BeginWithTheResetAndSendEveryHeader) {
  const std::string curl = CallsAsCurl(Calls(), EndpointWithHeaders());
  EXPECT_TRUE(absl::StrContains(
      curl,
      "# with limits.page_size_default = 2\n"
      "curl -s -w '\\n' -X POST 'http://127.0.0.1:1/moto-api/reset' "
      "-H 'x-token: it'\\''s secret' -H 'X-Account: replaced' -H 'x-empty;' "
      "-H 'Content-Length: 0'\n"
      "curl "))
      << curl;
  EXPECT_TRUE(absl::StrContains(
      curl,
      "' -H 'x-token: it'\\''s secret' -H 'x-empty;' "
      "-H 'x-account: 210987654321' --data-binary '{\"MaxResults\":7}'\n"))
      << curl;
  EXPECT_TRUE(absl::StrContains(curl, "Credential=test/20200913/eu-west-1/"));
  EXPECT_FALSE(absl::StrContains(curl, "Credential=2"));

  const std::string boto3 = CallsAsBoto3(Calls(), EndpointWithHeaders());
  EXPECT_TRUE(absl::StrContains(boto3, R"py(
def control(method, url, body):
    request = urllib.request.Request(url, body.encode(), method=method)
    if body:
        request.add_header('Content-Type', 'application/json')
    request.add_header('x-token', 'it\'s secret')
    request.add_header('X-Account', 'replaced')
    request.add_header('x-empty', '')
    urllib.request.urlopen(request).close()

def call(account, region, operation, members):
    glue = boto3.client('glue', endpoint_url='http://127.0.0.1:1/', region_name=region,
        aws_access_key_id='test', aws_secret_access_key='x',
        config=Config(parameter_validation=False))
    def add_headers(request, **others):
        request.headers.add_header('x-token', 'it\'s secret')
        request.headers.add_header('x-empty', '')
        request.headers.add_header('x-account', account)
    glue.meta.events.register('before-sign.glue', add_headers)
    try:
)py")) << boto3;
  EXPECT_TRUE(absl::StrContains(
      boto3,
      "\n# with limits.page_size_default = 2\n"
      "control('POST', 'http://127.0.0.1:1/moto-api/reset', '')\ncall("))
      << boto3;
}

// Settings and the clock reach our own server, and any mock that takes them.
TEST(CallsOverHttp, SetWhatTheEndpointTakes) {
  BackendEndpoint endpoint = Endpoint();
  endpoint.reset_path = "/reset";
  endpoint.reset_takes_settings = true;
  endpoint.clock_path = "/clock";
  BackendCalls calls = Calls();
  calls.ran_with.limits.page_size_default = 2;
  const std::string settings = SettingsAsJson(calls.ran_with);
  const std::string curl = CallsAsCurl(calls, endpoint);
  EXPECT_TRUE(absl::StrContains(
      curl, absl::StrCat("/reset' -H 'Content-Type: application/json' "
                         "--data-binary '",
                         settings, "'\ncurl -s -w '\\n' -X PUT '")))
      << curl;
  const std::string boto3 = CallsAsBoto3(calls, endpoint);
  EXPECT_TRUE(absl::StrContains(boto3, absl::StrCat(", '", settings, "')\n")))
      << boto3;
  // The clock begins as in the checks, and moves as they moved it.
  for (const std::string& text : {curl, boto3}) {
    for (const char* time : {"26:40.123", "26:38.123"}) {
      EXPECT_TRUE(absl::StrContains(
          text, absl::StrCat(R"('{"now":"2020-09-13T12:)", time,
                             R"(+00:00","frozen":true}')")))
          << text;
    }
    EXPECT_FALSE(absl::StrContains(text, "the clock moves by")) << text;
  }
  // A backend with a clock of its own has no other.
  calls.own_clock = true;
  EXPECT_FALSE(absl::StrContains(CallsAsCurl(calls, endpoint), "/clock"));
  EXPECT_FALSE(absl::StrContains(CallsAsBoto3(calls, endpoint), "/clock"));
}

TEST(CallsOverHttp, LeaveOutWhatCannotBeSentAndSaySo) {
  BackendCalls calls = Calls();
  calls.calls[0].request.Clear();
  calls.calls[1].request.mutable_get_security_configuration()->set_name("\xFF");
  for (const std::string& text :
       {CallsAsCurl(calls, Endpoint()), CallsAsBoto3(calls, Endpoint())}) {
    EXPECT_FALSE(absl::StrContains(text, "\ncurl")) << text;
    EXPECT_FALSE(absl::StrContains(text, "\ncall(")) << text;
    EXPECT_TRUE(absl::StrContains(
        text, "# a request without an operation is not possible over HTTP\n"));
    EXPECT_TRUE(absl::StrContains(
        text,
        "# GetSecurityConfiguration {name: \"\\377\"} is not UTF-8, so it is "
        "not possible over HTTP\n"))
        << text;
  }
}

TEST(CallAsText, IsNeverCut) {
  BackendCall call = Calls().calls[0];
  const std::string policy(10240, 'p');
  call.request.mutable_put_resource_policy()->set_policy_in_json(policy);
  EXPECT_EQ(CallAsText(call),
            absl::StrCat("PutResourcePolicy {policy_in_json: \"", policy,
                         "\"}\n  -> OK {policy_hash: \"h\"}\n"));
  EXPECT_EQ(CallAsText(Calls().calls[1]),
            "the clock moves by -2s\n"
            "210987654321 in eu-west-1 as arn:aws:iam::210987654321:user/a: "
            "GetSecurityConfigurations {max_results: 7}\n"
            "  -> InternalServiceException\n");
}

// Nobody can move a clock that the backend has of its own, so time must pass.
TEST(CallsOnAClockOfItsOwn, WaitForTheTimeToPass) {
  BackendCalls calls = Calls();
  calls.own_clock = true;
  calls.calls[1].clock_move = absl::Milliseconds(1500);
  const std::string cpp = CallsAsCpp(calls);
  EXPECT_TRUE(absl::StrContains(
      cpp, "\nabsl::SleepFor(absl::Microseconds(1500000));\ncall("))
      << cpp;
  EXPECT_FALSE(absl::StrContains(cpp, "clock.Advance")) << cpp;
  EXPECT_FALSE(absl::StrContains(cpp, "FakeClock")) << cpp;
  EXPECT_TRUE(
      absl::StrContains(CallsAsCurl(calls, Endpoint()), "\nsleep 1.5\ncurl "));
  const std::string boto3 = CallsAsBoto3(calls, Endpoint());
  EXPECT_TRUE(absl::StrContains(boto3, "import json\nimport time\n")) << boto3;
  EXPECT_TRUE(absl::StrContains(boto3, "\ntime.sleep(1.5)\ncall(")) << boto3;
  EXPECT_TRUE(absl::StartsWith(CallAsText(calls.calls[1], /*own_clock=*/true),
                               "1.5s pass\n210987654321 in eu-west-1 "));

  // Time does not go back by itself.
  calls.calls[1].clock_move = -absl::Seconds(2);
  EXPECT_FALSE(absl::StrContains(CallsAsCpp(calls), "SleepFor"));
  EXPECT_FALSE(absl::StrContains(CallsAsCurl(calls, Endpoint()), "sleep"));
  EXPECT_FALSE(absl::StrContains(CallsAsBoto3(calls, Endpoint()), "sleep"));
}

}  // namespace
}  // namespace glue_security
