#include "glue_security/backend/fault_rules.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/model/key_call.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using Fault = FaultRule::Fault;

const Caller kCaller{"111111111111", "us-east-1", "arn:me"};

class CountingBackend : public Backend {
 public:
  v1::Response Execute(const Caller&, const v1::Request&) override {
    ++calls;
    v1::Response response;
    response.mutable_delete_resource_policy();
    return response;
  }
  std::atomic<int> calls{0};
};

class FaultRulesTest : public testing::Test {
 protected:
  // Makes `n` calls and returns a letter for each: '.' when it was passed on,
  // 'e' for an error instead, 'l' for a lost answer.
  std::string Calls(int n, const Caller& caller = kCaller,
                    Operation operation = v1::Request::kDeleteResourcePolicy) {
    v1::Request request;
    if (operation == v1::Request::kDeleteResourcePolicy) {
      request.mutable_delete_resource_policy();
    } else if (operation == v1::Request::kGetResourcePolicy) {
      request.mutable_get_resource_policy();
    }
    std::string letters;
    for (; n > 0; --n) {
      const int before = base_.calls;
      last_ = faults_.Execute(caller, request);
      const bool executed = base_.calls != before;
      letters += !last_.has_error() && executed  ? '.'
                 : last_.has_error() && executed ? 'l'
                 : last_.has_error()             ? 'e'
                                                 : '?';
    }
    return letters;
  }

  void Add(const FaultRule& rule) {
    EXPECT_EQ(faults_.Add(rule).status(), absl::OkStatus());
  }

  CountingBackend base_;
  absl::Duration slept_;
  FaultRules faults_{&base_, [this](absl::Duration d) { slept_ += d; }};
  v1::Response last_;
};

TEST_F(FaultRulesTest, WithoutRulesCallsPass) { EXPECT_EQ(Calls(3), "..."); }

TEST_F(FaultRulesTest, TheNextNCallsFail) {
  FaultRule rule;
  rule.count = 2;
  rule.error = v1::ERROR_CODE_ALREADY_EXISTS;
  rule.message = "said so";
  Add(rule);
  EXPECT_EQ(Calls(2), "ee");
  EXPECT_EQ(last_.error().code(), v1::ERROR_CODE_ALREADY_EXISTS);
  EXPECT_EQ(last_.error().message(), "said so");
  EXPECT_EQ(last_.error().detail(), v1::Error::DETAIL_UNSPECIFIED);
  EXPECT_EQ(Calls(3), "...");
}

TEST_F(FaultRulesTest, CallsKToMFail) {
  FaultRule rule;
  rule.skip = 2;
  rule.count = 3;
  Add(rule);
  EXPECT_EQ(Calls(8), "..eee...");
}

TEST_F(FaultRulesTest, EveryThirdCallFails) {
  FaultRule rule;
  rule.skip = 2;
  rule.every = 3;
  rule.count = FaultRule::kForever;
  Add(rule);
  EXPECT_EQ(Calls(10), "..e..e..e.");
  rule.count = 2;
  faults_.Clear();
  Add(rule);
  EXPECT_EQ(Calls(10), "..e..e....");
}

