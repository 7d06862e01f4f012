#include "glue_security/server/control.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/engine/engine.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/storage/storage_kind.h"
#include "glue_security/testing/histories/linearizability.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

using testing::HasSubstr;

const Caller kCaller{"123456789012", "us-east-1", ""};

class FakeState : public ControlledState {
 public:
  explicit FakeState(MemoryStorage* storage)
      : storage_(*storage), empty_(storage->Fork()) {}
  absl::Status Reset() override {
    if (on_reset) on_reset();
    if (!reset_status.ok()) return reset_status;
    return storage_.Restore(*empty_);
  }
  absl::Status Save(const std::string& name) override {
    if (snapshots_.size() >= snapshots_max && snapshots_.count(name) == 0) {
      return absl::ResourceExhaustedError("no room");
    }
    snapshots_[name] = storage_.Fork();
    return absl::OkStatus();
  }
  absl::Status Restore(const std::string& name) override {
    if (snapshots_.count(name) == 0) {
      return absl::NotFoundError("no such snapshot");
    }
    return storage_.Restore(*snapshots_[name]);
  }
  bool Forget(const std::string& name) override {
    return snapshots_.erase(name) > 0;
  }
  size_t snapshots_max = 100;
  std::function<void()> on_reset;
  absl::Status reset_status;
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
    MakeControl({});
  }

  void MakeControl(const ControlOptions& options) {
    control_ =
        std::make_unique<Control>(engine_.get(), &state_, &clock_, options);
  }

  // Makes a call; returns "STATUS BODY".
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

  FakeClock base_{absl::FromUnixSeconds(1'700'000'000)};
  FakeClock clock_{&base_};
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

TEST_F(ControlTest, WhatIsStoredIsShown) {
  Delivery delivery;
  Put(&delivery);
  // Without a storage nothing is.
  EXPECT_THAT(Call("GET", "stored"), testing::StartsWith("404 "));
  const OpenedStorage opened{std::make_unique<ForwardingStorage>(&storage_),
                             &storage_};
  ControlOptions options;
  options.storage = &opened;
  MakeControl(options);
  EXPECT_THAT(Call("GET", "stored"),
              HasSubstr(R"({"catalog":"123456789012","region":"us-east-1",)"));
  const std::string catalog = "?catalog=123456789012&region=us-east-1";
  EXPECT_THAT(Call("GET", "stored/policy" + catalog),
              HasSubstr(R"("PolicyInJson":"{}")"));
  EXPECT_EQ(Call("GET", "stored/policy"),
            R"(400 {"error":"catalog: missing"})");
  EXPECT_THAT(Call("GET", "stored/other" + catalog),
              testing::StartsWith("404 "));
  EXPECT_THAT(Call("DELETE", "stored"), testing::StartsWith("404 "));
  EXPECT_THAT(Call("GET", "storeds"), testing::StartsWith("404 "));
  EXPECT_EQ(Call("GET", "history"), R"(200 {"left_out":0,"calls":[]})");
  WriteBatch batch;
  batch.catalog = {kCaller.account_id, kCaller.region};
  batch.branch = storage_.Read({batch.catalog, {}, {}})->branch;
  batch.mutations = {{{RecordKind::kResourcePolicy, ""}, "\xff"}};
  ASSERT_TRUE(storage_.Commit(batch).ok());
  EXPECT_EQ(Call("GET", "stored/policy" + catalog),
            R"(500 {"error":"the record of the policy is damaged"})");
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
            R"("operation":"PutResourcePolicy","skip":0,"every":1,"count":1,)"
            R"("fault":"error","error":"InternalServiceException",)"
            R"("message":"m","delay_seconds":0.5}])");
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
      {R"({"operation":"x"})", "operation: not an operation"},
      {R"({"fault":"x"})",
       "fault: must be error, lose_request, lose_answer or none"},
      {R"({"error":"x"})", "error: not an exception of the API"},
      {R"({"delay_seconds":"x"})", "delay_seconds: not a number"},
      {R"({"delay_seconds":"0x10"})", "delay_seconds: not a number"},
      {R"({"delay_seconds":"inf"})", "delay_seconds: not a number"},
      {R"({"delay_seconds":"nan"})", "delay_seconds: not a number"},
      {R"({"delay_seconds":1e999})", "delay_seconds: not a number"},
      {R"({"delay_seconds":-1})", "the delay must be from 0 to 15m"},
      {R"({"delay_seconds":900.001})", "the delay must be from 0 to 15m"},
      {R"({"delay_seconds":1e300})", "the delay must be from 0 to 15m"},
      {R"({"count":-1})", "count: not a whole number"},
      {R"({"count":" 1"})", "count: not a whole number"},
      {R"({"count":"+1"})", "count: not a whole number"},
      {R"({"count":18446744073709551616})", "count: not a whole number"},
      {R"({"every":0})", "every must be at least 1"},
      {R"({"skip":1.5})", "skip: not a whole number"},
      {R"({"other":1})", "other: no such member"},
      {R"({"count":1,"count":2})", "count: is given twice"},
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

TEST_F(ControlTest, WhatIsNotATimeIsRefusedAndChangesNothing) {
  const std::string before = Call("GET", "clock");
  for (const char* now :
       {"infinite-future", "infinite-past", "yesterday", "2019-09-01", "",
        "10000-01-01T00:00:00Z", "99999-01-01T00:00:00Z",
        "+2019-09-01T00:00:00Z", "-2019-09-01T00:00:00Z",
        "0000-12-31T23:59:59Z", "0-01-01T00:00:00Z", "019-09-01T00:00:00Z",
        // These are within the years in their own zone, but not in UTC.
        "9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:60Z", "2019-13-01T00:00:00Z", "2019-02-30T00:00:00Z",
        "2019-09-01T24:00:01Z", "2019-09-01 00:00:00Z", "2019-09-01T00:00:00",
        " 2019-09-01T00:00:00Z", "2019-09-01T00:00:00Z "}) {
    EXPECT_EQ(
        Call("PUT", "clock",
             absl::StrCat(R"({"frozen":true,"now":")", now, "\"}")),
        R"(400 {"error":"now: not a time of RFC 3339 in the years 1 to 9999"})")
        << now;
  }
  for (const char* seconds :
       {"inf", "-inf", "nan", "infinity", "x", "", "0x10", "0x1p4", "+1", "1.",
        ".5", "1e", " 1", "1 ", "1e999", "--1", "true", "1,5"}) {
    EXPECT_EQ(Call("POST", "clock/advance",
                   absl::StrCat(R"({"seconds":")", seconds, "\"}")),
              R"(400 {"error":"seconds: not a number"})")
        << seconds;
  }
  for (const char* seconds :
       {"1e12", "-1e12", "1e300", "251702323200", "-63835597400.5"}) {
    EXPECT_EQ(
        Call("POST", "clock/advance",
             absl::StrCat(R"({"seconds":)", seconds, "}")),
        R"(400 {"error":"seconds: the time would leave the years 1 to 9999"})")
        << seconds;
  }
  EXPECT_EQ(Call("GET", "clock"), before);
}

