// A reset that changes what the backend runs with.

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/http/http_message.h"
#include "glue_security/model/setting.h"
#include "glue_security/server/control.h"
#include "glue_security/server/front_end.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Counts its resets.
class FakeState : public ControlledState {
 public:
  absl::Status Reset() override {
    if (!status.ok()) return status;
    ++resets;
    return absl::OkStatus();
  }
  absl::Status Save(const std::string& /*name*/) override {
    return absl::OkStatus();
  }
  absl::Status Restore(const std::string& /*name*/) override {
    return absl::OkStatus();
  }
  bool Forget(const std::string& /*name*/) override { return false; }
  std::vector<std::string> Names() const override { return {}; }

  absl::Status status;
  std::atomic<int> resets{0};
};

// Answers every Put with its own name.
class NamedBackend : public Backend {
 public:
  NamedBackend(std::string name, std::function<void()> before)
      : name_(std::move(name)), before_(std::move(before)) {}

  v1::Response Execute(const Caller& /*caller*/,
                       const v1::Request& /*request*/) override {
    if (before_) before_();
    v1::Response response;
    response.mutable_put_resource_policy()->set_policy_hash(name_);
    return response;
  }

 private:
  const std::string name_;
  const std::function<void()> before_;
};

class ControlSettingsTest : public testing::Test {
 protected:
  ControlSettingsTest() { Make(FirstOptions()); }

  ControlOptions FirstOptions() {
    ControlOptions options;
    options.settings.behavior = Behavior::Current();
    options.settings.limits.page_size_default = 7;
    options.make_backend = [this](const BackendSettings& settings) {
      if (on_make) on_make();
      made_.push_back(settings);
      return std::make_unique<NamedBackend>(
          absl::StrCat("made ", made_.size(), ", strict ",
                       settings.behavior.refuse_unknown_members),
          before_call);
    };
    return options;
  }

  void Make(ControlOptions options) {
    control_ = std::make_unique<Control>(&first_, &state_, &clock_,
                                         std::move(options));
    front_end_ = std::make_unique<FrontEnd>(control_.get(), FrontEndOptions());
  }

  // Calls control; returns "STATUS BODY".
  std::string Call(const std::string& method, const std::string& path,
                   const std::string& body = "") {
    HttpRequest request;
    request.method = method;
    const std::string target = absl::StrCat(kControlPath, path);
    request.target = target;
    request.body = body;
    const HttpResponse response = control_->Handle(request);
    return absl::StrCat(response.status, " ", response.body);
  }

  // Calls the API; returns the body.
  std::string Put(const std::string& body = R"({"PolicyInJson":"{}"})",
                  const std::string& operation = "PutResourcePolicy") {
    const std::string name = absl::StrCat("AWSGlue.", operation);
    HttpRequest request;
    request.method = "POST";
    request.target = "/";
    request.headers = {{"content-type", "application/x-amz-json-1.1"},
                       {"x-amz-target", name}};
    request.body = body;
    RequestRecord record;
    return front_end_->Handle(request, &record).body;
  }

  // Expects that everything is as after a reset with `settings`, but for the
  // calls since.
  void ExpectUnchanged(const std::string& settings) {
    EXPECT_EQ(Call("GET", "settings"), settings);
    EXPECT_EQ(state_.resets, 1);
    EXPECT_EQ(control_->faults().List().size(), 1u);
  }

  // Called by `make_backend`, and by each call of a backend that it makes.
  std::function<void()> on_make;
  std::function<void()> before_call;
  NamedBackend first_{"first", nullptr};
  FakeState state_;
  FakeClock clock_;
  std::vector<BackendSettings> made_;
  std::unique_ptr<Control> control_;
  std::unique_ptr<FrontEnd> front_end_;
};

TEST_F(ControlSettingsTest, Get_ShowsWhatTheBackendRunsWith) {
  BackendSettings settings;
  settings.behavior = Behavior::Current();
  settings.limits.page_size_default = 7;
  EXPECT_EQ(Call("GET", "settings"),
            absl::StrCat("200 ", SettingsAsJson(settings)));
}

TEST_F(ControlSettingsTest, Reset_WithMembers_MakesABackendThatRunsWithThem) {
  EXPECT_THAT(Put(), HasSubstr("\"first\""));
  EXPECT_EQ(Call("POST", "reset",
                 R"({"policy_checks":"json","security_configurations_max":3,)"
                 R"("refuse_unknown_members":true})"),
            "200 ");
  ASSERT_EQ(made_.size(), 1u);
  BackendSettings expected;
  expected.behavior = Behavior::Current();
  expected.behavior.policy_checks = PolicyChecks::kJson;
  expected.behavior.refuse_unknown_members = true;
  expected.limits.page_size_default = 7;
  expected.limits.security_configurations_max = 3;
  EXPECT_EQ(SettingsAsJson(made_[0]), SettingsAsJson(expected));
  EXPECT_EQ(Call("GET", "settings"),
            absl::StrCat("200 ", SettingsAsJson(expected)));
  EXPECT_THAT(Put(), HasSubstr("\"made 1, strict 1\""));
  EXPECT_EQ(state_.resets, 1);
}

