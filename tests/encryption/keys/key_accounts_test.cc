// Keys of other accounts and regions, and the key behind alias/aws/glue.

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/encryption/keys/local_kms_fixture.h"

namespace glue_security {
namespace {

constexpr char kNoResourceOrAccess[] =
    " on this resource because the resource does not exist in this Region, no "
    "resource-based policies allow access, or a resource-based policy "
    "explicitly denies access";

class KeyAccountsTest : public LocalKmsTest {
 protected:
  // Makes a key of the first account whose policy lets the other one use it.
  std::string SharedKey() {
    return NewKeyWith(R"({"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*",
                   "kms:DescribeKey", "kms:CreateGrant", "kms:ListGrants",
                   "kms:RevokeGrant", "kms:DisableKey", "kms:GetKeyPolicy"],
        "Resource": "*"})");
  }

  static std::string Refused(const std::string& operation) {
    return absl::StrCat(
        "User: arn:aws:iam::210987654321:user/bob is not authorized to "
        "perform: kms:",
        operation, kNoResourceOrAccess);
  }

  const KeyCaller bob_ = User("bob", kOtherAccount);
};

TEST_F(KeyAccountsTest, AKeyOfAnotherAccount_NeedsItsPolicyAndTheIdentity) {
  const std::string arn = SharedKey();
  const std::string blob = Blob(arn);
  EXPECT_THAT(Encrypt(bob_, arn), Succeeded());
  EXPECT_THAT(Decrypt(bob_, blob), Succeeded());
  EXPECT_THAT(Decrypt(bob_, blob, arn), Succeeded());
  EXPECT_THAT(Describe(bob_, arn), Succeeded());
  identity_ = [](const AuthorizationRequest&) {
    return DecisionKind::kImplicitDeny;
  };
  EXPECT_THAT(
      Encrypt(bob_, arn),
      RefusedWith("AccessDeniedException",
                  absl::StrCat("User: arn:aws:iam::210987654321:user/bob is "
                               "not authorized to perform: kms:Encrypt on "
                               "resource: ",
                               arn,
                               " because no identity-based policy allows the "
                               "kms:Encrypt action")));
  EXPECT_THAT(
      Decrypt(bob_, blob),
      RefusedWith("AccessDeniedException",
                  "User: arn:aws:iam::210987654321:user/bob is not authorized "
                  "to perform: kms:Decrypt on the resource associated with "
                  "this ciphertext because no identity-based policy allows the "
                  "kms:Decrypt action"));
  identity_ = [](const AuthorizationRequest&) {
    return DecisionKind::kExplicitDeny;
  };
  EXPECT_THAT(
      Encrypt(bob_, arn),
      RefusedWith("AccessDeniedException",
                  absl::StrCat("User: arn:aws:iam::210987654321:user/bob is "
                               "not authorized to perform: kms:Encrypt on "
                               "resource: ",
                               arn,
                               " with an explicit deny in an identity-based "
                               "policy")));
  EXPECT_THAT(
      Decrypt(bob_, blob),
      RefusedWith("AccessDeniedException",
                  "User: arn:aws:iam::210987654321:user/bob is not authorized "
                  "to perform: kms:Decrypt on the resource associated with "
                  "this ciphertext with an explicit deny in an identity-based "
                  "policy"));
}

