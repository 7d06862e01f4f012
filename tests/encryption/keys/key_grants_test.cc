#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/encryption/keys/local_kms_fixture.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;

std::string UserArn(const std::string& name,
                    const std::string& account = kAccount) {
  return absl::StrCat("arn:aws:iam::", account, ":user/", name);
}

class KeyGrantsTest : public LocalKmsTest {
 protected:
  KeyGrantsTest() : LocalKmsTest(FewGrants()) {}

  static LocalKmsLimits FewGrants() {
    LocalKmsLimits limits;
    limits.grants_per_key_max = 70;
    return limits;
  }

  // Makes a key that only the user admin may use.
  std::string AdminsKey() {
    CreateKeyCall call;
    call.policy = R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:user/admin"},
        "Action": "kms:*", "Resource": "*"}]})";
    return NewKey(call);
  }

  static CreateGrantCall GrantOf(const std::string& key,
                                 const std::string& grantee,
                                 const std::vector<std::string>& operations) {
    CreateGrantCall call;
    call.key = key;
    call.grantee_principal = grantee;
    call.operations = operations;
    return call;
  }

  CreateGrantResult Grant(const CreateGrantCall& call,
                          const KeyCaller& caller = User("admin")) {
    const auto answer = kms_.CreateGrant(caller, call);
    EXPECT_THAT(answer, Succeeded());
    const auto* const result = std::get_if<CreateGrantResult>(&answer);
    return result == nullptr ? CreateGrantResult() : *result;
  }

  std::vector<GrantEntry> List(const std::string& key) {
    ListGrantsCall call;
    call.key = key;
    call.limit = 100;
    const auto answer = kms_.ListGrants(User("admin"), call);
    EXPECT_THAT(answer, Succeeded());
    const auto* const page = std::get_if<ListGrantsResult>(&answer);
    return page == nullptr ? std::vector<GrantEntry>() : page->grants;
  }
};

TEST_F(KeyGrantsTest, AGrant_AllowsItsOperationsOnly) {
  const std::string arn = AdminsKey();
  const std::string blob = Blob(arn);
  const std::map<std::string, std::function<KeyRefusal()>> operations = {
      {"Encrypt", [&] { return RefusalOf(Encrypt(User("alice"), arn)); }},
      {"Decrypt", [&] { return RefusalOf(Decrypt(User("alice"), blob)); }},
      {"GenerateDataKey",
       [&] {
         return RefusalOf(kms_.GenerateDataKey(User("alice"), {arn, {}, {}}));
       }},
      {"DescribeKey", [&] { return RefusalOf(Describe(User("alice"), arn)); }},
      {"CreateGrant",
       [&] {
         return RefusalOf(kms_.CreateGrant(
             User("alice"), GrantOf(arn, UserArn("bob"), {"CreateGrant"})));
       }},
  };
  for (const auto& [granted, unused] : operations) {
    const auto grant = Grant(GrantOf(arn, UserArn("alice"), {granted}));
    for (const auto& [operation, call] : operations) {
      EXPECT_EQ(call().code,
                operation == granted ? "" : "AccessDeniedException")
          << operation;
    }
    ASSERT_EQ(kms_.RevokeGrant(User("admin"), arn, grant.grant_id),
              std::nullopt);
    EXPECT_EQ(operations.at(granted)().code, "AccessDeniedException");
  }
}