TEST_F(ControlSettingsTest, Reset_WithoutMembers_GoesBackToTheFirstSettings) {
  const std::string first = Call("GET", "settings");
  for (const char* body : {"", " \n", "{}", "{ }"}) {
    ASSERT_EQ(Call("POST", "reset", R"({"page_size_default":1})"), "200 ");
    EXPECT_NE(Call("GET", "settings"), first);
    EXPECT_EQ(Call("POST", "reset", body), "200 ");
    EXPECT_EQ(Call("GET", "settings"), first);
    EXPECT_THAT(Put(), HasSubstr("\"first\""));
  }
}

TEST_F(ControlSettingsTest, Reset_ChangesTheFirstSettingsNotTheLatest) {
  Call("POST", "reset", R"({"page_size_default":1,"behavior":"observed"})");
  Call("POST", "reset", R"({"policy_depth_max":5})");
  ASSERT_EQ(made_.size(), 2u);
  EXPECT_EQ(made_[1].limits.page_size_default, 7);
  EXPECT_EQ(made_[1].limits.policy_depth_max, 5u);
  EXPECT_EQ(made_[1].behavior.api_date, kNewestApiDate);
}

TEST_F(ControlSettingsTest, Reset_PresetComesBeforeTheOtherMembers) {
  for (const char* body :
       {R"({"behavior":"documented","api_date":"2020-07-07"})",
        R"({"api_date":"2020-07-07","behavior":"documented"})"}) {
    EXPECT_EQ(Call("POST", "reset", body), "200 ");
    Behavior expected = Behavior::Documented();
    expected.api_date = absl::CivilDay(2020, 7, 7);
    Limits limits;
    limits.page_size_default = 7;
    EXPECT_EQ(SettingsAsJson(made_.back()), SettingsAsJson({expected, limits}));
  }
}

TEST_F(ControlSettingsTest, Reset_TakesWhatGetShows) {
  Call("POST", "reset",
       R"({"behavior":"observed","must_exist_error_code":)"
       R"("EntityNotFoundException","violations_max":2})");
  const std::string shown = Call("GET", "settings");
  EXPECT_EQ(Call("POST", "reset"), "200 ");
  EXPECT_NE(Call("GET", "settings"), shown);
  EXPECT_EQ(Call("POST", "reset", shown.substr(4)), "200 ");
  EXPECT_EQ(Call("GET", "settings"), shown);
}

TEST_F(ControlSettingsTest, Reset_WithAWrongMember_ChangesNothing) {
  ASSERT_EQ(Call("POST", "reset", R"({"page_size_default":2})"), "200 ");
  ASSERT_THAT(Call("POST", "faults", R"({"skip":1000})"), StartsWith("200 "));
  const std::string settings = Call("GET", "settings");
  const struct {
    const char* body;
    const char* error;
  } cases[] = {
      {R"({"policy_checks":"some"})",
       "policy_checks: must be none, json, grammar or glue"},
      {R"({"behavior":"Documented"})",
       "behavior: must be documented, observed or current"},
      {R"({"page_size_default":0})",
       "page_size_default: must be a number from 1 to 1000"},
      {R"({"page_size_default":1.5})",
       "page_size_default: must be a number from 1 to 1000"},
      {R"({"page_size_default":null})",
       "page_size_default: must be a number from 1 to 1000"},
      {R"({"limit_page_size":1})", "limit_page_size: must be true or false"},
      {R"({"limits":1})", "limits: no such member"},
      {R"({"page_size_default":3,"Page_Size_Default":3})",
       "Page_Size_Default: no such member"},
      {R"({"page_size_default":3,"page_size_default":3})",
       "page_size_default: is given twice"},
      {R"({"page_size_default":[3]})",
       "page_size_default: neither text nor number"},
      // A member that is right is not set, either.
      {R"({"api_date":"2020-07-07","violations_max":0})",
       "violations_max: must be a number from 1 to 1000000"},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(Call("POST", "reset", test.body),
              absl::StrCat("400 {\"error\":\"", test.error, "\"}"));
    ExpectUnchanged(settings);
  }
  for (const char* body : {"[]", "1", "{", R"({"a":1} x)", "\xff"}) {
    EXPECT_THAT(Call("POST", "reset", body), StartsWith("400 {\"error\":"));
    ExpectUnchanged(settings);
  }
  EXPECT_EQ(made_.size(), 1u);
  EXPECT_THAT(Put(), HasSubstr("made 1"));
}

TEST_F(ControlSettingsTest, Reset_WhenTheStateIsNotReset_ChangesNothing) {
  ASSERT_EQ(Call("POST", "reset", R"({"page_size_default":2})"), "200 ");
  ASSERT_THAT(Call("POST", "faults", R"({"skip":1000})"), StartsWith("200 "));
  const std::string settings = Call("GET", "settings");
  state_.status = absl::ResourceExhaustedError("no memory");
  for (const char* body : {"", R"({"page_size_default":3})"}) {
    EXPECT_EQ(Call("POST", "reset", body), R"(503 {"error":"no memory"})");
    ExpectUnchanged(settings);
    EXPECT_THAT(Put(), HasSubstr("made 1"));
  }
}

