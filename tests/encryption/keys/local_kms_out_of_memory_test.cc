// Every operation of LocalKms with each of its allocations failing: a call that
// throws has changed nothing, and can be made again.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/encryption/keys/local_kms_fixture.h"
#include "tests/support/failing_new.h"

namespace glue_security {
namespace {

class LocalKmsOutOfMemoryTest : public LocalKmsTest {
 protected:
  LocalKmsOutOfMemoryTest() {
    // Nothing of it is made in the calls that fail.
    Describe(User("admin"), "alias/aws/glue");
  }

  // Makes the call with its first, second, … allocation failing, until it
  // succeeds. Returns how often it failed.
  int FailEach(const std::function<KeyRefusal()>& call) {
    const std::string before = State();
    for (int64_t number = 1;; ++number) {
      bool has_failed = false;
      try {
        FailingNew failing(number);
        const KeyRefusal refusal = call();
        has_failed = failing.failed();
        const FailingNewPause pause;
        EXPECT_EQ(refusal.code, "");
      } catch (const std::bad_alloc&) {
        has_failed = true;
        EXPECT_EQ(State(), before) << number;
      }
      if (!has_failed) return static_cast<int>(number - 1);
    }
  }
};

TEST_F(LocalKmsOutOfMemoryTest, ACallThatThrows_HasChangedNothing) {
  const std::string arn = NewKey();
  const std::string other = NewKey();
  const std::string pending = NewKey();
  ASSERT_THAT(Schedule(pending), Succeeded());
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/a", arn), std::nullopt);
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/b", arn), std::nullopt);
  CreateGrantCall grant;
  grant.key = arn;
  grant.grantee_principal = "arn:aws:iam::123456789012:user/alice";
  grant.operations = {"Decrypt"};
  const auto granted =
      std::get<CreateGrantResult>(kms_.CreateGrant(User("admin"), grant));
  const std::string blob = Blob(arn);
  const KeyCaller admin = User("admin");
  const std::string policy = PolicyWith(R"({"Effect": "Deny",
      "Principal": "*", "Action": "kms:Sign", "Resource": "*"})");
  KeyCaller elsewhere = ThroughGlue(admin);
  elsewhere.caller.region = "eu-west-1";
  elsewhere = ThroughGlue(elsewhere);
  const std::map<std::string, std::function<KeyRefusal()>> calls = {
      {"Encrypt", [&] { return RefusalOf(Encrypt(admin, "alias/a")); }},
      {"Decrypt", [&] { return RefusalOf(Decrypt(admin, blob)); }},
      {"GenerateDataKey",
       [&] {
         return RefusalOf(kms_.GenerateDataKey(admin, {arn, {}, {}}));
       }},
      {"the key of Glue",
       [&] { return RefusalOf(Encrypt(elsewhere, "alias/aws/glue")); }},
      {"CreateKey", [&] { return RefusalOf(kms_.CreateKey(admin, {})); }},
      {"DisableKey", [&] { return RefusalOf(kms_.DisableKey(admin, other)); }},
      {"RotateKeyOnDemand",
       [&] { return RefusalOf(kms_.RotateKeyOnDemand(admin, arn)); }},
      {"ScheduleKeyDeletion",
       [&] { return RefusalOf(kms_.ScheduleKeyDeletion(admin, {other})); }},
      {"CancelKeyDeletion",
       [&] { return RefusalOf(kms_.CancelKeyDeletion(admin, pending)); }},
      {"CreateAlias",
       [&] { return RefusalOf(kms_.CreateAlias(admin, "alias/c", arn)); }},
      {"UpdateAlias",
       [&] { return RefusalOf(kms_.UpdateAlias(admin, "alias/a", pending)); }},
      {"DeleteAlias",
       [&] { return RefusalOf(kms_.DeleteAlias(admin, "alias/b")); }},
      {"ListAliases", [&] { return RefusalOf(kms_.ListAliases(admin, {})); }},
      {"PutKeyPolicy",
       [&] { return RefusalOf(PutPolicy(admin, arn, policy)); }},
      {"GetKeyPolicy",
       [&] { return RefusalOf(kms_.GetKeyPolicy(admin, {arn})); }},
      {"CreateGrant",
       [&] { return RefusalOf(kms_.CreateGrant(admin, grant)); }},
      {"RevokeGrant",
       [&] {
         return RefusalOf(kms_.RevokeGrant(admin, arn, granted.grant_id));
       }},
      {"ListGrants", [&] { return RefusalOf(kms_.ListGrants(admin, {arn})); }},
  };
  // In an order in which each succeeds.
  for (const char* const name :
       {"Encrypt", "Decrypt", "GenerateDataKey", "the key of Glue", "CreateKey",
        "DisableKey", "RotateKeyOnDemand", "CancelKeyDeletion", "CreateAlias",
        "UpdateAlias", "DeleteAlias", "ListAliases", "PutKeyPolicy",
        "GetKeyPolicy", "CreateGrant", "ListGrants", "RevokeGrant",
        "ScheduleKeyDeletion"}) {
    EXPECT_GT(FailEach(calls.at(name)), 5) << name;
  }
}

}  // namespace
}  // namespace glue_security