TEST_F(KeyGrantsTest, AGrant_IsForItsGranteeOnly) {
  const std::string arn = AdminsKey();
  struct Case {
    std::string grantee;
    std::vector<KeyCaller> allowed;
    std::vector<KeyCaller> refused;
  };
  const KeyCaller federated =
      CallerOf(kAccount, "arn:aws:sts::123456789012:federated-user/alice");
  KeyCaller service = CallerOf(kAccount, "");
  service.service = "alice";
  const std::vector<Case> cases = {
      {UserArn("alice"),
       {User("alice"), ThroughGlue(User("alice"))},
       {User("bob"), User("alice", kOtherAccount), federated, Session("alice"),
        service}},
      {UserArn("alice", kOtherAccount),
       {User("alice", kOtherAccount)},
       {User("alice")}},
      {"arn:aws:iam::123456789012:role/reader",
       {Session("reader")},
       {Session("writer"), Session("reader", kOtherAccount)}},
      {"arn:aws:sts::123456789012:assumed-role/reader/session",
       {Session("reader")},
       {CallerOf(kAccount,
                 "arn:aws:sts::123456789012:assumed-role/reader/other")}},
      {"arn:aws:sts::123456789012:federated-user/alice",
       {federated},
       {User("alice")}},
      {"arn:aws:iam::123456789012:root",
       {User("alice"), Session("reader"), Root(), CallerOf(kAccount, "")},
       {User("alice", kOtherAccount)}},
  };
  for (const Case& c : cases) {
    const auto grant = Grant(GrantOf(arn, c.grantee, {"Encrypt"}));
    for (const KeyCaller& caller : c.allowed) {
      EXPECT_THAT(Encrypt(caller, arn), Succeeded()) << c.grantee;
    }
    for (const KeyCaller& caller : c.refused) {
      EXPECT_THAT(Encrypt(caller, arn), RefusedAs("AccessDeniedException"))
          << c.grantee << caller.caller.principal_arn;
    }
    ASSERT_EQ(kms_.RevokeGrant(User("admin"), arn, grant.grant_id),
              std::nullopt);
  }
}

TEST_F(KeyGrantsTest, Policies_MayDenyWhatAGrantAllows) {
  const std::string arn = NewKeyWith(R"({"Effect": "Deny",
      "Principal": {"AWS": "arn:aws:iam::123456789012:user/bob"},
      "Action": "kms:Encrypt", "Resource": "*"})");
  for (const char* const name : {"alice", "bob"}) {
    Grant(GrantOf(arn, UserArn(name), {"Encrypt"}));
  }
  Grant(GrantOf(arn, "arn:aws:iam::210987654321:root", {"Encrypt"}));
  // A grant to a user needs no identity policy, in other accounts either. One
  // to an account delegates to them.
  Grant(GrantOf(arn, UserArn("carol", kOtherAccount), {"Encrypt"}));
  identity_ = [](const AuthorizationRequest&) {
    return DecisionKind::kImplicitDeny;
  };
  EXPECT_THAT(Encrypt(User("alice"), arn), Succeeded());
  EXPECT_THAT(Encrypt(User("bob"), arn), RefusedAs("AccessDeniedException"));
  EXPECT_THAT(Encrypt(User("carol", kOtherAccount), arn), Succeeded());
  EXPECT_THAT(Encrypt(User("dave", kOtherAccount), arn),
              RefusedAs("AccessDeniedException"));
  identity_ = nullptr;
  EXPECT_THAT(Encrypt(User("dave", kOtherAccount), arn), Succeeded());
  identity_ = [](const AuthorizationRequest&) {
    return DecisionKind::kExplicitDeny;
  };
  EXPECT_THAT(Encrypt(User("alice"), arn), RefusedAs("AccessDeniedException"));
}