// A refusal does not tell whether the other account has the key.
TEST_F(KeyAccountsTest, RefusalsDoNotTellWhatExists) {
  const std::string own_only = NewKey();
  const std::string denied = NewKeyWith(R"({"Effect": "Deny",
      "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
      "Action": "kms:*", "Resource": "*"})");
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/a", own_only), std::nullopt);
  const std::string prefix = "arn:aws:kms:us-east-1:123456789012:";
  for (const std::string& name : std::vector<std::string>{
           own_only, denied, absl::StrCat(prefix, "key/", kNoSuchKey),
           absl::StrCat(prefix, "alias/a"), absl::StrCat(prefix, "alias/none"),
           absl::StrCat(prefix, "alias/aws/glue")}) {
    EXPECT_THAT(Encrypt(bob_, name),
                RefusedWith("AccessDeniedException", Refused("Encrypt")));
    EXPECT_THAT(Describe(bob_, name),
                RefusedWith("AccessDeniedException", Refused("DescribeKey")));
    identity_ = [](const AuthorizationRequest&) {
      return DecisionKind::kImplicitDeny;
    };
    EXPECT_THAT(
        Encrypt(bob_, name),
        RefusedWith("AccessDeniedException",
                    absl::StrCat("User: arn:aws:iam::210987654321:user/bob is "
                                 "not authorized to perform: kms:Encrypt on "
                                 "resource: ",
                                 name,
                                 " because no identity-based policy allows the "
                                 "kms:Encrypt action")));
    identity_ = nullptr;
  }
  EXPECT_THAT(
      Decrypt(bob_, Blob(own_only)),
      RefusedWith("AccessDeniedException",
                  "User: arn:aws:iam::210987654321:user/bob is not authorized "
                  "to perform: kms:Decrypt on the resource associated with "
                  "this ciphertext because the resource does not exist in this "
                  "Region, no resource-based policies allow access, or a "
                  "resource-based policy explicitly denies access"));
}

// A ciphertext alone does not name its key to whoever may not use it, in the
// own account either.
TEST_F(KeyAccountsTest, ACiphertextAlone_DoesNotNameItsKey) {
  const std::string arn = NewKeyWith(R"({"Effect": "Deny",
      "Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"},
      "Action": "kms:Decrypt", "Resource": "*"})");
  const std::string blob = Blob(arn);
  EXPECT_THAT(
      Decrypt(User("alice"), blob),
      RefusedWith("AccessDeniedException",
                  "User: arn:aws:iam::123456789012:user/alice is not "
                  "authorized to perform: kms:Decrypt on the resource "
                  "associated with this ciphertext because the resource does "
                  "not exist in this Region, no resource-based policies allow "
                  "access, or a resource-based policy explicitly denies "
                  "access"));
  EXPECT_THAT(
      Decrypt(User("alice"), blob, arn),
      RefusedWith("AccessDeniedException",
                  absl::StrCat("User: arn:aws:iam::123456789012:user/alice is "
                               "not authorized to perform: kms:Decrypt on "
                               "resource: ",
                               arn,
                               " with an explicit deny in a resource-based "
                               "policy")));
}

// "Cross-account use" in the page of each operation of KMS.
TEST_F(KeyAccountsTest, OnlySomeOperations_ReachOtherAccounts) {
  const std::string arn = SharedKey();
  const std::string before = State();
  CreateGrantCall grant;
  grant.key = arn;
  grant.grantee_principal = "arn:aws:iam::210987654321:user/carol";
  grant.operations = {"Decrypt"};
  const auto granted = kms_.CreateGrant(bob_, grant);
  ASSERT_THAT(granted, Succeeded());
  EXPECT_THAT(kms_.ListGrants(bob_, {arn}), Succeeded());
  EXPECT_EQ(kms_.RevokeGrant(bob_, arn,
                             std::get<CreateGrantResult>(granted).grant_id),
            std::nullopt);
  EXPECT_THAT(kms_.DisableKey(bob_, arn),
              RefusedWith("AccessDeniedException", Refused("DisableKey")));
  EXPECT_THAT(kms_.GetKeyPolicy(bob_, {arn}),
              RefusedWith("AccessDeniedException", Refused("GetKeyPolicy")));
  EXPECT_THAT(kms_.EnableKey(bob_, arn), RefusedAs("AccessDeniedException"));
  EXPECT_THAT(kms_.ScheduleKeyDeletion(bob_, {arn}),
              RefusedAs("AccessDeniedException"));
  EXPECT_THAT(kms_.CancelKeyDeletion(bob_, arn),
              RefusedAs("AccessDeniedException"));
  EXPECT_THAT(kms_.RotateKeyOnDemand(bob_, arn),
              RefusedAs("AccessDeniedException"));
  EXPECT_THAT(PutPolicy(bob_, arn, "{}"), RefusedAs("AccessDeniedException"));
  EXPECT_THAT(kms_.CreateAlias(bob_, "alias/a", arn),
              RefusedAs("AccessDeniedException"));
  ListAliasesCall list;
  list.key = arn;
  EXPECT_THAT(kms_.ListAliases(bob_, list),
              RefusedWith("NotFoundException",
                          absl::StrCat("Key '", arn, "' does not exist")));
  EXPECT_EQ(State(), before);
}

