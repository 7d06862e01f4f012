#include "glue_security/server/control.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/engine/engine.h"
#include "glue_security/simulation/adjustable_clock.h"
#include "glue_security/simulation/settable_clock.h"
#include "glue_security/storage/memory_storage.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

using testing::HasSubstr;

const Caller kCaller{"123456789012", "us-east-1", ""};

class FakeState : public ControlledState {
 public:
  explicit FakeState(MemoryStorage* storage)
      : storage_(*storage), empty_(storage->Fork()) {}
  void Reset() override { storage_.Restore(*empty_).IgnoreError(); }
  void Save(const std::string& name) override {
    snapshots_[name] = storage_.Fork();
  }
  bool Restore(const std::string& name) override {
    return snapshots_.count(name) > 0 &&
           storage_.Restore(*snapshots_[name]).ok();
  }
  bool Forget(const std::string& name) override {
    return snapshots_.erase(name) > 0;
  }
  std::vector<std::string> Names() const override {
    std::vector<std::string> names;
    for (const auto& entry : snapshots_) names.push_back(entry.first);
    return names;
  }

 private:
  MemoryStorage& storage_;
  std::unique_ptr<MemoryStorage> empty_;
  std::map<std::string, std::unique_ptr<MemoryStorage>> snapshots_;
};

class ControlTest : public testing::Test {
 protected:
  ControlTest() : state_(&storage_) {
    EngineOptions options = LooseOptions();
    options.clock = &clock_;
    engine_ = std::make_unique<Engine>(&storage_, std::move(options));
    control_ = std::make_unique<Control>(engine_.get(), &state_, &clock_);
  }

  // "STATUS BODY".
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

  v1::Response Put(Delivery* delivery, int connection = 1) {
    v1::Request request;
    request.mutable_put_resource_policy()->set_policy_in_json("{}");
    return control_->Execute(connection, kCaller, request, delivery);
  }
  bool PolicyExists() { return engine_->GetResourcePolicy(kCaller, {}).ok(); }