TEST_F(KeyGrantsTest, Constraints_AreAskedOfTheContext) {
  const std::string arn = AdminsKey();
  const EncryptionContext exact = {{"a", "1"}};
  const EncryptionContext more = {{"a", "1"}, {"b", "2"}};
  const std::string exact_blob = Blob(arn, exact);
  const std::string more_blob = Blob(arn, more);
  struct Case {
    GrantConstraints constraints;
    bool allows_exact;
    bool allows_more;
  };
  const std::vector<Case> cases = {
      {{std::nullopt, std::nullopt}, true, true},
      {{exact, std::nullopt}, true, false},
      {{std::nullopt, exact}, true, true},
      {{std::nullopt, more}, false, true},
      {{more, exact}, false, true},
      {{EncryptionContext(), std::nullopt}, false, false},
  };
  for (const Case& c : cases) {
    CreateGrantCall call =
        GrantOf(arn, UserArn("alice"),
                {"Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey"});
    call.constraints = c.constraints;
    const auto grant = Grant(call);
    const auto code = [](bool allows) {
      return allows ? "" : "AccessDeniedException";
    };
    EXPECT_THAT(Encrypt(User("alice"), arn, exact),
                RefusedAs(code(c.allows_exact)));
    EXPECT_THAT(Encrypt(User("alice"), arn, more),
                RefusedAs(code(c.allows_more)));
    EXPECT_THAT(Decrypt(User("alice"), exact_blob, "", exact),
                RefusedAs(code(c.allows_exact)));
    EXPECT_THAT(Decrypt(User("alice"), more_blob, arn, more),
                RefusedAs(code(c.allows_more)));
    EXPECT_THAT(kms_.GenerateDataKey(User("alice"), {arn, more, {}}),
                RefusedAs(code(c.allows_more)));
    // It has no context.
    EXPECT_THAT(Describe(User("alice"), arn), Succeeded());
    ASSERT_EQ(kms_.RevokeGrant(User("admin"), arn, grant.grant_id),
              std::nullopt);
  }
}

// "Granting CreateGrant permission" in KMS's guide.
TEST_F(KeyGrantsTest, AGrantByAGrant_StaysWithinIt) {
  const std::string arn = AdminsKey();
  CreateGrantCall parent = GrantOf(
      arn, UserArn("alice"), {"GenerateDataKey", "Decrypt", "CreateGrant"});
  parent.constraints.encryption_context_subset =
      EncryptionContext{{"Department", "IT"}};
  Grant(parent);
  const std::string before = State();
  CreateGrantCall child = GrantOf(arn, UserArn("bob"), {"Decrypt"});
  EXPECT_THAT(kms_.CreateGrant(User("alice"), child),
              RefusedAs("AccessDeniedException"));
  child.constraints.encryption_context_equals =
      EncryptionContext{{"Department", "HR"}};
  EXPECT_THAT(kms_.CreateGrant(User("alice"), child),
              RefusedAs("AccessDeniedException"));
  child.constraints.encryption_context_equals =
      EncryptionContext{{"Department", "IT"}};
  child.operations = {"Decrypt", "Encrypt"};
  EXPECT_THAT(kms_.CreateGrant(User("alice"), child),
              RefusedAs("AccessDeniedException"));
  EXPECT_EQ(State(), before);
  child.operations = {"Decrypt", "CreateGrant"};
  EXPECT_THAT(kms_.CreateGrant(User("alice"), child), Succeeded());
  // The child has no more than it was given either.
  CreateGrantCall grandchild =
      GrantOf(arn, UserArn("carol"), {"GenerateDataKey"});
  grandchild.constraints = child.constraints;
  EXPECT_THAT(kms_.CreateGrant(User("bob"), grandchild),
              RefusedAs("AccessDeniedException"));
  // Access by a policy has no such bounds.
  EXPECT_THAT(kms_.CreateGrant(User("admin"), grandchild), Succeeded());
}

TEST_F(KeyGrantsTest, List_ShowsTheGrantsInTheirOrder) {
  const std::string arn = AdminsKey();
  CreateGrantCall call =
      GrantOf(arn, UserArn("alice"), {"Decrypt", "Encrypt", "Decrypt"});
  call.retiring_principal = UserArn("admin");
  call.name = "grant/1";
  call.constraints.encryption_context_equals = EncryptionContext{{"a", "1"}};
  const auto first = Grant(call);
  const absl::Time then = clock_.Now();
  clock_.Advance(absl::Minutes(1));
  const auto second = Grant(GrantOf(arn, UserArn("bob"), {"DescribeKey"}));
  const std::vector<GrantEntry> grants = List(arn);
  ASSERT_EQ(grants.size(), 2U);
  EXPECT_EQ(grants[0].key_arn, arn);
  EXPECT_EQ(grants[0].grant_id, first.grant_id);
  EXPECT_EQ(grants[0].name, "grant/1");
  EXPECT_EQ(grants[0].creation_date, then);
  EXPECT_EQ(grants[0].grantee_principal, UserArn("alice"));
  EXPECT_EQ(grants[0].retiring_principal, UserArn("admin"));
  EXPECT_EQ(grants[0].issuing_account, "arn:aws:iam::123456789012:root");
  EXPECT_THAT(grants[0].operations, ElementsAre("Decrypt", "Encrypt"));
  EXPECT_EQ(grants[0].constraints, call.constraints);
  EXPECT_EQ(grants[1].grant_id, second.grant_id);
  EXPECT_EQ(grants[1].name, std::nullopt);
  EXPECT_EQ(grants[1].retiring_principal, std::nullopt);
  EXPECT_EQ(grants[1].creation_date, then + absl::Minutes(1));
}