TEST_F(ControlTest, TheEndsOfTheYearsAreTimes) {
  EXPECT_EQ(Call("PUT", "clock", R"({"now":"9999-12-31T23:59:59.5Z"})"),
            R"(200 {"now":"9999-12-31T23:59:59.5+00:00","frozen":false})");
  // The clock stops at the end of the years.
  base_.Advance(absl::Hours(1));
  EXPECT_EQ(
      Call("GET", "clock"),
      R"(200 {"now":"9999-12-31T23:59:59.999999999+00:00","frozen":false})");
  EXPECT_EQ(Call("PUT", "clock", R"({"now":"0001-01-01T00:00:00Z"})"),
            R"(200 {"now":"0001-01-01T00:00:00+00:00","frozen":false})");
  EXPECT_EQ(Call("POST", "clock/advance", R"({"seconds":315537897599})"),
            R"(200 {"now":"9999-12-31T23:59:59+00:00","frozen":false})");
  EXPECT_EQ(Call("POST", "clock/advance", R"({"seconds":-315537897599})"),
            R"(200 {"now":"0001-01-01T00:00:00+00:00","frozen":false})");
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
  EXPECT_EQ(Call("PUT", "snapshots/a-Scene_1.x"), "200 ");
  EXPECT_EQ(Call("POST", "reset"), "200 ");
  EXPECT_FALSE(PolicyExists());
  EXPECT_EQ(Call("GET", "snapshots"), R"(200 ["a-Scene_1.x"])");
  EXPECT_EQ(Call("POST", "snapshots/a-Scene_1.x/restore"), "200 ");
  EXPECT_TRUE(PolicyExists());
  EXPECT_EQ(Call("DELETE", "snapshots/a-Scene_1.x"), "200 ");
  EXPECT_EQ(Call("GET", "snapshots"), "200 []");
}

