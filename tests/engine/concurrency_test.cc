// Many threads on engines over one storage.

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"

namespace glue_security {
namespace {

// "8 threads of mixed operations on one engine: exactly one winner per
// revision, no lost update".
TEST_F(EngineTest, EightThreads_OneWinnerForEachHashAndNoLostUpdate) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 60;
  EngineOptions options;
  options.limits.security_configurations_max = 1'000'000;
  Engine engine(&storage_, options);
  ASSERT_EQ(Put(R"({"n":0})").status(), absl::OkStatus());
  std::vector<std::thread> threads;
  std::vector<int> wins(kThreads, 0);
  std::vector<int> created(kThreads, 0);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < kRounds;) {
        // A compare-and-swap on the policy: the text holds a counter.
        const auto get = engine.GetResourcePolicy(kCaller, {});
        ASSERT_EQ(get.status(), absl::OkStatus());
        const int n = std::stoi(get->policy_in_json().substr(5));
        v1::PutResourcePolicyRequest put;
        put.set_policy_in_json(absl::StrCat(R"({"n":)", n + 1, "}"));
        put.set_policy_hash_condition(get->policy_hash());
        const auto answer = engine.PutResourcePolicy(kCaller, put);
        if (answer.ok()) {
          ++wins[t];
          ++round;
        } else {
          ASSERT_EQ(ErrorCodeOf(answer.status()),
                    v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
        }
        // All threads fight over the same few names.
        v1::CreateSecurityConfigurationRequest create;
        create.set_name(absl::StrCat(round % 3));
        create.mutable_encryption_configuration();
        if (engine.CreateSecurityConfiguration(kCaller, create).ok()) {
          ++created[t];
        }
        v1::DeleteSecurityConfigurationRequest remove;
        remove.set_name(absl::StrCat((round + t) % 3));
        if (engine.DeleteSecurityConfiguration(kCaller, remove).ok()) {
          --created[t];
        }
        ASSERT_EQ(engine.GetSecurityConfigurations(kCaller, {}).status(),
                  absl::OkStatus());
        ASSERT_EQ(engine.GetDataCatalogEncryptionSettings(kCaller, {}).status(),
                  absl::OkStatus());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int total_created = 0;
  for (const int n : created) total_created += n;
  EXPECT_EQ(engine.GetResourcePolicy(kCaller, {})->policy_in_json(),
            absl::StrCat(R"({"n":)", kThreads * kRounds, "}"));
  EXPECT_EQ(engine.GetSecurityConfigurations(kCaller, {})
                ->security_configurations_size(),
            total_created);
}

}  // namespace
}  // namespace glue_security