TEST_F(KeyGrantsTest, List_IsFiltered) {
  const std::string arn = AdminsKey();
  const auto first = Grant(GrantOf(arn, UserArn("alice"), {"Decrypt"}));
  const auto second = Grant(GrantOf(arn, UserArn("bob"), {"Decrypt"}));
  const auto list = [&](std::optional<std::string> id,
                        std::optional<std::string> grantee) {
    ListGrantsCall call;
    call.key = arn;
    call.grant_id = std::move(id);
    call.grantee_principal = std::move(grantee);
    const auto page =
        std::get<ListGrantsResult>(kms_.ListGrants(User("admin"), call));
    std::string ids;
    for (const GrantEntry& grant : page.grants) {
      absl::StrAppend(&ids, grant.grant_id);
    }
    return ids;
  };
  EXPECT_EQ(list(first.grant_id, std::nullopt), first.grant_id);
  EXPECT_EQ(list(std::nullopt, UserArn("bob")), second.grant_id);
  EXPECT_EQ(list(first.grant_id, UserArn("bob")), "");
  EXPECT_EQ(list(std::string(64, '0'), std::nullopt), "");
}

TEST_F(KeyGrantsTest, Pages_CoverTheList) {
  const std::string arn = AdminsKey();
  std::vector<std::string> all;
  for (int i = 0; i < 60; ++i) {
    all.push_back(
        Grant(GrantOf(arn, UserArn(i % 2 == 0 ? "even" : "odd"), {"Decrypt"}))
            .grant_id);
  }
  for (const std::optional<int64_t> limit : std::vector<std::optional<int64_t>>{
           1, 7, 29, 30, 31, 59, 60, 61, 100, std::nullopt}) {
    for (const bool even_only : {false, true}) {
      std::vector<std::string> listed;
      ListGrantsCall call;
      call.key = arn;
      call.limit = limit;
      if (even_only) call.grantee_principal = UserArn("even");
      do {
        const auto page =
            std::get<ListGrantsResult>(kms_.ListGrants(User("admin"), call));
        EXPECT_LE(page.grants.size(), static_cast<size_t>(limit.value_or(50)));
        EXPECT_FALSE(page.grants.empty());
        for (const GrantEntry& grant : page.grants) {
          listed.push_back(grant.grant_id);
        }
        call.marker = page.next_marker;
      } while (call.marker.has_value() && listed.size() <= all.size());
      std::vector<std::string> expected;
      for (size_t i = 0; i < all.size(); i += even_only ? 2 : 1) {
        expected.push_back(all[i]);
      }
      EXPECT_EQ(listed, expected) << limit.value_or(0);
    }
  }
}

