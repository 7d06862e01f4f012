#include "glue_security/testing/remote/remote_backend.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/setting.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/backend_suite/backend_checks.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/scripted_server.h"

namespace glue_security {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Caller kCaller{"123456789012", "us-east-1", ""};

v1::Request List() {
  v1::Request request;
  request.mutable_get_security_configurations();
  return request;
}

BackendUnderTest Target(const std::string& url,
                        const RemoteBackendOptions& options) {
  auto target = RemoteBackendUnderTest(url, options);
  EXPECT_TRUE(target.ok()) << target.status();
  return *std::move(target);
}

RemoteBackendOptions ResetBy(std::string path) {
  RemoteBackendOptions options;
  options.reset_path = std::move(path);
  return options;
}

RemoteBackendOptions NoReset() {
  RemoteBackendOptions options;
  options.no_reset = true;
  return options;
}

// Returns the first lines of the requests that arrived: "POST / HTTP/1.1".
std::vector<std::string> FirstLines(const ScriptedServer& server) {
  std::vector<std::string> lines;
  for (const std::string& request : server.requests()) {
    lines.push_back(request.substr(0, request.find("\r\n")));
  }
  return lines;
}

TEST(RemoteBackendTest, EachBackend_IsResetBeforeItsFirstCall) {
  ScriptedServer server;
  RemoteBackendOptions options = ResetBy("/reset?all=1");
  options.headers = {{"x-token", "secret"}};
  const BackendUnderTest target = Target(server.url(), options);
  EXPECT_EQ(server.connections(), 0);
  for (int i = 0; i < 2; ++i) {
    const TestedBackend tested = target.create(BackendSetup());
    EXPECT_FALSE(tested.backend->Execute(kCaller, List()).has_error());
  }
  EXPECT_THAT(FirstLines(server),
              ElementsAre("POST /reset?all=1 HTTP/1.1", "POST / HTTP/1.1",
                          "POST /reset?all=1 HTTP/1.1", "POST / HTTP/1.1"));
  for (const std::string& request : server.requests()) {
    EXPECT_THAT(request, HasSubstr("\r\nx-token: secret\r\n"));
  }
  // One for the resets, one for the calls.
  EXPECT_EQ(server.connections(), 2);
}

TEST(RemoteBackendTest, ConnectionThatHasEnded_IsReplaced) {
  ScriptedServer server;
  const BackendUnderTest target = Target(server.url(), ResetBy("/reset"));
  for (int i = 0; i < 2; ++i) {
    const TestedBackend tested = target.create(BackendSetup());
    EXPECT_FALSE(tested.backend->Execute(kCaller, List()).has_error());
    server.ResetAll();
  }
}

TEST(RemoteBackendTest, ResetThatIsRefused_FailsEveryCallWithTheReason) {
  ScriptedServer server;
  const BackendUnderTest target = Target(server.url(), ResetBy("/reset"));
  server.Add({"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"});
  const TestedBackend tested = target.create(BackendSetup());
  for (int i = 0; i < 2; ++i) {
    const v1::Response response = tested.backend->Execute(kCaller, List());
    EXPECT_THAT(response, HasErrorCode(v1::ERROR_CODE_INTERNAL_SERVICE));
    EXPECT_EQ(response.error().detail(), v1::Error::DETAIL_NOT_APPLIED);
    EXPECT_EQ(response.error().message(),
              "the endpoint is not reset: POST /reset: HTTP status 404");
  }
  EXPECT_THAT(FirstLines(server), ElementsAre("POST /reset HTTP/1.1"));
}

TEST(RemoteBackendTest, ResetThatGetsNoAnswer_FailsInTime) {
  ScriptedServer server(/*reads=*/false);
  RemoteBackendOptions options = ResetBy("/reset");
  options.timeout = absl::Milliseconds(100);
  const BackendUnderTest target = Target(server.url(), options);
  const TestedBackend tested = target.create(BackendSetup());
  EXPECT_THAT(tested.backend->Execute(kCaller, List()).error().message(),
              HasSubstr("POST /reset: no answer: "));
}

TEST(RemoteBackendTest, ResetThatTakesSettings_HasAllOfThem) {
  ScriptedServer server;
  RemoteBackendOptions options = ResetBy("/reset");
  options.reset_takes_settings = true;
  const BackendUnderTest target = Target(server.url(), options);
  EXPECT_TRUE(target.honours_behavior_fields);
  EXPECT_TRUE(target.honours_limits);
  EXPECT_EQ(target.policy_checks.size(), 4u);
  BackendSetup setup;
  setup.behavior = Behavior::Observed();
  setup.behavior.require_hash_to_overwrite = true;
  setup.limits.page_size_default = 3;
  target.create(setup).backend->Execute(kCaller, List());
  target.create(BackendSetup()).backend->Execute(kCaller, List());
  ASSERT_EQ(server.requests().size(), 4u);
  EXPECT_THAT(server.requests()[0],
              testing::EndsWith(absl::StrCat(
                  "\r\n\r\n", SettingsAsJson({setup.behavior, setup.limits}))));
  EXPECT_THAT(server.requests()[2],
              testing::EndsWith(
                  absl::StrCat("\r\n\r\n", SettingsAsJson(BackendSettings()))));
}

TEST(RemoteBackendTest, ResetThatTakesSettings_MayHaveOneLevelOfChecks) {
  RemoteBackendOptions options = ResetBy("/reset");
  options.reset_takes_settings = true;
  options.policy_checks = PolicyChecks::kJson;
  EXPECT_THAT(Target("http://a:1", options).policy_checks,
              ElementsAre(PolicyChecks::kJson));
}

TEST(RemoteBackendTest, ResetByAFunction_WinsOverThePath) {
  ScriptedServer server;
  RemoteBackendOptions options = ResetBy("/reset");
  int resets = 0;
  options.reset = [&resets] {
    return ++resets < 2 ? absl::OkStatus() : absl::UnknownError("tired");
  };
  const BackendUnderTest target = Target(server.url(), options);
  EXPECT_FALSE(target.create(BackendSetup())
                   .backend->Execute(kCaller, List())
                   .has_error());
  EXPECT_EQ(target.create(BackendSetup())
                .backend->Execute(kCaller, List())
                .error()
                .message(),
            "the endpoint is not reset: tired");
  EXPECT_THAT(FirstLines(server), ElementsAre("POST / HTTP/1.1"));
}

TEST(RemoteBackendTest, WithoutAReset_OnlyCallsAreSent) {
  ScriptedServer server;
  const BackendUnderTest target = Target(server.url(), NoReset());
  EXPECT_FALSE(target.create(BackendSetup())
                   .backend->Execute(kCaller, List())
                   .has_error());
  EXPECT_THAT(FirstLines(server), ElementsAre("POST / HTTP/1.1"));
}

TEST(RemoteBackendTest, Clock_IsSetWhenItHasMoved) {
  ScriptedServer server;
  RemoteBackendOptions options = NoReset();
  options.clock_path = "/clock";
  const BackendUnderTest target = Target(server.url(), options);
  EXPECT_TRUE(target.honours_clock);
  FakeClock clock(absl::FromUnixMillis(1'600'000'000'123));
  BackendSetup setup;
  setup.clock = &clock;
  const TestedBackend tested = target.create(setup);
  tested.backend->Execute(kCaller, List());
  tested.backend->Execute(kCaller, List());
  ASSERT_TRUE(clock.Advance(absl::Seconds(1)));
  tested.backend->Execute(kCaller, List());
  EXPECT_THAT(
      FirstLines(server),
      ElementsAre("PUT /clock HTTP/1.1", "POST / HTTP/1.1", "POST / HTTP/1.1",
                  "PUT /clock HTTP/1.1", "POST / HTTP/1.1"));
  EXPECT_THAT(
      server.requests()[0],
      HasSubstr(R"({"now":"2020-09-13T12:26:40.123+00:00","frozen":true})"));
}

TEST(RemoteBackendTest, SystemClock_IsNotSent) {
  ScriptedServer server;
  RemoteBackendOptions options = NoReset();
  options.clock_path = "/clock";
  const BackendUnderTest target = Target(server.url(), options);
  target.create(BackendSetup()).backend->Execute(kCaller, List());
  EXPECT_THAT(FirstLines(server), ElementsAre("POST / HTTP/1.1"));
}

TEST(RemoteBackendTest, ClockThatIsRefused_FailsTheCall) {
  ScriptedServer server;
  RemoteBackendOptions options = NoReset();
  options.clock_path = "/clock";
  const BackendUnderTest target = Target(server.url(), options);
  FakeClock clock(absl::UnixEpoch());
  BackendSetup setup;
  setup.clock = &clock;
  server.Add({"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"});
  EXPECT_EQ(
      target.create(setup).backend->Execute(kCaller, List()).error().message(),
      "the clock is not set: PUT /clock: HTTP status 400");
}

TEST(RemoteBackendTest, AbilitiesThatTheWireDoesNotShow_AreAbsent) {
  const BackendUnderTest target = Target("http://a:1", NoReset());
  EXPECT_EQ(target.name, "Remote");
  EXPECT_EQ(target.endpoint.url, "http://a:1");
  EXPECT_THAT(target.presets, ElementsAre(BackendPreset::kDocumented));
  EXPECT_TRUE(target.policy_checks.empty());
  EXPECT_TRUE(target.deviations.empty());
  EXPECT_FALSE(target.honours_behavior_fields);
  EXPECT_FALSE(target.honours_limits);
  EXPECT_FALSE(target.honours_clock);
  EXPECT_FALSE(target.shows_violations);
  EXPECT_FALSE(target.shows_messages);
  EXPECT_FALSE(target.takes_principals);
  EXPECT_FALSE(target.takes_invalid_utf8);
  EXPECT_FALSE(target.takes_unknown_operations);
}

// A command of a report sends this to do what the run did.
TEST(RemoteBackendTest, Endpoint_HasTheResetTheClockAndTheHeaders) {
  RemoteBackendOptions options = *FindRemoteProfile("moto");
  options.headers = {{"x-token", "secret"}};
  options.clock_path = "/clock";
  BackendEndpoint endpoint = Target("http://a:1", options).endpoint;
  EXPECT_EQ(endpoint.url, "http://a:1");
  EXPECT_EQ(endpoint.reset_path, "/moto-api/reset");
  EXPECT_EQ(endpoint.clock_path, "/clock");
  EXPECT_FALSE(endpoint.reset_takes_settings);
  EXPECT_EQ(endpoint.headers, options.headers);
  EXPECT_EQ(endpoint.account_header, "x-moto-account-id");
  EXPECT_EQ(endpoint.access_key_id, "test");
  endpoint = Target("http://a:1", *FindRemoteProfile("glue-security")).endpoint;
  EXPECT_TRUE(endpoint.reset_takes_settings);
  EXPECT_EQ(endpoint.account_header, "");
  EXPECT_EQ(endpoint.access_key_id, "");
  // A function cannot be pasted.
  options.reset = [] { return absl::OkStatus(); };
  EXPECT_EQ(Target("http://a:1", options).endpoint.reset_path, "");
}

TEST(RemoteBackendTest, WithoutAccounts_DeviationsNameChecks) {
  RemoteBackendOptions options = NoReset();
  options.account = AccountSentAs::kNothing;
  const BackendUnderTest target = Target("http://a:1", options);
  EXPECT_FALSE(target.deviations.empty());
  for (const BackendDeviation& deviation : target.deviations) {
    bool covers = false;
    for (const BackendCheck& check : AllBackendChecks()) {
      covers = covers || Covers(deviation, check);
    }
    EXPECT_TRUE(covers) << deviation.check;
  }
}

TEST(RemoteBackendTest, ProfilesSayHowAMockIsReached) {
  const auto ours = FindRemoteProfile("glue-security");
  ASSERT_TRUE(ours.has_value());
  EXPECT_EQ(ours->reset_path, "/_glue_security/reset");
  EXPECT_EQ(ours->clock_path, "/_glue_security/clock");
  EXPECT_EQ(ours->behavior, BackendPreset::kCurrent);
  EXPECT_EQ(ours->policy_checks, std::nullopt);
  EXPECT_TRUE(ours->reset_takes_settings);
  EXPECT_TRUE(ours->shows_messages);
  const auto moto = FindRemoteProfile("moto");
  ASSERT_TRUE(moto.has_value());
  EXPECT_EQ(moto->reset_path, "/moto-api/reset");
  EXPECT_EQ(moto->account, AccountSentAs::kHeader);
  EXPECT_EQ(moto->account_header, "x-moto-account-id");
  EXPECT_EQ(moto->policy_checks, PolicyChecks::kNone);
  const auto localstack = FindRemoteProfile("localstack");
  ASSERT_TRUE(localstack.has_value());
  EXPECT_EQ(localstack->reset_path, "/_localstack/state/reset");
  EXPECT_EQ(localstack->account, AccountSentAs::kAccessKeyId);
  EXPECT_EQ(localstack->policy_checks, std::nullopt);
  EXPECT_FALSE(FindRemoteProfile("").has_value());
  EXPECT_FALSE(FindRemoteProfile("Moto").has_value());
  for (const char* name : {"glue-security", "localstack", "moto"}) {
    EXPECT_TRUE(absl::StrContains(RemoteProfileNames(), name));
    EXPECT_TRUE(
        RemoteBackendUnderTest("http://a:1", *FindRemoteProfile(name)).ok());
  }
}

TEST(RemoteBackendTest, WrongOptions_AreRefusedInOrder) {
  RemoteBackendOptions options = ResetBy("reset");
  options.account = AccountSentAs::kHeader;
  options.account_header = "Host";
  EXPECT_EQ(RemoteBackendUnderTest("a", options).status().message(),
            "\"a\" is not http://HOST:PORT");
  EXPECT_EQ(RemoteBackendUnderTest("http://a:1", options).status().message(),
            "the header \"Host\" is one that the client sends itself");
  options.account_header = "x";
  for (const char* path : {"reset", "/a b", "/a\r\nX: 1", "/\xC3\xA4"}) {
    options.reset_path = path;
    const absl::Status status =
        RemoteBackendUnderTest("http://a:1", options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(),
              "a path of control must begin with a slash and be visible ASCII");
  }
  options = ResetBy("/reset");
  options.clock_path = "clock";
  EXPECT_FALSE(RemoteBackendUnderTest("http://a:1", options).ok());
  for (const bool by_function : {false, true}) {
    options = by_function ? ResetBy("/reset") : NoReset();
    if (by_function) options.reset = [] { return absl::OkStatus(); };
    EXPECT_TRUE(RemoteBackendUnderTest("http://a:1", options).ok());
    options.reset_takes_settings = true;
    EXPECT_EQ(RemoteBackendUnderTest("http://a:1", options).status().message(),
              "a reset that takes settings must be a path");
  }
}

// Checks that find what others left accuse a right endpoint, so nothing is left
// unsaid about the reset.
TEST(RemoteBackendTest, ResetOrThatThereIsNone_MustBeGiven) {
  EXPECT_EQ(RemoteBackendUnderTest("http://a:1", {}).status(),
            absl::InvalidArgumentError(
                "neither a reset is given, nor that there is none"));
  RemoteBackendOptions options = NoReset();
  EXPECT_TRUE(RemoteBackendUnderTest("http://a:1", options).ok());
  options.reset_path = "/reset";
  const absl::Status both =
      absl::InvalidArgumentError("a reset is given, and that there is none");
  EXPECT_EQ(RemoteBackendUnderTest("http://a:1", options).status(), both);
  options.reset_path.clear();
  options.reset = [] { return absl::OkStatus(); };
  EXPECT_EQ(RemoteBackendUnderTest("http://a:1", options).status(), both);
  options.no_reset = false;
  EXPECT_TRUE(RemoteBackendUnderTest("http://a:1", options).ok());
}

}  // namespace
}  // namespace glue_security