TEST_F(ControlSettingsTest, Reset_WhenNoBackendIsMade_ChangesNothing) {
  ASSERT_EQ(Call("POST", "reset", R"({"page_size_default":2})"), "200 ");
  ASSERT_THAT(Call("POST", "faults", R"({"skip":1000})"), StartsWith("200 "));
  const std::string settings = Call("GET", "settings");
  on_make = [] { throw std::runtime_error("no"); };
  EXPECT_THROW(Call("POST", "reset", R"({"page_size_default":3})"),
               std::runtime_error);
  ExpectUnchanged(settings);
  EXPECT_THAT(Put(), HasSubstr("made 1"));
}

TEST_F(ControlSettingsTest, WithoutAFactory_SettingsCannotBeChanged) {
  Make(ControlOptions());
  EXPECT_EQ(Call("GET", "settings"),
            R"(404 {"error":"no such control endpoint"})");
  EXPECT_EQ(Call("POST", "reset", R"({"page_size_default":3})"),
            R"(400 {"error":"the settings of this backend cannot be )"
            R"(changed"})");
  EXPECT_EQ(state_.resets, 0);
  EXPECT_EQ(Call("POST", "reset", "{}"), "200 ");
  EXPECT_EQ(state_.resets, 1);
  // The front end decodes by its own behavior.
  EXPECT_THAT(Put(R"({"PolicyInJson":"{}","EnableHybrid":"x"})"),
              HasSubstr("first"));
}

TEST_F(ControlSettingsTest, Settings_OtherMethodsAreNotFound) {
  for (const char* method : {"PUT", "POST", "DELETE"}) {
    EXPECT_THAT(Call(method, "settings", "{}"), StartsWith("404 "));
  }
}

TEST_F(ControlSettingsTest, Requests_AreDecodedByTheSettingsInForce) {
  const std::string unknown = R"({"PolicyInJson":"{}","Nothing":1})";
  EXPECT_THAT(Put(unknown), HasSubstr("first"));
  EXPECT_THAT(Put("{}", "GetResourcePolicies"), HasSubstr("first"));
  Call("POST", "reset", R"({"refuse_unknown_members":true})");
  EXPECT_THAT(Put(unknown), HasSubstr("Unknown member 'Nothing'"));
  Call("POST", "reset", R"({"behavior":"documented"})");
  EXPECT_THAT(Put(unknown), HasSubstr("made 2"));
  EXPECT_THAT(Put("{}", "GetResourcePolicies"),
              HasSubstr("UnknownOperationException"));
  Call("POST", "reset");
  EXPECT_THAT(Put("{}", "GetResourcePolicies"), HasSubstr("first"));
}

TEST_F(ControlSettingsTest, ACallThatAResetDoesNotWaitFor_KeepsItsBackend) {
  ControlOptions options = FirstOptions();
  options.reset_wait = absl::Milliseconds(10);
  std::promise<void> entered;
  std::promise<void> leave;
  std::atomic<int> calls{0};
  before_call = [&] {
    if (++calls > 1) return;
    entered.set_value();
    leave.get_future().wait();
  };
  Make(std::move(options));
  ASSERT_EQ(Call("POST", "reset", R"({"page_size_default":2})"), "200 ");
  auto slow = std::async(std::launch::async, [this] { return Put(); });
  entered.get_future().wait();
  ASSERT_EQ(Call("POST", "reset", R"({"page_size_default":3})"), "200 ");
  EXPECT_THAT(Put(), HasSubstr("made 2"));
  ASSERT_EQ(Call("POST", "reset"), "200 ");
  leave.set_value();
  EXPECT_THAT(slow.get(), HasSubstr("made 1"));
  EXPECT_THAT(Put(), HasSubstr("first"));
}

// A backend that refuses unknown members never sees one, and one that ignores
// them answers.
TEST_F(ControlSettingsTest, EachCallRunsWhollyWithOneOfTheSettings) {
  std::atomic<bool> done{false};
  std::atomic<int> answers[2] = {};
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) {
    callers.emplace_back([&] {
      while (!done) {
        const std::string answer = Put(R"({"PolicyInJson":"{}","Nothing":1})");
        const bool strict = answer.find("Unknown member") != std::string::npos;
        ++answers[strict ? 1 : 0];
        EXPECT_EQ(answer.find("strict 1"), std::string::npos) << answer;
      }
    });
  }
  // Goes on until both kinds of answers have come often.
  constexpr int kEach = 300;
  while (answers[0] < kEach || answers[1] < kEach) {
    for (const char* body : {R"({"refuse_unknown_members":true})",
                             R"({"refuse_unknown_members":false})"}) {
      EXPECT_EQ(Call("POST", "reset", body), "200 ");
      const int before = answers[0] + answers[1];
      while (answers[0] + answers[1] < before + 3) std::this_thread::yield();
    }
  }
  done = true;
  for (std::thread& caller : callers) caller.join();
}

}  // namespace
}  // namespace glue_security