TEST_F(KeyGrantsTest, OtherLimitsAndMarkers_AreRefused) {
  const std::string arn = AdminsKey();
  const std::string other = NewKey();
  for (int i = 0; i < 2; ++i) {
    Grant(GrantOf(arn, UserArn("alice"), {"Decrypt"}));
  }
  ListGrantsCall call;
  call.key = arn;
  for (const int64_t limit : {0, 101}) {
    call.limit = limit;
    EXPECT_THAT(kms_.ListGrants(User("admin"), call),
                RefusedAs("ValidationException"));
  }
  call.limit = 1;
  call.marker = std::get<ListGrantsResult>(kms_.ListGrants(User("admin"), call))
                    .next_marker;
  ASSERT_NE(call.marker, std::nullopt);
  call.key = other;
  EXPECT_THAT(kms_.ListGrants(User("admin"), call),
              RefusedInSilence("InvalidMarkerException"));
  call.key = arn;
  call.marker = "1";
  EXPECT_THAT(kms_.ListGrants(User("admin"), call),
              RefusedInSilence("InvalidMarkerException"));
  call.marker = std::nullopt;
  call.grant_id = "no id";
  EXPECT_THAT(kms_.ListGrants(User("admin"), call),
              RefusedAs("InvalidGrantIdException"));
  call.grant_id = std::string(129, '0');
  EXPECT_THAT(kms_.ListGrants(User("admin"), call),
              RefusedAs("ValidationException"));
}

TEST_F(KeyGrantsTest, ANameMakesACallRepeatable) {
  const std::string arn = AdminsKey();
  CreateGrantCall call = GrantOf(arn, UserArn("alice"), {"Decrypt", "Encrypt"});
  call.name = "name";
  call.retiring_principal = UserArn("admin");
  call.constraints.encryption_context_subset = EncryptionContext{{"a", "1"}};
  const auto first = Grant(call);
  std::set<std::string> tokens = {first.grant_token};
  for (int i = 0; i < 3; ++i) {
    // The order of the operations is not one of its members.
    std::swap(call.operations[0], call.operations[1]);
    clock_.Advance(absl::Hours(1));
    const auto again = Grant(call);
    EXPECT_EQ(again.grant_id, first.grant_id);
    EXPECT_TRUE(tokens.insert(again.grant_token).second);
  }
  EXPECT_EQ(List(arn).size(), 1U);
  // All tokens are equivalent.
  for (const std::string& token : tokens) {
    EXPECT_THAT(kms_.DescribeKey(User("admin"), {arn, {token}}), Succeeded());
  }
  // Each other member makes another grant.
  std::vector<CreateGrantCall> others(6, call);
  others[0].name = "other";
  others[1].name = std::nullopt;
  others[2].grantee_principal = UserArn("bob");
  others[3].retiring_principal = std::nullopt;
  others[4].operations = {"Decrypt"};
  others[5].constraints = {};
  std::set<std::string> ids = {first.grant_id};
  for (const CreateGrantCall& other : others) {
    EXPECT_TRUE(ids.insert(Grant(other).grant_id).second);
  }
  // Without a name, every call makes another one.
  EXPECT_TRUE(ids.insert(Grant(others[1]).grant_id).second);
  EXPECT_EQ(List(arn).size(), ids.size());
  // A grant that was revoked is not found again.
  ASSERT_EQ(kms_.RevokeGrant(User("admin"), arn, first.grant_id), std::nullopt);
  EXPECT_TRUE(ids.insert(Grant(call).grant_id).second);
}

TEST_F(KeyGrantsTest, ANameIsOfTheAccountThatGaveIt) {
  const std::string arn = NewKeyWith(R"({"Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
      "Action": "kms:CreateGrant", "Resource": "*"})");
  CreateGrantCall call = GrantOf(arn, UserArn("alice"), {"Decrypt"});
  call.name = "name";
  const auto own = Grant(call);
  const auto others = Grant(call, User("bob", kOtherAccount));
  EXPECT_NE(own.grant_id, others.grant_id);
  const std::vector<GrantEntry> grants = List(arn);
  ASSERT_EQ(grants.size(), 2U);
  EXPECT_EQ(grants[1].issuing_account, "arn:aws:iam::210987654321:root");
}

