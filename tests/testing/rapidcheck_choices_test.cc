#include "glue_security/testing/choices/rapidcheck_choices.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "glue_security/engine/engine.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/generators/policy_generator.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

std::vector<uint64_t> GenerateList(ChoiceSource& choices) {
  std::vector<uint64_t> list;
  while (list.size() < 50 && choices.Below(8) != 0) {
    list.push_back(choices.Below(1000));
  }
  return list;
}

// Runs a property; discards RapidCheck's output.
rc::detail::TestResult Check(const std::function<void()>& property) {
  return rc::detail::checkTestable(property);
}

TEST(RapidCheckChoicesTest, AGeneratorOfTheKitIsOneOfRapidCheck) {
  std::set<uint64_t> seen;
  const auto result = Check([&seen] {
    for (const uint64_t number : *RapidCheckGen(&GenerateList)) {
      RC_ASSERT(number < 1000u);
      seen.insert(number);
    }
  });
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>());
  // Values from the whole range occur, from the first case on.
  EXPECT_GT(seen.size(), 50u);
  EXPECT_GT(*seen.rbegin(), 900u);
}

TEST(RapidCheckChoicesTest, RapidCheckShrinksTheChoices) {
  std::vector<uint64_t> last;
  const auto result = Check([&last] {
    const std::vector<uint64_t> list = *RapidCheckGen(&GenerateList);
    for (const uint64_t number : list) {
      if (number >= 417) {
        last = list;
        RC_FAIL("a large number");
      }
    }
  });
  ASSERT_TRUE(result.is<rc::detail::FailureResult>());
  ASSERT_FALSE(last.empty());
  EXPECT_EQ(last.back(), 417u);
}

TEST(RapidCheckChoicesTest, AValueOfTheKitIsAnArgument) {
  // [rapidcheck]
  const Caller caller = {"123456789012", "us-east-1", ""};
  const PolicyGenerator policies(PolicyChecks::kGlue);
  EXPECT_TRUE(rc::check("Get shows the policy that was put", [&] {
    const std::string policy = *RapidCheckGen([&](ChoiceSource& choices) {
      return policies.GenerateGood(choices, caller);
    });
    MemoryStorage storage;
    Engine engine(&storage);
    v1::PutResourcePolicyRequest put;
    put.set_policy_in_json(policy);
    RC_ASSERT(engine.PutResourcePolicy(caller, put).ok());
    const auto shown = engine.GetResourcePolicy(caller, {});
    RC_ASSERT(shown->policy_in_json() == policy);
  }));
  // [rapidcheck end]
}

}  // namespace
}  // namespace glue_security