TEST_F(FaultRulesTest, ALostAnswerIsExecutedALostRequestIsNot) {
  FaultRule rule;
  rule.fault = Fault::kLoseAnswer;
  Add(rule);
  rule.fault = Fault::kLoseRequest;
  Add(rule);
  for (const char* letter : {"l", "e"}) {
    EXPECT_EQ(Calls(1), letter);
    EXPECT_EQ(last_.error().code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
    EXPECT_EQ(last_.error().detail(), v1::Error::DETAIL_OUTCOME_UNKNOWN);
    EXPECT_EQ(last_.error().message(), "outcome unknown");
  }
  EXPECT_EQ(Calls(1), ".");
}

TEST_F(FaultRulesTest, ErrorsOfTheServiceSayWhatBecameOfTheCall) {
  FaultRule rule;
  rule.error = v1::ERROR_CODE_INTERNAL_SERVICE;
  Add(rule);
  EXPECT_EQ(Calls(1), "e");
  EXPECT_EQ(last_.error().detail(), v1::Error::DETAIL_NOT_APPLIED);
  rule.error = v1::ERROR_CODE_OPERATION_TIMEOUT;
  Add(rule);
  EXPECT_EQ(Calls(1), "e");
  EXPECT_EQ(last_.error().detail(), v1::Error::DETAIL_OUTCOME_UNKNOWN);
}

TEST_F(FaultRulesTest, DelaysAddUpUntilARuleDecides) {
  FaultRule delay;
  delay.fault = Fault::kNone;
  delay.delay = absl::Seconds(2);
  delay.count = FaultRule::kForever;
  Add(delay);
  FaultRule error;
  error.delay = absl::Seconds(3);
  Add(error);
  Add(delay);
  EXPECT_EQ(Calls(1), "e");
  EXPECT_EQ(slept_, absl::Seconds(5));
  EXPECT_EQ(Calls(1), ".");
  EXPECT_EQ(slept_, absl::Seconds(9));
  // The first call did not reach the third rule.
  EXPECT_EQ(faults_.List()[2].matched, 1u);
}

TEST_F(FaultRulesTest, RulesApplyToTheCallsThatTheyName) {
  const auto only = [this](const FaultRule& rule) {
    faults_.Clear();
    FaultRule forever = rule;
    forever.count = FaultRule::kForever;
    Add(forever);
    const Caller account{"222222222222", "us-east-1", "arn:me"};
    const Caller region{"111111111111", "eu-west-1", "arn:me"};
    const Caller principal{"111111111111", "us-east-1", "arn:you"};
    return Calls(1) + Calls(1, account) + Calls(1, region) +
           Calls(1, principal) +
           Calls(1, kCaller, v1::Request::kGetResourcePolicy) +
           Calls(1, kCaller, kNoOperation);
  };
  FaultRule rule;
  EXPECT_EQ(only(rule), "eeeeee");
  rule.operation = v1::Request::kDeleteResourcePolicy;
  EXPECT_EQ(only(rule), "eeee..");
  rule = FaultRule();
  rule.account_id = "111111111111";
  EXPECT_EQ(only(rule), "e.eeee");
  rule.region = "us-east-1";
  EXPECT_EQ(only(rule), "e..eee");
  rule.principal_arn = "arn:me";
  EXPECT_EQ(only(rule), "e...ee");
}

TEST_F(FaultRulesTest, RulesAreListedWithWhatRemainsAndCanBeRemoved) {
  FaultRule rule;
  rule.count = 3;
  rule.skip = 1;
  Add(rule);
  rule.count = FaultRule::kForever;
  rule.fault = Fault::kNone;
  Add(rule);
  EXPECT_EQ(Calls(2), ".e");
  std::vector<FaultRuleState> states = faults_.List();
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[0].id, 1);
  EXPECT_EQ(states[0].matched, 2u);
  EXPECT_EQ(states[0].acted, 1u);
  EXPECT_EQ(states[0].remaining, 2u);
  EXPECT_EQ(states[1].matched, 1u);
  EXPECT_EQ(states[1].remaining, FaultRule::kForever);
  EXPECT_TRUE(faults_.Remove(1));
  EXPECT_FALSE(faults_.Remove(1));
  EXPECT_EQ(Calls(2), "..");
  ASSERT_EQ(faults_.List().size(), 1u);
  faults_.Clear();
  EXPECT_TRUE(faults_.List().empty());
  Add(rule);
  EXPECT_EQ(faults_.List()[0].id, 3);  // No id is used again.
}

