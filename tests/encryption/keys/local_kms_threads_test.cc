// Many threads on one LocalKms.

#include <atomic>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/encryption/keys/local_kms_fixture.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

class LocalKmsThreadsTest : public LocalKmsTest {
 protected:
  static int Rounds() { return IsShortRun() ? 20 : 200; }

  static void RunAll(std::vector<std::thread>* threads) {
    for (std::thread& thread : *threads) thread.join();
  }
};

// A ciphertext opens to its plaintext or is refused for the key's state, while
// other threads rotate, disable and enable the key and change what belongs to
// it.
TEST_F(LocalKmsThreadsTest, UseAndChangesOfOneKey) {
  const std::string arn = NewKey();
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < Rounds(); ++i) {
        const std::string text = absl::StrCat("text ", t, " ", i);
        const auto encrypted =
            Encrypt(User("admin"), arn, {{"i", absl::StrCat(i)}}, text);
        if (RefusalOf(encrypted).code == "DisabledException") continue;
        ASSERT_THAT(encrypted, Succeeded());
        const auto decrypted =
            Decrypt(User("admin"), std::get<EncryptResult>(encrypted).blob, "",
                    {{"i", absl::StrCat(i)}});
        if (RefusalOf(decrypted).code == "DisabledException") continue;
        ASSERT_THAT(decrypted, Succeeded());
        ASSERT_EQ(std::get<DecryptResult>(decrypted).plaintext, Secret(text));
      }
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; i < Rounds(); ++i) {
      ASSERT_EQ(kms_.DisableKey(User("admin"), arn), std::nullopt);
      ASSERT_EQ(kms_.EnableKey(User("admin"), arn), std::nullopt);
      kms_.RotateKeyOnDemand(User("admin"), arn);
    }
  });
  threads.emplace_back([&] {
    CreateGrantCall grant;
    grant.key = arn;
    grant.grantee_principal = "arn:aws:iam::123456789012:user/alice";
    grant.operations = {"Encrypt"};
    for (int i = 0; i < Rounds(); ++i) {
      const auto granted = kms_.CreateGrant(User("admin"), grant);
      if (const auto* const made = std::get_if<CreateGrantResult>(&granted)) {
        ASSERT_EQ(kms_.RevokeGrant(User("admin"), arn, made->grant_id),
                  std::nullopt);
      }
      ASSERT_EQ(PutPolicy(User("admin"), arn, PolicyWith(R"({"Effect": "Deny",
          "Principal": "*", "Action": "kms:Sign", "Resource": "*"})")),
                std::nullopt);
      const std::string alias = absl::StrCat("alias/", i);
      ASSERT_EQ(kms_.CreateAlias(User("admin"), alias, arn), std::nullopt);
      ASSERT_THAT(kms_.ListAliases(User("admin"), {}), Succeeded());
      ASSERT_EQ(kms_.DeleteAlias(User("admin"), alias), std::nullopt);
    }
  });
  RunAll(&threads);
}

// A key that is gone does not take the calls that are under way with it.
TEST_F(LocalKmsThreadsTest, KeysThatAreGone) {
  std::atomic<bool> is_done = false;
  std::vector<std::string> arns;
  for (int i = 0; i < Rounds(); ++i) arns.push_back(NewKey());
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      while (!is_done) {
        for (const std::string& arn : arns) {
          const auto encrypted = Encrypt(User("admin"), arn);
          const auto* const result = std::get_if<EncryptResult>(&encrypted);
          if (result == nullptr) continue;
          const auto decrypted = Decrypt(User("admin"), result->blob);
          if (RefusalOf(decrypted).code.empty()) {
            ASSERT_EQ(std::get<DecryptResult>(decrypted).plaintext,
                      Secret("plaintext"));
          }
        }
      }
    });
  }
  for (const std::string& arn : arns) {
    ASSERT_THAT(Schedule(arn), Succeeded());
    clock_.Advance(absl::Hours(7 * 24));
    ASSERT_THAT(Describe(User("admin"), arn), RefusedAs("NotFoundException"));
  }
  is_done = true;
  RunAll(&threads);
}

// The key behind alias/aws/glue is made once, whoever comes first.
TEST_F(LocalKmsThreadsTest, TheFirstUsesOfTheGlueKey) {
  for (int round = 0; round < Rounds(); ++round) {
    KeyCaller caller = ThroughGlue(User("admin"));
    caller.caller.region = absl::StrCat("region-", round);
    caller = ThroughGlue(caller);
    constexpr int kThreads = 4;
    std::vector<std::string> arns(kThreads);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const auto answer = Encrypt(caller, "alias/aws/glue");
        ASSERT_THAT(answer, Succeeded());
        arns[t] = std::get<EncryptResult>(answer).key_arn;
      });
    }
    RunAll(&threads);
    EXPECT_EQ(std::set<std::string>(arns.begin(), arns.end()).size(), 1U);
  }
}

// Many calls with one name make one grant.
TEST_F(LocalKmsThreadsTest, OneNameMakesOneGrant) {
  const std::string arn = NewKey();
  for (int round = 0; round < Rounds(); ++round) {
    CreateGrantCall grant;
    grant.key = arn;
    grant.grantee_principal = "arn:aws:iam::123456789012:user/alice";
    grant.operations = {"Encrypt"};
    grant.name = absl::StrCat(round);
    std::vector<std::string> ids(4);
    std::vector<std::thread> threads;
    for (std::string& id : ids) {
      threads.emplace_back([&] {
        const auto answer = kms_.CreateGrant(User("admin"), grant);
        ASSERT_THAT(answer, Succeeded());
        id = std::get<CreateGrantResult>(answer).grant_id;
      });
    }
    RunAll(&threads);
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 1U);
  }
}

}  // namespace
}  // namespace glue_security