TEST_F(KeyAccountsTest, AnId_IsOfTheOwnAccountAndRegion) {
  const std::string arn = SharedKey();
  const std::string id = arn.substr(arn.rfind('/') + 1);
  EXPECT_THAT(Describe(User("admin"), id), Succeeded());
  EXPECT_THAT(Describe(bob_, id),
              RefusedWith("NotFoundException",
                          absl::StrCat("Key 'arn:aws:kms:us-east-1:"
                                       "210987654321:key/",
                                       id, "' does not exist")));
  KeyCaller elsewhere = User("admin");
  elsewhere.caller.region = "eu-west-1";
  EXPECT_THAT(Describe(elsewhere, id),
              RefusedWith("NotFoundException",
                          absl::StrCat("Key 'arn:aws:kms:eu-west-1:"
                                       "123456789012:key/",
                                       id, "' does not exist")));
  EXPECT_THAT(Describe(elsewhere, arn),
              RefusedWith("NotFoundException", "Invalid arn us-east-1"));
  EXPECT_THAT(Decrypt(elsewhere, Blob(arn)),
              RefusedAs("AccessDeniedException"));
}

TEST_F(KeyAccountsTest, AnId_IsOfTheOwnPartition) {
  KeyCaller own = CallerOf(kAccount, "");
  own.caller.partition = "aws-own";
  const std::string arn = NewKey({}, own);
  EXPECT_EQ(arn.find("arn:aws-own:kms:us-east-1:123456789012:key/"), 0U);
  const std::string id = arn.substr(arn.rfind('/') + 1);
  EXPECT_THAT(Describe(own, id), Succeeded());
  EXPECT_THAT(Describe(Root(), id), RefusedAs("NotFoundException"));
  EXPECT_THAT(Describe(Root(), arn), RefusedAs("InvalidArnException"));
}

TEST_F(KeyAccountsTest, AnAliasOfAnotherAccount_IsNamedByItsArn) {
  const std::string arn = SharedKey();
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/a", arn), std::nullopt);
  const auto answer =
      Encrypt(bob_, "arn:aws:kms:us-east-1:123456789012:alias/a");
  ASSERT_THAT(answer, Succeeded());
  EXPECT_EQ(std::get<EncryptResult>(answer).key_arn, arn);
}

class GlueKeyTest : public LocalKmsTest {
 protected:
  static LocalKmsLimits FewGrants() {
    LocalKmsLimits limits;
    limits.grants_per_key_max = 2;
    return limits;
  }
  GlueKeyTest() : LocalKmsTest(FewGrants()) {}

  // Returns the target of alias/aws/glue in the caller's list of aliases.
  std::optional<std::string> Target(const KeyCaller& caller) {
    const auto answer = kms_.ListAliases(caller, {});
    for (const AliasEntry& alias :
         std::get<ListAliasesResult>(answer).aliases) {
      if (alias.name == "alias/aws/glue") return alias.target_key_id;
    }
    ADD_FAILURE() << "alias/aws/glue is not in the list";
    return std::nullopt;
  }
};