  SettableClock base_{absl::FromUnixSeconds(1'700'000'000)};
  AdjustableClock clock_{&base_};
  MemoryStorage storage_;
  FakeState state_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Control> control_;
};

TEST_F(ControlTest, HealthIsOk) {
  EXPECT_EQ(Call("GET", "health"), R"(200 {"status":"ok"})");
}

TEST_F(ControlTest, WhatIsNotThereIsNotFound) {
  for (const auto& [method, path] :
       std::vector<std::pair<std::string, std::string>>{
           {"GET", ""},
           {"GET", "reset"},
           {"POST", "health"},
           {"GET", "clocks"},
           {"POST", "clock"},
           {"GET", "clock/advance"},
           {"DELETE", "faults/1"},
           {"DELETE", "faults/x"},
           {"PUT", "history"},
           {"PUT", "snapshots/"},
           {"PUT", "snapshots/a/b"},
           {"GET", "snapshots/a"},
           {"POST", "snapshots/a/restore"},
           {"DELETE", "snapshots/a"}}) {
    EXPECT_THAT(Call(method, path), testing::StartsWith("404 {\"error\":"))
        << method << " " << path;
  }
}

TEST_F(ControlTest, AFaultActsAndIsListed) {
  EXPECT_EQ(Call("POST", "faults",
                 R"({"operation":"PutResourcePolicy","fault":"error",
                     "error":"InternalServiceException","message":"m",
                     "delay_seconds":0.5,"count":1})"),
            R"(200 {"id":1})");
  Delivery delivery;
  const v1::Response response = Put(&delivery);
  EXPECT_THAT(response, HasErrorCode(v1::ERROR_CODE_INTERNAL_SERVICE));
  EXPECT_EQ(response.error().message(), "m");
  EXPECT_EQ(delivery.delay, absl::Milliseconds(500));
  EXPECT_FALSE(delivery.lost);
  EXPECT_FALSE(PolicyExists());
  EXPECT_EQ(Call("GET", "faults"),
            R"(200 [{"id":1,"matched":1,"acted":1,"remaining":0,)"
            R"("operation":"PutResourcePolicy","fault":"error",)"
            R"("error":"InternalServiceException"}])");
  EXPECT_EQ(Call("DELETE", "faults/1"), "200 ");
  EXPECT_EQ(Call("GET", "faults"), "200 []");
}

TEST_F(ControlTest, ALostAnswerTakesEffectAndALostRequestDoesNot) {
  Call("POST", "faults", R"({"fault":"lose_request"})");
  Call("POST", "faults", R"({"fault":"lose_answer","count":"forever"})");
  Delivery delivery;
  EXPECT_THAT(Put(&delivery), HasErrorCode(v1::ERROR_CODE_OPERATION_TIMEOUT));
  EXPECT_TRUE(delivery.lost);
  EXPECT_FALSE(PolicyExists());
  EXPECT_THAT(Put(&delivery), HasErrorCode(v1::ERROR_CODE_OPERATION_TIMEOUT));
  EXPECT_TRUE(PolicyExists());
  EXPECT_THAT(Call("GET", "faults"), HasSubstr(R"("remaining":"forever")"));
  EXPECT_EQ(Call("DELETE", "faults"), "200 ");
  delivery = Delivery();
  EXPECT_TRUE(Put(&delivery).has_put_resource_policy());
  EXPECT_FALSE(delivery.lost);
}

TEST_F(ControlTest, ARuleThatSaysNothingIsRefusedWithItsMember) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "byte 0: "},
      {"{", "byte "},
      {"[]", "byte 0: "},
      {R"({"operation":"x"})", "operation: none of the nine operations"},
      {R"({"fault":"x"})", "fault: error, lose_request, lose_answer or none"},
      {R"({"error":"x"})", "error: no exception of the API"},
      {R"({"delay_seconds":"x"})", "delay_seconds: no number"},
      {R"({"delay_seconds":-1})", "the delay must be finite"},
      {R"({"count":-1})", "count: no whole number"},
      {R"({"every":0})", "every must be at least 1"},
      {R"({"skip":1.5})", "skip: no whole number"},
      {R"({"other":1})", "other: no such member"},
      {R"({"count":1,"count":2})", "count: comes twice"},
      {R"({"message":{"a":1}})", "message: neither text nor number"},
      {R"({"message":["a"]})", "message: neither text nor number"},
  };
  for (const auto& [body, message] : cases) {
    EXPECT_THAT(Call("POST", "faults", body),
                testing::AllOf(testing::StartsWith("400 {\"error\":\""),
                               HasSubstr(message)))
        << body;
  }
  EXPECT_EQ(Call("GET", "faults"), "200 []");
}

TEST_F(ControlTest, ATimeThatIsNoneIsRefusedAndChangesNothing) {
  const std::string before = Call("GET", "clock");
  for (const char* now :
       {"infinite-future", "infinite-past", "yesterday", "2019-09-01"}) {
    EXPECT_EQ(Call("PUT", "clock", absl::StrCat(R"({"now":")", now, "\"}")),
              R"(400 {"error":"now: no time of RFC 3339"})")
        << now;
  }
  for (const char* seconds : {"inf", "-inf", "nan", "1e13", "x"}) {
    EXPECT_EQ(Call("POST", "clock/advance",
                   absl::StrCat(R"({"seconds":")", seconds, "\"}")),
              R"(400 {"error":"seconds: no number"})")
        << seconds;
  }
  EXPECT_EQ(Call("GET", "clock"), before);
}

