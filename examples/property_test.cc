// An example of a property, tested on random sequences of calls: when all
// callers give a hash, only a caller who knows the current one changes or
// deletes a policy.

// [property]
#include "glue_security/engine/engine.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/generators/policy_generator.h"
#include "gtest/gtest.h"

using namespace glue_security;

TEST(ResourcePolicy, OnlyWhoKnowsTheHashChangesIt) {
  const Caller caller = {"123456789012", "us-east-1", ""};
  const PolicyGenerator policies(PolicyChecks::kGlue);
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    SeededChoices choices(seed);
    MemoryStorage storage;
    Engine engine(&storage);
    std::vector<std::string> known = {"never a hash"};
    std::string current;  // The hash in force; "": there is no policy.
    while (choices.Below(20) != 0) {
      const std::string guess = choices.Pick(known);
      v1::PutResourcePolicyRequest put;
      put.set_policy_in_json(policies.GenerateGood(choices, caller));
      if (!current.empty()) put.set_policy_hash_condition(guess);
      v1::DeleteResourcePolicyRequest drop;
      drop.set_policy_hash_condition(guess);
      if (choices.Below(2) == 0) {
        const auto answer = engine.PutResourcePolicy(caller, put);
        EXPECT_EQ(answer.ok(), current.empty() || guess == current);
        if (answer.ok()) known.push_back(current = answer->policy_hash());
      } else {
        const bool deleted = engine.DeleteResourcePolicy(caller, drop).ok();
        EXPECT_EQ(deleted, !current.empty() && guess == current);
        if (deleted) current.clear();
      }
    }
  }
}
// [property end]