// Each operation that takes an alias, in a region where nothing was made.
TEST_F(GlueKeyTest, IsMadeByItsFirstUse) {
  using Use = std::function<KeyRefusal(const KeyCaller&, const std::string&)>;
  const std::vector<Use> uses = {
      [this](const KeyCaller& caller, const std::string& alias) {
        return RefusalOf(Describe(caller, alias));
      },
      [this](const KeyCaller& caller, const std::string& alias) {
        return RefusalOf(Encrypt(ThroughGlue(caller), alias));
      },
      [this](const KeyCaller& caller, const std::string& alias) {
        return RefusalOf(
            kms_.GenerateDataKey(ThroughGlue(caller), {alias, {}, {}}));
      },
  };
  for (size_t i = 0; i < 2 * uses.size(); ++i) {
    KeyCaller caller = User("admin");
    caller.caller.region = absl::StrCat("region-", i);
    const std::string alias =
        i % 2 == 0 ? "alias/aws/glue"
                   : absl::StrCat("arn:aws:kms:", caller.caller.region,
                                  ":123456789012:alias/aws/glue");
    EXPECT_EQ(Target(caller), std::nullopt);
    EXPECT_EQ(uses[i / 2](caller, alias).code, "");
    const std::optional<std::string> target = Target(caller);
    ASSERT_NE(target, std::nullopt);
    // It is made once.
    for (const Use& use : uses) EXPECT_EQ(use(caller, alias).code, "");
    EXPECT_EQ(Target(caller), target);
    const auto metadata = std::get<KeyMetadata>(
        kms_.GetKeyMetadata(caller, {"alias/aws/glue", {}}));
    EXPECT_EQ(metadata.key_id, *target);
    EXPECT_EQ(metadata.manager, KeyManager::kAws);
    EXPECT_EQ(metadata.kind, KeyKind::kSymmetric);
    EXPECT_EQ(metadata.state, KeyState::kEnabled);
  }
}

TEST_F(GlueKeyTest, EachAccountAndRegion_HasItsOwn) {
  KeyCaller elsewhere = User("admin");
  elsewhere.caller.region = "eu-west-1";
  std::set<std::string> arns;
  for (const KeyCaller& caller :
       {User("admin"), User("a", kOtherAccount), elsewhere}) {
    EXPECT_EQ(Target(caller), std::nullopt);
    const auto answer = Encrypt(ThroughGlue(caller), "alias/aws/glue");
    ASSERT_THAT(answer, Succeeded());
    EXPECT_TRUE(arns.insert(std::get<EncryptResult>(answer).key_arn).second);
    EXPECT_NE(Target(caller), std::nullopt);
  }
}

// The request of another account does not make it.
TEST_F(GlueKeyTest, AnotherAccount_DoesNotMakeIt) {
  EXPECT_THAT(Encrypt(ThroughGlue(User("a", kOtherAccount)),
                      "arn:aws:kms:us-east-1:123456789012:alias/aws/glue"),
              RefusedAs("AccessDeniedException"));
  EXPECT_EQ(Target(User("admin")), std::nullopt);
}

TEST_F(GlueKeyTest, IsUsedThroughGlueOnly) {
  const KeyCaller alice = User("alice");
  const auto encrypted = Encrypt(ThroughGlue(alice), "alias/aws/glue");
  ASSERT_THAT(encrypted, Succeeded());
  const auto& [blob, arn] = std::get<EncryptResult>(encrypted);
  EXPECT_THAT(Decrypt(ThroughGlue(User("bob")), blob), Succeeded());
  // Nobody decrypts directly what Glue encrypted, not even the root user.
  KeyCaller through_s3 = alice;
  through_s3.via_service = "s3.us-east-1.amazonaws.com";
  KeyCaller through_another_region = alice;
  through_another_region.via_service = "glue.eu-west-1.amazonaws.com";
  for (const KeyCaller& caller :
       {alice, Root(), through_s3, through_another_region,
        ThroughGlue(User("a", kOtherAccount))}) {
    EXPECT_THAT(Decrypt(caller, blob), RefusedAs("AccessDeniedException"));
    EXPECT_THAT(Decrypt(caller, blob, arn), RefusedAs("AccessDeniedException"));
  }
  EXPECT_THAT(
      Encrypt(alice, "alias/aws/glue"),
      RefusedWith("AccessDeniedException",
                  absl::StrCat("User: arn:aws:iam::123456789012:user/alice is "
                               "not authorized to perform: kms:Encrypt on "
                               "resource: ",
                               arn,
                               " because no resource-based policy allows the "
                               "kms:Encrypt action")));
}