TEST_F(FaultRulesTest, ARuleThatMakesNoSenseIsRefused) {
  std::vector<FaultRule> rules(5);
  rules[0].every = 0;
  rules[1].delay = -absl::Seconds(1);
  rules[2].delay = absl::InfiniteDuration();
  rules[3].error = v1::ERROR_CODE_UNSPECIFIED;
  rules[4].error = static_cast<v1::ErrorCode>(999);
  for (const FaultRule& rule : rules) {
    EXPECT_EQ(faults_.Add(rule).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_TRUE(faults_.List().empty());
  EXPECT_EQ(Calls(1), ".");
}

TEST_F(FaultRulesTest, Threads_TakeEachTurnOnce) {
  FaultRule rule;
  rule.count = 100;
  rule.every = 2;
  Add(rule);
  std::atomic<int> errors{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      v1::Request request;
      request.mutable_get_resource_policy();
      for (int n = 0; n < 100; ++n) {
        errors += faults_.Execute(kCaller, request).has_error() ? 1 : 0;
        faults_.List();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(errors, 100);
  EXPECT_EQ(base_.calls, 300);
  EXPECT_EQ(faults_.List()[0].matched, 400u);
}

TEST(FaultRulesBoundsTest, Add_TooMany_IsRefusedUntilSomeAreRemoved) {
  CountingBackend base;
  FaultRulesOptions options;
  options.rules_max = 2;
  FaultRules faults(&base, nullptr, options);
  EXPECT_EQ(faults.Add({}).value(), 1);
  EXPECT_EQ(faults.Add({}).value(), 2);
  const absl::Status status = faults.Add({}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(),
            "there is no room for more than 2 fault rules; remove some");
  EXPECT_EQ(faults.List().size(), 2u);
  EXPECT_TRUE(faults.Remove(1));
  // A refused rule takes no id.
  EXPECT_EQ(faults.Add({}).value(), 3);
  faults.Clear();
  EXPECT_EQ(faults.Add({}).value(), 4);
}

TEST(FaultRulesBoundsTest, Add_TextsTooLong_IsRefusedUntilSomeAreRemoved) {
  CountingBackend base;
  FaultRulesOptions options;
  options.text_bytes_max = 10;
  FaultRules faults(&base, nullptr, options);
  FaultRule rule;
  rule.message = "abc";
  rule.account_id = "de";
  rule.region = "f";
  rule.principal_arn = "gh";
  EXPECT_EQ(faults.Add(rule).value(), 1);
  FaultRule longer;
  longer.message = "ijk";
  EXPECT_EQ(faults.Add(longer).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(faults.List().size(), 1u);
  longer.message = "ij";
  EXPECT_EQ(faults.Add(longer).value(), 2);
  EXPECT_TRUE(faults.Remove(1));
  EXPECT_EQ(faults.Add(rule).value(), 3);
  faults.Clear();
  longer.message = "0123456789";
  EXPECT_EQ(faults.Add(longer).value(), 4);
  // A single text above the bound is refused, too.
  faults.Clear();
  longer.message = "0123456789a";
  EXPECT_EQ(faults.Add(longer).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(faults.List().empty());
}

TEST(FaultRulesBoundsTest, Delays_AreBoundedEachAndTogether) {
  CountingBackend base;
  FaultRulesOptions options;
  options.delay_max = absl::Seconds(10);
  FaultRules faults(&base, nullptr, options);
  FaultRule rule;
  rule.fault = Fault::kNone;
  rule.delay = absl::Seconds(10) + absl::Nanoseconds(1);
  const absl::Status status = faults.Add(rule).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "the delay must be from 0 to 10s");
  EXPECT_TRUE(faults.List().empty());
  rule.delay = absl::Seconds(6);
  EXPECT_EQ(faults.Add(rule).value(), 1);
  EXPECT_EQ(faults.Decide(kCaller, {}).delay, absl::Seconds(6));
  faults.Clear();
  EXPECT_EQ(faults.Add(rule).value(), 2);
  EXPECT_EQ(faults.Add(rule).value(), 3);
  EXPECT_EQ(faults.Decide(kCaller, {}).delay, absl::Seconds(10));
}

// An infinite delay is refused even when the bound is infinite.
TEST(FaultRulesBoundsTest, ADelayWithoutAnEnd_IsRefusedUnderAnyBound) {
  CountingBackend base;
  FaultRulesOptions options;
  options.delay_max = absl::InfiniteDuration();
  FaultRules faults(&base, nullptr, options);
  FaultRule rule;
  rule.delay = absl::InfiniteDuration();
  EXPECT_EQ(faults.Add(rule).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(faults.List().empty());
}

KeyCaller KeyCallerVia(const std::string& service) {
  KeyCaller caller;
  caller.caller = {"123456789012", "us-east-1", "arn:aws:iam::1:user/a"};
  caller.via_service = service;
  return caller;
}

TEST(KeyFaultRulesTest, OnlyRulesForKeyCallsMatchThem) {
  CountingBackend backend;
  FaultRules faults(&backend);
  FaultRule any;
  any.count = FaultRule::kForever;
  ASSERT_EQ(faults.Add(any).status(), absl::OkStatus());
  EXPECT_EQ(faults.DecideKeyCall(KeyCallerVia(""), "Encrypt").error,
            std::nullopt);
  FaultRule rule;
  rule.key_call = "Encrypt";
  rule.key_error = "DisabledException";
  rule.message = "off";
  rule.delay = absl::Seconds(3);
  rule.count = 2;
  ASSERT_EQ(faults.Add(rule).status(), absl::OkStatus());
  EXPECT_EQ(faults.DecideKeyCall(KeyCallerVia(""), "Decrypt").error,
            std::nullopt);
  const KeyFaultPlan plan = faults.DecideKeyCall(KeyCallerVia("x"), "Encrypt");
  EXPECT_EQ(plan.error, "DisabledException");
  EXPECT_EQ(plan.message, "off");
  EXPECT_EQ(plan.delay, absl::Seconds(3));
  EXPECT_FALSE(plan.execute);
  EXPECT_FALSE(plan.lost);
  // A rule for key calls matches no operation.
  ASSERT_TRUE(faults.Remove(1));
  v1::Request request;
  request.mutable_get_resource_policy();
  EXPECT_FALSE(
      faults.Decide(KeyCallerVia("").caller, request).error.has_value());
  EXPECT_EQ(faults.List()[0].matched, 1u);
}

TEST(KeyFaultRulesTest, TheWayOfACallAndItsCallerAreMatched) {
  CountingBackend backend;
  FaultRules faults(&backend);
  FaultRule rule;
  rule.key_call = kAnyKeyCall;
  rule.count = FaultRule::kForever;
  rule.fault = FaultRule::Fault::kLoseAnswer;
  const auto matches = [&](FaultRule::Via via, const KeyCaller& caller) {
    rule.via = via;
    faults.Clear();
    EXPECT_EQ(faults.Add(rule).status(), absl::OkStatus());
    const KeyFaultPlan plan = faults.DecideKeyCall(caller, "Encrypt");
    if (plan.error.has_value()) {
      EXPECT_EQ(plan.error, "DependencyTimeoutException");
      EXPECT_TRUE(plan.lost);
      EXPECT_TRUE(plan.execute);
    }
    return plan.error.has_value();
  };
  using Via = FaultRule::Via;
  const KeyCaller direct = KeyCallerVia("");
  const KeyCaller through = KeyCallerVia("glue.us-east-1.amazonaws.com");
  EXPECT_TRUE(matches(Via::kAny, direct));
  EXPECT_TRUE(matches(Via::kAny, through));
  EXPECT_TRUE(matches(Via::kDirect, direct));
  EXPECT_FALSE(matches(Via::kDirect, through));
  EXPECT_FALSE(matches(Via::kGlue, direct));
  EXPECT_TRUE(matches(Via::kGlue, through));
  rule.account_id = "210987654321";
  EXPECT_FALSE(matches(Via::kAny, direct));
  rule.account_id = std::nullopt;
  rule.principal_arn = "arn:aws:iam::1:user/a";
  EXPECT_TRUE(matches(Via::kAny, direct));
}

TEST(KeyFaultRulesTest, ARuleIsForAnOperationOrForAKeyCall) {
  CountingBackend backend;
  FaultRules faults(&backend);
  FaultRule rule;
  rule.key_call = "Encrypt";
  rule.operation = v1::Request::kGetResourcePolicy;
  EXPECT_EQ(faults.Add(rule).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(faults.List().empty());
}

}  // namespace
}  // namespace glue_security
