// Tests that a policy that Get returns can be put back unchanged, in every
// preset, at every level of checks and at every size.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/state_machine/policy_hasher.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/generators/policy_generator.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"

namespace glue_security {
namespace {

class PutBackTest : public EngineTest {
 protected:
  void Be(const Behavior& preset, PolicyChecks checks) {
    EngineOptions options;
    options.behavior = preset;
    options.behavior.policy_checks = checks;
    Restart(std::move(options));
  }

  // Puts `text`. If it is accepted, puts back what Get shows, and expects that
  // this changes nothing.
  bool PutTwice(const std::string& text) {
    const auto put = Put(text);
    if (!put.ok()) {
      EXPECT_EQ(ErrorFromStatus(put.status())->violations_size(), 0)
          << put.status();
      return false;
    }
    const auto shown = engine_->GetResourcePolicy(kCaller, {});
    // With all conditions that a Put can have.
    v1::PutResourcePolicyRequest back;
    back.set_policy_in_json(shown->policy_in_json());
    back.set_policy_hash_condition(shown->policy_hash());
    back.set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_MUST_EXIST);
    back.set_enable_hybrid(v1::ENABLE_HYBRID_VALUES_TRUE);
    const auto again = engine_->PutResourcePolicy(kCaller, back);
    EXPECT_TRUE(again.ok()) << again.status() << "\n"
                            << text.size() << " bytes, "
                            << shown->policy_in_json().size() << " shown";
    EXPECT_EQ(again.ok() ? again->policy_hash() : "", put->policy_hash());
    return true;
  }
};

TEST_F(PutBackTest, PoliciesOfEverySize) {
  SeededChoices choices(3);
  for (const BackendPreset name : kBackendPresets) {
    const Behavior preset = BehaviorOf(name);
    for (const PolicyChecks checks :
         {PolicyChecks::kNone, PolicyChecks::kJson, PolicyChecks::kGrammar,
          PolicyChecks::kGlue}) {
      Be(preset, checks);
      const PolicyGenerator generator(checks);
      const bool reprints =
          preset.reprint_policies && checks != PolicyChecks::kNone;
      int accepted = 0;
      for (const size_t bytes :
           {300, 1'000, 5'000, 10'000, 10'238, 10'239, 10'240}) {
        for (int i = 0; i < 10; ++i) {
          const GeneratedPolicy policy = generator.GenerateOfSize(
              bytes, reprints ? CountedBytes::kNoBlanks : CountedBytes::kAll,
              choices, kCaller);
          accepted += PutTwice(policy.text) ? 1 : 0;
        }
      }
      EXPECT_GT(accepted, 50);
    }
  }
}

// Objects in objects: the deeper, the more blanks a re-print has. Those that no
// request could put back are refused at once.
TEST_F(PutBackTest, ObjectsThatNestDeep) {
  for (const BackendPreset name : kBackendPresets) {
    const Behavior preset = BehaviorOf(name);
    Be(preset, PolicyChecks::kJson);
    int accepted = 0;
    for (size_t depth = 1; depth <= 127; depth += 7) {
      std::string inner;
      while (inner.size() + 6 + depth * 6 < 10'230) {
        absl::StrAppend(&inner, inner.empty() ? "" : ",", "\"\":0");
      }
      std::string text = "{" + inner + "}";
      for (size_t i = 1; i < depth; ++i) text = "{\"a\":" + text + "}";
      ASSERT_LE(text.size(), 10'240u);
      accepted += PutTwice(text) ? 1 : 0;
    }
    if (preset.reprint_policies) {
      EXPECT_GT(accepted, 8);
      EXPECT_LT(accepted, 19);
    } else {
      EXPECT_EQ(accepted, 19);
    }
  }
}

// The longest hash that PolicyHash may be.
class LongHasher : public PolicyHasher {
 public:
  std::string Hash(absl::string_view /*text*/) const override {
    return std::string(255, 'h');
  }
};

// The sizes around the bound of a request, one by one: a text is accepted if
// 268 bytes beside it are left (docs/decisions/reprint.md), and can then be put
// back with its hash and every condition.
TEST_F(PutBackTest, ARequestHasRoomForEveryStoredText) {
  const LongHasher hasher;
  for (const char* text :
       {"{}", R"({"a":1})", R"({"a":{"b":2}})", R"({"a":{"b":{"c":[]}}})",
        R"({"a":{"b":{"c":{"d":{}}}}})"}) {
    Be(Behavior::Current(), PolicyChecks::kJson);
    ASSERT_TRUE(Put(text).ok());
    const size_t stored =
        engine_->GetResourcePolicy(kCaller, {})->policy_in_json().size();
    for (size_t bytes_max = stored + 260; bytes_max < stored + 280;
         ++bytes_max) {
      EngineOptions options;
      options.behavior = Behavior::Current();
      options.behavior.policy_checks = PolicyChecks::kJson;
      options.limits.request_bytes_max = bytes_max;
      options.hasher = &hasher;
      Restart(std::move(options));
      EXPECT_EQ(PutTwice(text), bytes_max >= stored + 268);
    }
  }
}

}  // namespace
}  // namespace glue_security