// Its users need no permission of their identity policies, which may deny it.
TEST_F(GlueKeyTest, ThroughGlue_IdentityPoliciesNeedNotAllowIt) {
  identity_ = [](const AuthorizationRequest&) {
    return DecisionKind::kImplicitDeny;
  };
  EXPECT_THAT(Encrypt(ThroughGlue(User("alice")), "alias/aws/glue"),
              Succeeded());
  identity_ = [](const AuthorizationRequest&) {
    return DecisionKind::kExplicitDeny;
  };
  EXPECT_THAT(Encrypt(ThroughGlue(User("alice")), "alias/aws/glue"),
              RefusedAs("AccessDeniedException"));
}

TEST_F(GlueKeyTest, IsNotChanged) {
  const auto described = Describe(User("admin"), "alias/aws/glue");
  ASSERT_THAT(described, Succeeded());
  const std::string arn = std::get<DescribeKeyResult>(described).key_arn;
  for (const KeyCaller& caller :
       {Root(), User("admin"), ThroughGlue(User("admin"))}) {
    EXPECT_THAT(kms_.DisableKey(caller, arn),
                RefusedAs("AccessDeniedException"));
    EXPECT_THAT(kms_.EnableKey(caller, arn),
                RefusedAs("AccessDeniedException"));
    EXPECT_THAT(kms_.ScheduleKeyDeletion(caller, {arn}),
                RefusedAs("AccessDeniedException"));
    EXPECT_THAT(kms_.RotateKeyOnDemand(caller, arn),
                RefusedAs("AccessDeniedException"));
    EXPECT_THAT(PutPolicy(caller, arn, "{}"),
                RefusedAs("AccessDeniedException"));
    EXPECT_THAT(kms_.CreateAlias(caller, "alias/a", arn),
                RefusedAs("AccessDeniedException"));
    EXPECT_THAT(kms_.DeleteAlias(caller, "alias/aws/glue"),
                RefusedInSilence("NotAuthorizedException"));
    EXPECT_THAT(kms_.UpdateAlias(caller, "alias/aws/glue", NewKey()),
                RefusedInSilence("NotAuthorizedException"));
  }
  EXPECT_THAT(Encrypt(ThroughGlue(User("alice")), "alias/aws/glue"),
              Succeeded());
}

// The quotas of KMS are those of customers' keys.
TEST_F(GlueKeyTest, MayHaveAnyNumberOfGrants) {
  const auto described = Describe(User("admin"), "alias/aws/glue");
  ASSERT_THAT(described, Succeeded());
  CreateGrantCall call;
  call.key = std::get<DescribeKeyResult>(described).key_arn;
  call.grantee_principal = "arn:aws:iam::123456789012:user/alice";
  call.operations = {"Decrypt"};
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(kms_.CreateGrant(ThroughGlue(User("admin")), call),
                Succeeded());
  }
}

TEST_F(GlueKeyTest, ItsPolicy_IsOfTheFormOfTheService) {
  const auto described = Describe(User("admin"), "alias/aws/glue");
  ASSERT_THAT(described, Succeeded());
  const auto answer = kms_.GetKeyPolicy(
      User("admin"), {std::get<DescribeKeyResult>(described).key_arn});
  ASSERT_THAT(answer, Succeeded());
  EXPECT_EQ(
      absl::StrReplaceAll(std::get<std::string>(answer),
                          {{"\n", ""}, {"  ", ""}}),
      R"({"Version" : "2012-10-17","Id" : "auto-glue-1","Statement" : [ {)"
      R"("Sid" : "Allow access through Glue for all principals in the account )"
      R"(that are authorized to use Glue","Effect" : "Allow","Principal" : {)"
      R"("AWS" : "*"},"Action" : [ "kms:Encrypt", "kms:Decrypt", )"
      R"("kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", )"
      R"("kms:DescribeKey" ],"Resource" : "*","Condition" : {)"
      R"("StringEquals" : {"kms:CallerAccount" : "123456789012",)"
      R"("kms:ViaService" : "glue.us-east-1.amazonaws.com"}}}, {)"
      R"("Sid" : "Allow direct access to key metadata to the account",)"
      R"("Effect" : "Allow","Principal" : {)"
      R"("AWS" : "arn:aws:iam::123456789012:root"},"Action" : [ )"
      R"("kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],)"
      R"("Resource" : "*"} ]})");
}

}  // namespace
}  // namespace glue_security