TEST_F(ControlTest, ANameOfASnapshotIsPlainText) {
  for (const std::string& name :
       {std::string("a b"), std::string("a%20b"), std::string("a\"b"),
        std::string("a\nb"), std::string("a\0b", 3), std::string("\xFF"),
        std::string("\xC3\xA4"), std::string("a?b"), std::string("a#b"),
        std::string(129, 'a')}) {
    const std::string error =
        "400 {\"error\":\"a snapshot's name must have 1 to 128 characters of "
        "A-Z, a-z, 0-9, '.', '_' and '-', not '";
    EXPECT_THAT(Call("PUT", "snapshots/" + name), testing::StartsWith(error));
    EXPECT_THAT(Call("POST", "snapshots/" + name + "/restore"),
                testing::StartsWith(error));
    EXPECT_THAT(Call("DELETE", "snapshots/" + name),
                testing::StartsWith(error));
  }
  EXPECT_EQ(Call("GET", "snapshots"), "200 []");
  EXPECT_EQ(Call("PUT", "snapshots/" + std::string(128, 'a')), "200 ");
}

// A full resource is reported with its bound and stays unchanged.
TEST_F(ControlTest, WhatIsFullAnswers503AndChangesNothing) {
  state_.snapshots_max = 1;
  EXPECT_EQ(Call("PUT", "snapshots/a"), "200 ");
  EXPECT_EQ(Call("PUT", "snapshots/b"), R"(503 {"error":"no room"})");
  EXPECT_EQ(Call("GET", "snapshots"), R"(200 ["a"])");
  // A snapshot may replace the one of the same name.
  EXPECT_EQ(Call("PUT", "snapshots/a"), "200 ");

  ControlOptions options;
  options.faults.rules_max = 1;
  options.faults.text_bytes_max = 3;
  options.faults.delay_max = absl::Seconds(2);
  MakeControl(options);
  EXPECT_EQ(Call("POST", "faults", R"({"message":"abcd"})"),
            R"(503 {"error":"the texts of the fault rules take 0 bytes; there )"
            R"(is no room for 4 more within 3"})");
  EXPECT_EQ(Call("POST", "faults", R"({"delay_seconds":3})"),
            R"(400 {"error":"the delay must be from 0 to 2s"})");
  EXPECT_EQ(Call("POST", "faults", "{}"), R"(200 {"id":1})");
  const std::string rules = Call("GET", "faults");
  EXPECT_EQ(Call("POST", "faults", "{}"),
            R"(503 {"error":"there is no room for more than 1 fault rules; )"
            R"(remove some"})");
  EXPECT_EQ(Call("GET", "faults"), rules);
}

TEST_F(ControlTest, AnObjectOfManyMembersIsRefused) {
  std::string body = "{";
  for (int i = 0; i < 65; ++i) absl::StrAppend(&body, "\"", i, "\":1,");
  body.back() = '}';
  EXPECT_EQ(Call("POST", "faults", body),
            R"(400 {"error":"more than 64 members"})");
  // The message quotes the name of a member cut and in printable ASCII.
  const std::string name = std::string(1000, 'a') + "\xE2\x80\xA8";
  EXPECT_EQ(
      Call("POST", "faults", "{\"\xE2\x80\xA8" + name + "\":1}"),
      "400 {\"error\":\"???" + std::string(97, 'a') + "...: no such member\"}");
}