TEST_F(KeyGrantsTest, Tokens_NameGrantsThatExist) {
  const std::string arn = AdminsKey();
  const auto grant = Grant(GrantOf(arn, UserArn("alice"), {"Encrypt"}));
  const auto other = Grant(GrantOf(NewKey(), UserArn("bob"), {"Encrypt"}));
  EncryptCall call{arn, Secret("text"), {}, {grant.grant_token}};
  EXPECT_THAT(kms_.Encrypt(User("alice"), call), Succeeded());
  // A token of another grant does no harm, and no good.
  call.grant_tokens = {other.grant_token, grant.grant_token};
  EXPECT_THAT(kms_.Encrypt(User("alice"), call), Succeeded());
  EXPECT_THAT(kms_.Encrypt(User("carol"), call),
              RefusedAs("AccessDeniedException"));
  const auto invalid =
      RefusedWith("InvalidGrantTokenException",
                  "the grant token is not one of a grant that exists");
  call.grant_tokens = {grant.grant_token, "no token"};
  EXPECT_THAT(kms_.Encrypt(User("alice"), call), invalid);
  call.grant_tokens = {grant.grant_token};
  ASSERT_EQ(kms_.RevokeGrant(User("admin"), arn, grant.grant_id), std::nullopt);
  EXPECT_THAT(kms_.Encrypt(User("admin"), call), invalid);
  DescribeKeyCall describe{arn, {grant.grant_token}};
  EXPECT_THAT(kms_.DescribeKey(User("admin"), describe), invalid);
  CreateGrantCall create = GrantOf(arn, UserArn("bob"), {"Encrypt"});
  create.grant_tokens = {grant.grant_token};
  EXPECT_THAT(kms_.CreateGrant(User("admin"), create), invalid);
  // A token of another LocalKms is none of ours.
  LocalKms another;
  const auto key = std::get<KeyMetadata>(another.CreateKey(User("admin"), {}));
  const auto foreign = std::get<CreateGrantResult>(another.CreateGrant(
      User("admin"), GrantOf(key.arn, UserArn("alice"), {"Encrypt"})));
  call.grant_tokens = {foreign.grant_token};
  EXPECT_THAT(kms_.Encrypt(User("admin"), call), invalid);
}

TEST_F(KeyGrantsTest, RevokeGrant_NeedsAGrantOfTheKey) {
  const std::string arn = AdminsKey();
  const std::string other = NewKey();
  const auto grant = Grant(GrantOf(arn, UserArn("alice"), {"Encrypt"}));
  const std::string before = State();
  EXPECT_THAT(
      kms_.RevokeGrant(User("admin"), other, grant.grant_id),
      RefusedWith("NotFoundException",
                  absl::StrCat("Grant ID ", grant.grant_id, " not found")));
  for (const std::string& id : {std::string("g"), grant.grant_id + "0",
                                grant.grant_id.substr(1) + "g"}) {
    EXPECT_THAT(kms_.RevokeGrant(User("admin"), arn, id),
                RefusedWith("InvalidGrantIdException",
                            "a grant id consists of 64 hexadecimal digits"));
  }
  for (const std::string& id : {std::string(), std::string(129, '0')}) {
    EXPECT_THAT(kms_.RevokeGrant(User("admin"), arn, id),
                RefusedAs("ValidationException"));
  }
  EXPECT_EQ(State(), before);
  // A disabled key's grants can be revoked.
  ASSERT_EQ(kms_.DisableKey(User("admin"), arn), std::nullopt);
  EXPECT_EQ(kms_.RevokeGrant(User("admin"), arn, grant.grant_id), std::nullopt);
  EXPECT_TRUE(List(arn).empty());
}