TEST_F(ControlTest, TheClockIsSetMovedStoppedAndLetGo) {
  EXPECT_EQ(Call("GET", "clock"),
            R"(200 {"now":"2023-11-14T22:13:20+00:00","frozen":false})");
  EXPECT_EQ(Call("PUT", "clock", R"({"now":"2019-09-01T00:00:00Z"})"),
            R"(200 {"now":"2019-09-01T00:00:00+00:00","frozen":false})");
  base_.Advance(absl::Seconds(1));
  EXPECT_THAT(Call("GET", "clock"), HasSubstr("00:00:01+00:00"));
  EXPECT_THAT(Call("PUT", "clock", R"({"frozen":true})"),
              HasSubstr(R"("frozen":true)"));
  base_.Advance(absl::Seconds(10));
  EXPECT_THAT(Call("POST", "clock/advance", R"({"seconds":1.5})"),
              HasSubstr("00:00:02.5+00:00"));
  EXPECT_THAT(Call("PUT", "clock", R"({"frozen":false})"),
              HasSubstr("00:00:02.5+00:00"));
  base_.Advance(absl::Seconds(1));
  EXPECT_THAT(Call("POST", "clock/advance", R"({"seconds":-3})"),
              HasSubstr("00:00:00.5+00:00"));
  EXPECT_EQ(Call("DELETE", "clock"),
            R"(200 {"now":"2023-11-14T22:13:32+00:00","frozen":false})");
  for (const char* body :
       {R"({"now":"yesterday"})", R"({"frozen":1})", R"({"then":1})", "x"}) {
    EXPECT_THAT(Call("PUT", "clock", body), testing::StartsWith("400 "));
  }
  EXPECT_THAT(Call("POST", "clock/advance", "{}"), testing::StartsWith("400 "));
}

TEST_F(ControlTest, TheHistoryHasCallsAndAnswers) {
  Delivery delivery;
  Put(&delivery, 3);
  Call("POST", "faults", R"({"fault":"lose_answer"})");
  Put(&delivery, 4);
  const std::string history = Call("GET", "history");
  EXPECT_THAT(
      history,
      HasSubstr(R"({"left_out":0,"calls":[{"client":3,"start":0,"end":1,)"
                R"("account":"123456789012","region":"us-east-1",)"
                R"("operation":"PutResourcePolicy",)"
                R"("request":{"PolicyInJson":"{}"},)"
                R"("response":{"PolicyHash":")"));
  EXPECT_THAT(history, HasSubstr(R"({"client":4,"start":2,"end":3)"));
  EXPECT_THAT(history, HasSubstr(R"("unknown":true)"));
  EXPECT_EQ(Call("DELETE", "history"), "200 ");
  EXPECT_EQ(Call("GET", "history"), R"(200 {"left_out":0,"calls":[]})");
}

TEST_F(ControlTest, ASceneComesBack) {
  Delivery delivery;
  Put(&delivery);
  EXPECT_EQ(Call("PUT", "snapshots/a \"scene\""), "200 ");
  EXPECT_EQ(Call("POST", "reset"), "200 ");
  EXPECT_FALSE(PolicyExists());
  EXPECT_EQ(Call("GET", "snapshots"), R"(200 ["a \"scene\""])");
  EXPECT_EQ(Call("POST", "snapshots/a \"scene\"/restore"), "200 ");
  EXPECT_TRUE(PolicyExists());
  EXPECT_EQ(Call("DELETE", "snapshots/a \"scene\""), "200 ");
  EXPECT_EQ(Call("GET", "snapshots"), "200 []");
}

TEST_F(ControlTest, ResetForgetsEverythingButTheScenes) {
  Delivery delivery;
  Put(&delivery);
  Call("PUT", "snapshots/s");
  Call("POST", "faults", R"({"fault":"lose_request","count":"forever"})");
  Call("PUT", "clock", R"({"frozen":true})");
  EXPECT_EQ(Call("POST", "reset"), "200 ");
  EXPECT_EQ(Call("GET", "faults"), "200 []");
  EXPECT_THAT(Call("GET", "clock"), HasSubstr(R"("frozen":false)"));
  EXPECT_THAT(Call("GET", "history"), HasSubstr(R"("calls":[])"));
  EXPECT_EQ(Call("GET", "snapshots"), R"(200 ["s"])");
  EXPECT_FALSE(PolicyExists());
}

}  // namespace
}  // namespace glue_security