// A rule that GET shows can be posted and gives the same rule.
TEST_F(ControlTest, RulesGoThereAndBack) {
  uint64_t random = 1;
  const auto below = [&random](uint64_t bound) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return (random >> 33) % bound;
  };
  const std::string texts[] = {"", "a", "\"\\\n", "\xE2\x80\xA8", "0"};
  const auto maybe_text = [&]() -> std::optional<std::string> {
    if (below(2) == 0) return std::nullopt;
    return texts[below(std::size(texts))];
  };
  const uint64_t counts[] = {0, 1, 7, uint64_t{1} << 63, FaultRule::kForever};
  for (int n = 0; n < 500; ++n) {
    FaultRule rule;
    rule.operation = below(3) == 0
                         ? kNoOperation
                         : kAllOperations[below(kAllOperations.size())];
    rule.account_id = maybe_text();
    rule.region = maybe_text();
    rule.principal_arn = maybe_text();
    rule.skip = counts[below(4)];
    rule.every = 1 + counts[below(4)];
    rule.count = counts[below(5)];
    rule.fault = static_cast<FaultRule::Fault>(below(4));
    rule.error = below(2) == 0 ? v1::ERROR_CODE_VALIDATION
                               : v1::ERROR_CODE_INTERNAL_SERVICE;
    rule.message = texts[below(std::size(texts))];
    rule.delay = below(2) == 0 ? absl::Nanoseconds(below(900'000'000'000))
                               : absl::Milliseconds(below(900'000));
    control_->faults().Clear();
    const int id = control_->faults().Add(rule).value();
    const std::string shown = Call("GET", "faults");
    const std::string body = shown.substr(5, shown.size() - 6);
    EXPECT_EQ(Call("DELETE", absl::StrCat("faults/", id)), "200 ");
    EXPECT_EQ(Call("POST", "faults", body),
              absl::StrCat("200 {\"id\":", id + 1, "}"))
        << body;
    const std::vector<FaultRuleState> states = control_->faults().List();
    ASSERT_EQ(states.size(), 1u);
    const FaultRule& back = states[0].rule;
    EXPECT_EQ(back.operation, rule.operation) << body;
    EXPECT_EQ(back.account_id, rule.account_id) << body;
    EXPECT_EQ(back.region, rule.region) << body;
    EXPECT_EQ(back.principal_arn, rule.principal_arn) << body;
    EXPECT_EQ(back.skip, rule.skip) << body;
    EXPECT_EQ(back.every, rule.every) << body;
    EXPECT_EQ(back.count, rule.count) << body;
    EXPECT_EQ(back.fault, rule.fault) << body;
    EXPECT_EQ(back.error, rule.error) << body;
    EXPECT_EQ(back.message, rule.message) << body;
    EXPECT_EQ(back.delay, rule.delay) << body;
  }
}

TEST_F(ControlTest, TheHistoryComesInPages) {
  for (int connection = 0; connection < 200; ++connection) {
    Delivery delivery;
    Put(&delivery, connection);
  }
  const auto page = [this](const std::string& query) {
    return nlohmann::json::parse(Call("GET", "history" + query).substr(4));
  };
  const auto whole = page("");
  EXPECT_EQ(whole.at("calls").size(), 200u);
  EXPECT_FALSE(whole.contains("next"));
  for (const int limit : {1, 7, 63, 64, 65, 199, 200, 1000}) {
    nlohmann::json calls = nlohmann::json::array();
    std::string query = absl::StrCat("?limit=", limit);
    for (int pages = 0; pages < 201; ++pages) {
      const auto answer = page(query);
      EXPECT_EQ(answer.at("left_out"), 0);
      EXPECT_LE(answer.at("calls").size(), static_cast<size_t>(limit));
      for (const auto& call : answer.at("calls")) calls.push_back(call);
      if (!answer.contains("next")) break;
      query = absl::StrCat("?limit=", limit,
                           "&after=", answer.at("next").get<uint64_t>());
    }
    EXPECT_EQ(calls, whole.at("calls")) << limit;
  }
  EXPECT_EQ(Call("GET", "history?after=1000000"),
            R"(200 {"left_out":0,"calls":[]})");
  for (const size_t latest : {1, 2, 199, 200, 201}) {
    const auto calls = page(absl::StrCat("?latest=", latest)).at("calls");
    EXPECT_EQ(calls.size(), std::min<size_t>(latest, 200));
    EXPECT_EQ(calls.back(), whole.at("calls").back());
  }
  const auto first_of_latest = page("?latest=3&limit=1");
  EXPECT_EQ(first_of_latest.at("calls").at(0), whole.at("calls").at(197));
  EXPECT_TRUE(first_of_latest.contains("next"));
  EXPECT_EQ(page(absl::StrCat("?latest=3&after=",
                              first_of_latest.at("next").get<uint64_t>()))
                .at("calls")
                .size(),
            2u);
  for (const char* const query :
       {"?limit=0", "?limit=", "?limit=x", "?limit=-1", "?limit=1&limit=1",
        "?limit=1&", "?other=1", "?latest=0", "?latest=1&latest=1",
        "?after=0x1", "?after= 1", "?after=18446744073709551615",
        "?after=18446744073709551616", "?&"}) {
    EXPECT_THAT(Call("GET", absl::StrCat("history", query)),
                testing::StartsWith("400 {\"error\":"))
        << query;
  }
  EXPECT_THAT(Call("DELETE", "history?limit=1"), testing::StartsWith("404 "));
  EXPECT_EQ(page("").at("calls").size(), 200u);
}

TEST_F(ControlTest, AnAnswerOfTheHistoryIsNeverLongerThanItsBound) {
  ControlOptions options;
  options.history_answer_bytes_max = 1500;
  MakeControl(options);
  for (int i = 0; i < 40; ++i) {
    v1::Request request;
    // Some calls do not fit alone: a control character takes six bytes.
    request.mutable_put_resource_policy()->set_policy_in_json(
        std::string(static_cast<size_t>(i) * 11, '\x01'));
    Delivery delivery;
    control_->Execute(i, kCaller, request, &delivery);
  }
  std::set<int> clients;
  int cut = 0;
  std::string query;
  bool ends_here = false;
  for (int pages = 0; pages < 41 && !ends_here; ++pages) {
    const std::string answer = Call("GET", "history" + query).substr(4);
    EXPECT_LE(answer.size(), options.history_answer_bytes_max);
    const auto parsed = nlohmann::json::parse(answer);
    EXPECT_FALSE(parsed.at("calls").empty());
    for (const auto& call : parsed.at("calls")) {
      clients.insert(call.at("client").get<int>());
      EXPECT_EQ(call.contains("cut"), !call.contains("request"));
      cut += call.contains("cut") ? 1 : 0;
    }
    ends_here = !parsed.contains("next");
    if (!ends_here) {
      query = absl::StrCat("?after=", parsed.at("next").get<uint64_t>());
    }
  }
  EXPECT_TRUE(ends_here);
  EXPECT_EQ(clients.size(), 40u);
  EXPECT_GT(cut, 10);
  EXPECT_LT(cut, 35);
}

TEST_F(ControlTest, AFullHistoryDropsItsOldestAndSaysSo) {
  ControlOptions options;
  options.history.calls_max = 2;
  MakeControl(options);
  for (int connection = 0; connection < 5; ++connection) {
    Delivery delivery;
    Put(&delivery, connection);
  }
  const std::string history = Call("GET", "history");
  EXPECT_THAT(history, testing::StartsWith(R"(200 {"left_out":3,"calls":[)"));
  EXPECT_THAT(history, HasSubstr(R"("client":3)"));
  EXPECT_THAT(history, HasSubstr(R"("client":4)"));
  EXPECT_THAT(history, testing::Not(HasSubstr(R"("client":2)")));
  Call("POST", "reset");
  EXPECT_EQ(Call("GET", "history"), R"(200 {"left_out":0,"calls":[]})");
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

TEST_F(ControlTest, AResetThatFails_ChangesNothing) {
  Delivery delivery;
  Put(&delivery);
  Call("POST", "faults", "{}");
  Call("PUT", "clock", R"({"frozen":true})");
  const std::string rules = Call("GET", "faults");
  const std::string history = Call("GET", "history");
  int cancelled = 0;
  control_->SetCancelDelayed([&] { ++cancelled; });
  state_.reset_status = absl::ResourceExhaustedError("out of memory");
  EXPECT_EQ(Call("POST", "reset"), R"(503 {"error":"out of memory"})");
  EXPECT_TRUE(PolicyExists());
  EXPECT_EQ(Call("GET", "faults"), rules);
  EXPECT_EQ(Call("GET", "history"), history);
  EXPECT_THAT(Call("GET", "clock"), HasSubstr(R"("frozen":true)"));
  EXPECT_EQ(cancelled, 0);
}

TEST_F(ControlTest, ResetCancelsDelayedAnswersAtItsEnd) {
  Delivery delivery;
  Put(&delivery);
  int cancelled = 0;
  control_->SetCancelDelayed([&] {
    ++cancelled;
    EXPECT_FALSE(PolicyExists());
    EXPECT_TRUE(control_->faults().List().empty());
  });
  Call("POST", "faults", R"({"fault":"none","delay_seconds":5})");
  EXPECT_EQ(Call("POST", "reset"), "200 ");
  EXPECT_EQ(cancelled, 1);
  Call("DELETE", "faults");
  Call("DELETE", "history");
  EXPECT_EQ(cancelled, 1);
  control_->SetCancelDelayed(nullptr);
  EXPECT_EQ(Call("POST", "reset"), "200 ");
  EXPECT_EQ(cancelled, 1);
}

// A backend in front of an engine; a test can act in the middle of a call.
class PausedBackend : public Backend {
 public:
  explicit PausedBackend(Backend* base) : base_(*base) {}
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    const std::function<void()> pause = std::exchange(before, nullptr);
    if (pause) pause();
    return base_.Execute(caller, request);
  }
  std::function<void()> before;

 private:
  Backend& base_;
};

class PausedControlTest : public ControlTest {
 protected:
  void MakePaused(absl::Duration reset_wait) {
    ControlOptions options;
    options.reset_wait = reset_wait;
    paused_ = std::make_unique<PausedBackend>(engine_.get());
    control_ =
        std::make_unique<Control>(paused_.get(), &state_, &clock_, options);
  }
  std::unique_ptr<PausedBackend> paused_;
};

// The call is executed after the state was emptied. Its record stays, and the
// history shows the call that wrote it.
TEST_F(PausedControlTest, ACallThatOutlivesAReset_StaysInTheHistory) {
  MakePaused(absl::ZeroDuration());
  Delivery delivery;
  Put(&delivery, 1);
  paused_->before = [&] { EXPECT_EQ(Call("POST", "reset"), "200 "); };
  EXPECT_TRUE(Put(&delivery, 2).has_put_resource_policy());
  EXPECT_TRUE(PolicyExists());
  EXPECT_EQ(Call("GET", "history"),
            R"(200 {"left_out":0,"calls":[{"client":2,"start":2,)"
            R"("account":"123456789012","region":"us-east-1",)"
            R"("operation":"PutResourcePolicy","unknown":true,)"
            R"("request":{"PolicyInJson":"{}"}}]})");
  // The checker finds an order that explains the later read.
  LinearizabilityOptions judge;
  judge.behavior = LooseOptions().behavior;
  v1::Request get;
  get.mutable_get_resource_policy();
  control_->Execute(3, kCaller, get, &delivery);
  EXPECT_EQ(CheckLinearizable(control_->history().Snapshot(), judge).verdict,
            Verdict::kOk);
}

// A reset removes the writes of the calls that it waits for.
TEST_F(PausedControlTest, AResetWaitsForCallsThatAreExecuted) {
  MakePaused(absl::InfiniteDuration());
  std::promise<void> entered;
  std::promise<void> go_on;
  paused_->before = [&] {
    entered.set_value();
    go_on.get_future().wait();
  };
  std::thread call([&] {
    Delivery delivery;
    EXPECT_TRUE(Put(&delivery).has_put_resource_policy());
  });
  entered.get_future().wait();
  std::atomic<bool> is_reset{false};
  std::thread reset([&] {
    EXPECT_EQ(control_->Reset(), absl::OkStatus());
    is_reset = true;
  });
  // A request that only reads does not wait for the call.
  EXPECT_EQ(Call("GET", "health"), R"(200 {"status":"ok"})");
  EXPECT_THAT(Call("GET", "history"), HasSubstr("\"unknown\":true"));
  EXPECT_EQ(Call("GET", "faults"), "200 []");
  EXPECT_FALSE(is_reset);
  go_on.set_value();
  call.join();
  reset.join();
  EXPECT_FALSE(PolicyExists());
  EXPECT_EQ(Call("GET", "history"), R"(200 {"left_out":0,"calls":[]})");
}

TEST_F(PausedControlTest, ARestoreWaitsForCallsThatAreExecuted) {
  MakePaused(absl::InfiniteDuration());
  EXPECT_EQ(Call("PUT", "snapshots/empty"), "200 ");
  std::promise<void> entered;
  std::promise<void> go_on;
  paused_->before = [&] {
    entered.set_value();
    go_on.get_future().wait();
  };
  std::thread call([&] {
    Delivery delivery;
    Put(&delivery);
  });
  entered.get_future().wait();
  std::atomic<bool> is_restored{false};
  std::thread restore([&] {
    EXPECT_EQ(Call("POST", "snapshots/empty/restore"), "200 ");
    is_restored = true;
  });
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Call("GET", "snapshots"), R"(200 ["empty"])");
  }
  EXPECT_FALSE(is_restored);
  go_on.set_value();
  call.join();
  restore.join();
  EXPECT_FALSE(PolicyExists());
}

// A call that throws is over, so that the next reset does not wait for it.
TEST_F(PausedControlTest, ACallThatThrows_DoesNotHoldUpAReset) {
  MakePaused(absl::InfiniteDuration());
  paused_->before = [] { throw std::runtime_error("broken"); };
  Delivery delivery;
  EXPECT_THROW(Put(&delivery), std::runtime_error);
  EXPECT_THAT(Call("GET", "history"), HasSubstr("\"unknown\":true"));
  EXPECT_EQ(Call("POST", "reset"), "200 ");
  EXPECT_EQ(Call("GET", "history"), R"(200 {"left_out":0,"calls":[]})");
}

// A state that cannot be emptied does not block later calls.
TEST_F(PausedControlTest, AResetThatThrows_LetsCallsInAgain) {
  MakePaused(absl::InfiniteDuration());
  state_.on_reset = [] { throw std::runtime_error("broken"); };
  EXPECT_THROW(control_->Reset().IgnoreError(), std::runtime_error);
  state_.on_reset = nullptr;
  Delivery delivery;
  EXPECT_TRUE(Put(&delivery).has_put_resource_policy());
  EXPECT_EQ(control_->Reset(), absl::OkStatus());
  EXPECT_FALSE(PolicyExists());
}

// Calls and resets run concurrently; the history has the call behind every
// policy that is left.
TEST_F(ControlTest, ResetsAmongCalls_LeaveNoRecordThatTheHistoryLacks) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([this, &stop, t] {
      Delivery delivery;
      while (!stop) Put(&delivery, t);
    });
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(control_->Reset(), absl::OkStatus());
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(control_->Reset(), absl::OkStatus());
  EXPECT_FALSE(PolicyExists());
  EXPECT_EQ(Call("GET", "history"), R"(200 {"left_out":0,"calls":[]})");
}

}  // namespace
}  // namespace glue_security