TEST_F(KeyGrantsTest, CreateGrant_RefusesWhatIsNoGrant) {
  const std::string arn = AdminsKey();
  const std::string rsa = NewKeyOf("RSA_2048", "SIGN_VERIFY");
  const std::string before = State();
  for (const std::string principal :
       {"glue.amazonaws.com", "123456789012",
        "arn:aws:iam::123456789012:group/g", "arn:aws:s3:::bucket"}) {
    const auto refused = RefusedWith(
        "InvalidArnException",
        absl::StrCat("ARN does not refer to a valid principal: ", principal));
    CreateGrantCall call = GrantOf(arn, principal, {"Decrypt"});
    EXPECT_THAT(kms_.CreateGrant(User("admin"), call), refused);
    call.grantee_principal = UserArn("alice");
    call.retiring_principal = principal;
    EXPECT_THAT(kms_.CreateGrant(User("admin"), call), refused);
  }
  EXPECT_THAT(
      kms_.CreateGrant(User("admin"), GrantOf(arn, UserArn("a"), {"Sign"})),
      RefusedWith("ValidationException",
                  "a key of the spec SYMMETRIC_DEFAULT does not support the "
                  "operation Sign"));
  EXPECT_THAT(
      kms_.CreateGrant(User("admin"), GrantOf(rsa, UserArn("a"), {"Encrypt"})),
      RefusedWith("ValidationException",
                  "a key of the spec RSA_2048 does not support the operation "
                  "Encrypt"));
  EXPECT_THAT(
      kms_.CreateGrant(User("admin"),
                       GrantOf(arn, UserArn("a"), {"Decrypt", "PutKeyPolicy"})),
      RefusedWith("ValidationException",
                  "1 validation error detected: Value 'PutKeyPolicy' at "
                  "'operations.2.member' failed to satisfy constraint: Member "
                  "must satisfy enum value set: [Decrypt, Encrypt, "
                  "GenerateDataKey, GenerateDataKeyWithoutPlaintext, "
                  "ReEncryptFrom, ReEncryptTo, Sign, Verify, GetPublicKey, "
                  "CreateGrant, RetireGrant, DescribeKey, GenerateDataKeyPair, "
                  "GenerateDataKeyPairWithoutPlaintext, GenerateMac, "
                  "VerifyMac]"));
  EXPECT_THAT(kms_.CreateGrant(User("admin"), GrantOf(arn, UserArn("a"), {})),
              RefusedAs("ValidationException"));
  CreateGrantCall named = GrantOf(arn, UserArn("a"), {"Decrypt"});
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string(257, 'n')}) {
    named.name = name;
    EXPECT_THAT(kms_.CreateGrant(User("admin"), named),
                RefusedAs("ValidationException"));
  }
  EXPECT_THAT(
      kms_.CreateGrant(User("admin"),
                       GrantOf(arn, std::string(257, 'p'), {"Decrypt"})),
      RefusedAs("ValidationException"));
  EXPECT_EQ(State(), before);
}

TEST_F(KeyGrantsTest, CreateGrant_NeedsAnEnabledKey) {
  const std::string arn = AdminsKey();
  ASSERT_EQ(kms_.DisableKey(User("admin"), arn), std::nullopt);
  EXPECT_THAT(
      kms_.CreateGrant(User("admin"),
                       GrantOf(arn, UserArn("alice"), {"Decrypt"})),
      RefusedWith("DisabledException", absl::StrCat(arn, " is disabled.")));
  EXPECT_TRUE(List(arn).empty());
}

TEST_F(KeyGrantsTest, AKey_HasAsManyGrantsAsItMay) {
  const std::string arn = AdminsKey();
  CreateGrantCall named = GrantOf(arn, UserArn("alice"), {"Decrypt"});
  named.name = "name";
  const auto first = Grant(named);
  for (int i = 1; i < 70; ++i) {
    Grant(GrantOf(arn, UserArn("alice"), {"Decrypt"}));
  }
  const std::string before = State();
  EXPECT_THAT(kms_.CreateGrant(User("admin"),
                               GrantOf(arn, UserArn("alice"), {"Decrypt"})),
              RefusedWith("LimitExceededException",
                          "the key has as many grants as it may have"));
  EXPECT_EQ(State(), before);
  // A call that makes none is not refused.
  EXPECT_EQ(Grant(named).grant_id, first.grant_id);
  ASSERT_EQ(kms_.RevokeGrant(User("admin"), arn, first.grant_id), std::nullopt);
  EXPECT_THAT(kms_.CreateGrant(User("admin"), named), Succeeded());
}

