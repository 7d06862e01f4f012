#include "glue_security/control/controlled_keys.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/backend/fault_rules.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/server/control.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::HasSubstr;
using testing::Not;

// A backend that uses a key for each call and answers with the refusal's code.
class KeyUser : public Backend {
 public:
  explicit KeyUser(KeyService* keys) : keys_(*keys) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& /*request*/) override {
    KeyCaller key_caller;
    key_caller.caller = caller;
    key_caller.via_service = "glue.us-east-1.amazonaws.com";
    EncryptCall call;
    call.key = "alias/aws/glue";
    call.plaintext = Secret("p");
    v1::Response response;
    std::string* const hash =
        response.mutable_put_resource_policy()->mutable_policy_hash();
    for (int i = 0; i < 2; ++i) {
      const auto answer = keys_.Encrypt(key_caller, call);
      const auto* const refusal = std::get_if<KeyRefusal>(&answer);
      *hash += refusal == nullptr ? "ok " : refusal->code + " ";
    }
    return response;
  }

 private:
  KeyService& keys_;
};

class NoState : public ControlledState {
 public:
  absl::Status Reset() override { return absl::OkStatus(); }
  absl::Status Save(const std::string&) override { return absl::OkStatus(); }
  absl::Status Restore(const std::string&) override { return absl::OkStatus(); }
  bool Forget(const std::string&) override { return false; }
  std::vector<std::string> Names() const override { return {}; }
};

class ControlledKeysTest : public testing::Test {
 protected:
  static KeyCaller Direct() {
    KeyCaller caller;
    caller.caller = {"123456789012", "us-east-1", ""};
    return caller;
  }

  static FaultRule KeyRule(const std::string& call) {
    FaultRule rule;
    rule.key_call = call;
    rule.count = FaultRule::kForever;
    return rule;
  }

  template <typename Result>
  static KeyRefusal RefusalIn(const KeyAnswerOf<Result>& answer) {
    const auto* const refusal = std::get_if<KeyRefusal>(&answer);
    return refusal == nullptr ? KeyRefusal() : *refusal;
  }

  LocalKms kms_;
  ControlledKeys keys_{&kms_};
};

TEST_F(ControlledKeysTest, WithoutRules_EveryCallPasses) {
  const auto key = std::get<KeyMetadata>(kms_.CreateKey(Direct(), {})).arn;
  const auto encrypted =
      keys_.Encrypt(Direct(), {key, Secret("hunter2"), {}, {}});
  const std::string blob = std::get<EncryptResult>(encrypted).blob;
  EXPECT_EQ(std::get<DecryptResult>(keys_.Decrypt(Direct(), {blob, "", {}, {}}))
                .plaintext,
            Secret("hunter2"));
  EXPECT_TRUE(std::holds_alternative<GenerateDataKeyResult>(
      keys_.GenerateDataKey(Direct(), {key, {}, {}, 32})));
  EXPECT_TRUE(std::holds_alternative<DescribeKeyResult>(
      keys_.DescribeKey(Direct(), {key, {}})));
  EXPECT_EQ(RefusalIn(keys_.DescribeKey(Direct(), {"x", {}})).code,
            "NotFoundException");
  const std::string text = keys_.MetricsText();
  for (const char* const call :
       {"Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey"}) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("key_calls_total{call=\"", call,
                                             "\",outcome=\"ok\"} 1\n")));
  }
  EXPECT_THAT(text, HasSubstr("{call=\"DescribeKey\",outcome="
                              "\"NotFoundException\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE glue_security_key_calls_total counter"));
  EXPECT_THAT(text, Not(HasSubstr("other")));
}

TEST_F(ControlledKeysTest, RulesOfAControlReachEachCall) {
  KeyUser user(&keys_);
  NoState state;
  FakeClock clock;
  ControlOptions options;
  options.keys = &keys_;
  auto control = std::make_unique<Control>(&user, &state, &clock, options);
  FaultRule rule = KeyRule("Encrypt");
  rule.via = FaultRule::Via::kGlue;
  rule.skip = 1;
  rule.count = 1;
  rule.key_error = "KeyUnavailableException";
  rule.message = "gone";
  ASSERT_THAT(control->faults().Add(rule), IsOk());
  FaultRule slow = KeyRule(kAnyKeyCall);
  slow.fault = FaultRule::Fault::kNone;
  slow.delay = absl::Seconds(2);
  ASSERT_THAT(control->faults().Add(slow), IsOk());
  v1::Request request;
  request.mutable_put_resource_policy();
  Delivery delivery;
  v1::Response response =
      control->Execute(0, Direct().caller, request, &delivery);
  EXPECT_EQ(response.put_resource_policy().policy_hash(),
            "ok KeyUnavailableException ");
  // The call that is refused goes to no later rule.
  EXPECT_EQ(delivery.delay, absl::Seconds(2));
  EXPECT_FALSE(delivery.lost);
  delivery = Delivery();
  response = control->Execute(0, Direct().caller, request, &delivery);
  EXPECT_EQ(response.put_resource_policy().policy_hash(), "ok ok ");
  EXPECT_EQ(delivery.delay, absl::Seconds(4));
  // A direct call has no delivery, and the first rule does not match it.
  EXPECT_EQ(RefusalIn(keys_.DescribeKey(Direct(), {"alias/aws/glue", {}})).code,
            "");
  // A control that is gone has no rules.
  FaultRule all = KeyRule(kAnyKeyCall);
  ASSERT_THAT(control->faults().Add(all), IsOk());
  EXPECT_EQ(RefusalIn(keys_.DescribeKey(Direct(), {"alias/aws/glue", {}})).code,
            "KMSInternalException");
  control.reset();
  EXPECT_EQ(RefusalIn(keys_.DescribeKey(Direct(), {"alias/aws/glue", {}})).code,
            "");
}

TEST_F(ControlledKeysTest, LostCallsAreTimeouts) {
  KeyUser user(&keys_);
  FaultRules rules(&user);
  keys_.SetFaults(&rules);
  for (const auto fault :
       {FaultRule::Fault::kLoseRequest, FaultRule::Fault::kLoseAnswer}) {
    FaultRule rule = KeyRule("DescribeKey");
    rule.fault = fault;
    ASSERT_THAT(rules.Add(rule), IsOk());
    const KeyRefusal refusal =
        RefusalIn(keys_.DescribeKey(Direct(), {"alias/aws/glue", {}}));
    EXPECT_EQ(refusal.code, "DependencyTimeoutException");
    EXPECT_EQ(refusal.http_status, 500);
    EXPECT_EQ(refusal.message, std::nullopt);
    EXPECT_EQ(refusal.request_id.size(), 36u);
    rules.Clear();
  }
  keys_.SetFaults(nullptr);
}

}  // namespace
}  // namespace glue_security