// The condition keys of operations on grants.
TEST_F(KeyGrantsTest, ConditionKeys) {
  struct Case {
    std::string condition;
    std::function<void(CreateGrantCall*)> allow;
    std::function<void(CreateGrantCall*)> refuse;
  };
  const std::vector<Case> cases = {
      {R"({"StringEquals": {"kms:GranteePrincipal":
           "arn:aws:iam::123456789012:user/bob"}})",
       [](CreateGrantCall* call) { call->grantee_principal = UserArn("bob"); },
       [](CreateGrantCall* call) {
         call->grantee_principal = UserArn("carol");
       }},
      {R"({"StringEquals": {"kms:RetiringPrincipal":
           "arn:aws:iam::123456789012:user/bob"}})",
       [](CreateGrantCall* call) { call->retiring_principal = UserArn("bob"); },
       [](CreateGrantCall*) {}},
      {R"({"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt",
           "Decrypt"]}})",
       [](CreateGrantCall* call) { call->operations = {"Decrypt"}; },
       [](CreateGrantCall* call) {
         call->operations = {"Decrypt", "DescribeKey"};
       }},
      {R"({"StringEquals": {"kms:GrantConstraintType":
           "EncryptionContextEquals"}})",
       [](CreateGrantCall* call) {
         call->constraints.encryption_context_equals =
             EncryptionContext{{"a", "1"}};
       },
       [](CreateGrantCall* call) {
         call->constraints.encryption_context_subset =
             EncryptionContext{{"a", "1"}};
       }},
      {R"({"StringEquals": {"kms:EncryptionContext:a": "1"}})",
       [](CreateGrantCall* call) {
         call->constraints.encryption_context_subset =
             EncryptionContext{{"a", "1"}};
       },
       [](CreateGrantCall*) {}},
  };
  for (const Case& c : cases) {
    const std::string arn = NewKeyWith(absl::StrCat(
        R"({"Effect": "Deny", "Principal": "*", "Action": "kms:CreateGrant",)"
        R"( "Resource": "*", "Condition": {"StringEquals":)"
        R"( {"aws:username": "none"}}}, {"Effect": "Allow", "Principal":)"
        R"( {"AWS": "arn:aws:iam::123456789012:user/alice"},)"
        R"( "Action": "kms:CreateGrant", "Resource": "*", "Condition": )",
        c.condition, "}"));
    identity_ = [](const AuthorizationRequest&) {
      return DecisionKind::kImplicitDeny;
    };
    CreateGrantCall call = GrantOf(arn, UserArn("bob"), {"Decrypt"});
    c.refuse(&call);
    EXPECT_THAT(kms_.CreateGrant(User("alice"), call),
                RefusedAs("AccessDeniedException"))
        << c.condition;
    call = GrantOf(arn, UserArn("bob"), {"Decrypt"});
    c.allow(&call);
    EXPECT_THAT(kms_.CreateGrant(User("alice"), call), Succeeded())
        << c.condition;
    identity_ = nullptr;
  }
}

TEST_F(KeyGrantsTest, GrantsMayBeForServicesOnly) {
  const std::string arn = NewKeyWith(R"({"Effect": "Deny",
      "Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"},
      "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
      "Resource": "*",
      "Condition": {"Bool": {"kms:GrantIsForAWSResource": "false"}}})");
  const CreateGrantCall call = GrantOf(arn, UserArn("bob"), {"Decrypt"});
  EXPECT_THAT(kms_.CreateGrant(User("alice"), call),
              RefusedAs("AccessDeniedException"));
  const auto granted = kms_.CreateGrant(ThroughGlue(User("alice")), call);
  ASSERT_THAT(granted, Succeeded());
  const std::string& id = std::get<CreateGrantResult>(granted).grant_id;
  EXPECT_THAT(kms_.ListGrants(User("alice"), {arn}),
              RefusedAs("AccessDeniedException"));
  EXPECT_THAT(kms_.ListGrants(ThroughGlue(User("alice")), {arn}), Succeeded());
  EXPECT_THAT(kms_.RevokeGrant(User("alice"), arn, id),
              RefusedAs("AccessDeniedException"));
  EXPECT_EQ(kms_.RevokeGrant(ThroughGlue(User("alice")), arn, id),
            std::nullopt);
}

}  // namespace
}  // namespace glue_security
