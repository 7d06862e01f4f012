// Key policies: who may do what with a key by its policy and the caller's
// identity policies, and which documents are refused.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/encryption/keys/local_kms_fixture.h"

namespace glue_security {
namespace {

using ::testing::Not;

constexpr char kLockedOut[] =
    "The new key policy will not allow you to update the key policy in the "
    "future.";

// Returns the policy with these statements alone.
std::string PolicyOf(const std::vector<std::string>& statements) {
  return absl::StrCat(R"({"Version": "2012-10-17", "Statement": [)",
                      absl::StrJoin(statements, ", "), "]}");
}

// Returns a statement about all operations on the key.
std::string Statement(const std::string& effect, const std::string& principal,
                      const std::string& action = "\"kms:*\"",
                      const std::string& condition = "{}") {
  return absl::StrCat(R"({"Effect": ")", effect, R"(", "Principal": )",
                      principal, R"(, "Action": )", action,
                      R"(, "Resource": "*", "Condition": )", condition, "}");
}

std::string Aws(const std::string& name) {
  return absl::StrCat(R"({"AWS": "arn:aws:iam::123456789012:)", name, "\"}");
}

class KeyPoliciesTest : public LocalKmsTest {
 protected:
  // Makes a key with exactly these statements.
  std::string KeyWith(const std::vector<std::string>& statements) {
    CreateKeyCall call;
    call.policy = PolicyOf(statements);
    call.bypass_policy_lockout_safety_check = true;
    return NewKey(call);
  }

  void SetIdentity(DecisionKind kind) {
    identity_ = [kind](const AuthorizationRequest&) { return kind; };
  }

  // Returns the text with which alice may not encrypt.
  std::string Denied(const std::string& arn, const std::string& reason) {
    return absl::StrCat(
        "User: arn:aws:iam::123456789012:user/alice is not authorized to "
        "perform: kms:Encrypt on resource: ",
        arn, reason);
  }
};

constexpr char kNoResource[] =
    " because no resource-based policy allows the kms:Encrypt action";
constexpr char kNoIdentity[] =
    " because no identity-based policy allows the kms:Encrypt action";
constexpr char kDeniedByResource[] =
    " with an explicit deny in a resource-based policy";
constexpr char kDeniedByIdentity[] =
    " with an explicit deny in an identity-based policy";

// Each way in which a policy can name a user of the account, with each decision
// of the identity policies.
TEST_F(KeyPoliciesTest, WithinTheAccount_ThePolicyMustAllow) {
  struct Case {
    std::vector<std::string> statements;
    // The end of the refusal, for an Allow, an implicit and an explicit Deny of
    // the identity policies. Empty: access.
    std::string allow, implicit, denied;
  };
  const std::string alice = Aws("user/alice");
  const std::string root = Aws("root");
  const std::string everybody = R"({"AWS": "*"})";
  const std::string bob = Aws("user/bob");
  const std::vector<Case> cases = {
      {{Statement("Allow", bob)}, kNoResource, kNoResource, kDeniedByIdentity},
      {{Statement("Allow", alice)}, "", "", kDeniedByIdentity},
      {{Statement("Allow", everybody)}, "", "", kDeniedByIdentity},
      // Delegation: then the identity policies must allow it.
      {{Statement("Allow", root)}, "", kNoIdentity, kDeniedByIdentity},
      {{Statement("Allow", R"({"AWS": "123456789012"})")},
       "",
       kNoIdentity,
       kDeniedByIdentity},
      {{Statement("Allow", root), Statement("Allow", alice)},
       "",
       "",
       kDeniedByIdentity},
      {{Statement("Allow", alice), Statement("Deny", alice)},
       kDeniedByResource,
       kDeniedByResource,
       kDeniedByIdentity},
      {{Statement("Allow", alice), Statement("Deny", root)},
       kDeniedByResource,
       kDeniedByResource,
       kDeniedByIdentity},
      {{Statement("Allow", alice, "\"kms:Decrypt\"")},
       kNoResource,
       kNoResource,
       kDeniedByIdentity},
      {{Statement("Allow", alice, "\"KMS:enc*\"")}, "", "", kDeniedByIdentity},
  };
  for (const Case& c : cases) {
    identity_ = nullptr;
    const std::string arn = KeyWith(c.statements);
    const std::vector<std::pair<DecisionKind, std::string>> decisions = {
        {DecisionKind::kAllow, c.allow},
        {DecisionKind::kImplicitDeny, c.implicit},
        {DecisionKind::kExplicitDeny, c.denied},
        {DecisionKind::kUndecided, c.denied}};
    for (const auto& [identity, reason] : decisions) {
      SetIdentity(identity);
      const auto answer = Encrypt(User("alice"), arn);
      if (reason.empty()) {
        EXPECT_THAT(answer, Succeeded()) << PolicyOf(c.statements);
      } else {
        EXPECT_THAT(answer,
                    RefusedWith("AccessDeniedException", Denied(arn, reason)))
            << PolicyOf(c.statements);
      }
    }
  }
}

TEST_F(KeyPoliciesTest, Sessions_AreNamedByTheirRole) {
  const std::string arn = KeyWith({Statement("Allow", Aws("role/reader"))});
  SetIdentity(DecisionKind::kImplicitDeny);
  EXPECT_THAT(Encrypt(Session("reader"), arn), Succeeded());
  EXPECT_THAT(
      Encrypt(Session("writer"), arn),
      RefusedWith("AccessDeniedException",
                  absl::StrCat("User: arn:aws:sts::123456789012:assumed-role/"
                               "writer/session is not authorized to perform: "
                               "kms:Encrypt on resource: ",
                               arn, kNoResource)));
  // A role without a session, as a service that uses it names it.
  EXPECT_THAT(
      Encrypt(CallerOf(kAccount, "arn:aws:iam::123456789012:role/reader"), arn),
      Succeeded());
}

TEST_F(KeyPoliciesTest, ACallerWithoutAnArn_IsTheRootUser) {
  const KeyCaller unknown = CallerOf(kAccount, "");
  EXPECT_THAT(Encrypt(unknown, NewKey()), Succeeded());
  const std::string arn = KeyWith({Statement("Allow", Aws("user/alice"))});
  EXPECT_THAT(
      Encrypt(unknown, arn),
      RefusedWith("AccessDeniedException",
                  absl::StrCat("User: arn:aws:iam::123456789012:root is not "
                               "authorized to perform: kms:Encrypt on "
                               "resource: ",
                               arn, kNoResource)));
}

TEST_F(KeyPoliciesTest, AService_NeedsThePolicyAlone) {
  KeyCaller logs = CallerOf(kAccount, "");
  logs.service = "logs.us-east-1.amazonaws.com";
  const std::string arn = KeyWith({Statement(
      "Allow", R"({"Service": "logs.us-east-1.amazonaws.com"})",
      R"(["kms:Encrypt*", "kms:Decrypt*"])",
      R"({"StringEquals": {"kms:EncryptionContext:aws:logs:arn": "group"}})")});
  SetIdentity(DecisionKind::kExplicitDeny);
  EXPECT_THAT(Encrypt(logs, arn, {{"aws:logs:arn", "group"}}), Succeeded());
  EXPECT_THAT(
      Encrypt(logs, arn, {{"aws:logs:arn", "another"}}),
      RefusedWith("AccessDeniedException",
                  absl::StrCat("Service Principal: "
                               "logs.us-east-1.amazonaws.com is not authorized "
                               "to perform: kms:Encrypt on resource: ",
                               arn, kNoResource)));
  EXPECT_THAT(
      kms_.GenerateDataKey(logs, {arn, {{"aws:logs:arn", "group"}}, {}}),
      RefusedAs("AccessDeniedException"));
}

// Each condition key, with a call that has the value and one that has not.
TEST_F(KeyPoliciesTest, ConditionKeys) {
  struct Case {
    std::string condition;
    std::function<KeyRefusal(const std::string& arn)> allowed;
    std::function<KeyRefusal(const std::string& arn)> refused;
  };
  const auto encrypt = [this](const KeyCaller& caller,
                              const EncryptionContext& context = {}) {
    return [this, caller, context](const std::string& arn) {
      return RefusalOf(Encrypt(caller, arn, context));
    };
  };
  const auto by_alias = [this](const std::string& name) {
    return [this, name](const std::string& arn) {
      kms_.CreateAlias(User("admin"), "alias/a", arn);
      kms_.CreateAlias(User("admin"), "alias/b", arn);
      const KeyRefusal refusal =
          RefusalOf(Encrypt(User("alice"), name.empty() ? arn : name));
      kms_.DeleteAlias(User("admin"), "alias/a");
      kms_.DeleteAlias(User("admin"), "alias/b");
      return refusal;
    };
  };
  const KeyCaller alice = User("alice");
  const auto describe = [this](const std::string& arn) {
    return RefusalOf(Describe(User("alice"), arn));
  };
  KeyCaller through_s3 = alice;
  through_s3.via_service = "s3.us-east-1.amazonaws.com";
  const std::vector<Case> cases = {
      {R"({"StringEquals": {"kms:ViaService": "glue.us-east-1.amazonaws.com"}})",
       encrypt(ThroughGlue(alice)), encrypt(alice)},
      {R"({"StringEquals": {"kms:ViaService": "glue.us-east-1.amazonaws.com"}})",
       encrypt(ThroughGlue(alice)), encrypt(through_s3)},
      {R"({"Bool": {"aws:ViaAWSService": "true"}})",
       encrypt(ThroughGlue(alice)), encrypt(alice)},
      {R"({"StringEquals": {"kms:CallerAccount": "123456789012"}})",
       encrypt(alice), encrypt(User("a", kOtherAccount))},
      {R"({"StringEquals": {"kms:EncryptionContext:Table": "orders"}})",
       encrypt(alice, {{"table", "orders"}, {"b", ""}}),
       encrypt(alice, {{"table", "Orders"}})},
      {R"({"StringEquals": {"kms:EncryptionContext:table": "orders"}})",
       encrypt(alice, {{"table", "orders"}}), encrypt(alice)},
      // An operation without a context does not fulfil it.
      {R"({"StringEquals": {"kms:EncryptionContext:table": "orders"}})",
       encrypt(alice, {{"table", "orders"}}), describe},
      {R"({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "a"}})",
       encrypt(alice, {{"a", "1"}}), encrypt(alice, {{"a", "1"}, {"b", "2"}})},
      {R"({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "a"}})",
       encrypt(alice, {{"a", "1"}, {"b", "2"}}), encrypt(alice, {{"A", "1"}})},
      {R"({"Null": {"kms:EncryptionContextKeys": "false"}})",
       encrypt(alice, {{"a", "1"}}), encrypt(alice)},
      {R"({"StringEquals": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}})",
       encrypt(alice), describe},
      {R"({"StringEquals": {"kms:RequestAlias": "alias/a"}})",
       by_alias("alias/a"), by_alias("alias/b")},
      {R"({"StringEquals": {"kms:RequestAlias": "alias/a"}})",
       by_alias("arn:aws:kms:us-east-1:123456789012:alias/a"), by_alias("")},
      {R"({"StringEquals": {"aws:PrincipalArn":
           "arn:aws:iam::123456789012:user/alice"}})",
       encrypt(alice), encrypt(User("bob"))},
      {R"({"StringEquals": {"aws:username": "alice"}})", encrypt(alice),
       encrypt(Session("alice"))},
      {R"({"StringEquals": {"kms:EncryptionContext:user": "${aws:username}"}})",
       encrypt(alice, {{"user", "alice"}}), encrypt(alice, {{"user", "bob"}})},
      {R"({"DateGreaterThan": {"aws:CurrentTime": "2023-01-01T00:00:00Z"}})",
       encrypt(alice),
       [&, this](const std::string& arn) {
         clock_.Set(absl::FromUnixSeconds(1'600'000'000));
         const KeyRefusal refusal = RefusalOf(Encrypt(alice, arn));
         clock_.Set(absl::FromUnixSeconds(1'700'000'000));
         return refusal;
       }},
      {R"({"NumericLessThan": {"aws:EpochTime": "1700000001"}})",
       encrypt(alice),
       [&, this](const std::string& arn) {
         clock_.Set(absl::FromUnixSeconds(1'800'000'000));
         const KeyRefusal refusal = RefusalOf(Encrypt(alice, arn));
         clock_.Set(absl::FromUnixSeconds(1'700'000'000));
         return refusal;
       }},
  };
  for (const Case& c : cases) {
    const std::string arn = KeyWith(
        {Statement("Allow", R"({"AWS": "*"})",
                   R"(["kms:Encrypt", "kms:DescribeKey"])", c.condition),
         Statement("Allow", Aws("user/admin"))});
    EXPECT_EQ(c.allowed(arn).code, "") << c.condition;
    EXPECT_EQ(c.refused(arn).code, "AccessDeniedException") << c.condition;
  }
}

// The condition keys that say what the key is.
TEST_F(KeyPoliciesTest, ConditionKeysOfTheKey) {
  const std::map<std::string, std::string> values = {
      {"kms:KeyOrigin", "AWS_KMS"},
      {"kms:KeySpec", "ECC_NIST_P256"},
      {"kms:CustomerMasterKeySpec", "ECC_NIST_P256"},
      {"kms:KeyUsage", "SIGN_VERIFY"},
      {"kms:CustomerMasterKeyUsage", "SIGN_VERIFY"},
      {"kms:MultiRegion", "false"},
      {"aws:ResourceAccount", "123456789012"},
      {"aws:RequestedRegion", "us-east-1"},
  };
  for (const auto& [key, value] : values) {
    for (const bool is_right : {false, true}) {
      CreateKeyCall call;
      call.key_spec = "ECC_NIST_P256";
      call.key_usage = "SIGN_VERIFY";
      call.bypass_policy_lockout_safety_check = true;
      call.policy = PolicyOf(
          {Statement("Allow", Aws("user/alice"), "\"kms:DescribeKey\"",
                     absl::StrCat(R"({"StringEquals": {")", key, R"(": ")",
                                  is_right ? value : "another", "\"}}"))});
      EXPECT_THAT(Describe(User("alice"), NewKey(call)),
                  RefusedAs(is_right ? "" : "AccessDeniedException"))
          << key;
    }
  }
}

// The identity policies are asked about the same request, and also know the
// aliases of the key.
TEST_F(KeyPoliciesTest, TheIdentityDecision_IsAskedAboutTheRequest) {
  const std::string arn = NewKey();
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/a", arn), std::nullopt);
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/b", arn), std::nullopt);
  std::vector<AuthorizationRequest> asked;
  identity_ = [&](const AuthorizationRequest& request) {
    asked.push_back(request);
    return DecisionKind::kAllow;
  };
  EXPECT_THAT(Encrypt(ThroughGlue(User("alice")), "alias/a", {{"k", "v"}}),
              Succeeded());
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].principal.arn, "arn:aws:iam::123456789012:user/alice");
  EXPECT_EQ(asked[0].action, "kms:Encrypt");
  EXPECT_EQ(asked[0].resource, arn);
  const ContextKeys& keys = asked[0].context;
  EXPECT_EQ(keys.at("kms:ResourceAliases"),
            (std::vector<std::string>{"alias/a", "alias/b"}));
  EXPECT_EQ(keys.at("kms:EncryptionContext:k"), std::vector<std::string>{"v"});
  EXPECT_EQ(keys.at("kms:ViaService"),
            std::vector<std::string>{"glue.us-east-1.amazonaws.com"});
}

TEST_F(KeyPoliciesTest, CreateKey_AsksTheIdentityPolicies) {
  std::vector<AuthorizationRequest> asked;
  identity_ = [&](const AuthorizationRequest& request) {
    asked.push_back(request);
    return DecisionKind::kImplicitDeny;
  };
  CreateKeyCall call;
  call.key_spec = "RSA_2048";
  call.key_usage = "SIGN_VERIFY";
  call.bypass_policy_lockout_safety_check = true;
  EXPECT_THAT(
      kms_.CreateKey(User("alice"), call),
      RefusedWith("AccessDeniedException",
                  "User: arn:aws:iam::123456789012:user/alice is not "
                  "authorized to perform: kms:CreateKey because no "
                  "identity-based policy allows the kms:CreateKey action"));
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].action, "kms:CreateKey");
  EXPECT_EQ(asked[0].resource, "*");
  const auto value = [&](const char* key) {
    return absl::StrJoin(asked[0].context[key], " ");
  };
  EXPECT_EQ(value("kms:KeySpec"), "RSA_2048");
  EXPECT_EQ(value("kms:KeyUsage"), "SIGN_VERIFY");
  EXPECT_EQ(value("kms:KeyOrigin"), "AWS_KMS");
  EXPECT_EQ(value("kms:MultiRegion"), "false");
  EXPECT_EQ(value("kms:BypassPolicyLockoutSafetyCheck"), "true");
}

// Condition keys that one operation has.
TEST_F(KeyPoliciesTest, ConditionKeysOfOperations) {
  const std::string arn = KeyWith(
      {Statement("Allow", Aws("user/admin")),
       Statement("Allow", Aws("user/alice"), "\"kms:ScheduleKeyDeletion\"",
                 R"({"NumericGreaterThanEquals":
                    {"kms:ScheduleKeyDeletionPendingWindowInDays": "14"}})"),
       Statement(
           "Allow", Aws("user/alice"), "\"kms:PutKeyPolicy\"",
           R"({"Null": {"kms:BypassPolicyLockoutSafetyCheck": "true"}})")});
  EXPECT_THAT(kms_.ScheduleKeyDeletion(User("alice"), {arn, 13}),
              RefusedAs("AccessDeniedException"));
  PutKeyPolicyCall put;
  put.key = arn;
  put.policy = PolicyOf({Statement("Allow", Aws("user/alice")),
                         Statement("Allow", Aws("user/admin"))});
  for (const bool bypass : {false, true}) {
    put.bypass_policy_lockout_safety_check = bypass;
    EXPECT_THAT(kms_.PutKeyPolicy(User("alice"), put),
                RefusedAs("AccessDeniedException"));
  }
  EXPECT_THAT(kms_.ScheduleKeyDeletion(User("alice"), {arn, 14}), Succeeded());
  put.bypass_policy_lockout_safety_check = std::nullopt;
  EXPECT_THAT(kms_.PutKeyPolicy(User("alice"), put), Succeeded());
}

TEST_F(KeyPoliciesTest, TheDefaultPolicy_DelegatesToTheAccount) {
  const std::string arn = NewKey();
  EXPECT_EQ(std::get<std::string>(kms_.GetKeyPolicy(User("admin"), {arn})),
            R"({
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::123456789012:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
})");
}

TEST_F(KeyPoliciesTest, GetKeyPolicy_GivesTheTextAsItWasPut) {
  const std::string arn = NewKey();
  const std::string text = absl::StrCat(
      " ", PolicyOf({Statement("Allow", Aws("user/admin"))}), "\n");
  ASSERT_EQ(PutPolicy(User("admin"), arn, text), std::nullopt);
  EXPECT_EQ(std::get<std::string>(kms_.GetKeyPolicy(User("admin"), {arn})),
            text);
  // It is in force.
  EXPECT_THAT(Encrypt(User("alice"), arn), RefusedAs("AccessDeniedException"));
}

TEST_F(KeyPoliciesTest, ThereIsOnePolicyName) {
  const std::string arn = NewKey();
  const std::string before = State();
  PutKeyPolicyCall put;
  put.key = arn;
  put.policy = PolicyOf({Statement("Allow", Aws("user/admin"))});
  put.policy_name = "other";
  EXPECT_THAT(kms_.PutKeyPolicy(User("admin"), put),
              RefusedWith("NotFoundException", "No such policy exists"));
  EXPECT_THAT(kms_.GetKeyPolicy(User("admin"), {arn, "other"}),
              RefusedWith("NotFoundException", "No such policy exists"));
  for (const std::string name : {"", "de fault"}) {
    put.policy_name = name;
    EXPECT_THAT(kms_.PutKeyPolicy(User("admin"), put),
                RefusedAs("ValidationException"));
    EXPECT_THAT(kms_.GetKeyPolicy(User("admin"), {arn, name}),
                RefusedAs("ValidationException"));
  }
  EXPECT_EQ(State(), before);
}

TEST_F(KeyPoliciesTest, DocumentsThatAreNoPolicies_AreRefused) {
  const std::string arn = NewKey();
  const std::string before = State();
  struct Case {
    std::string policy;
    std::string message;
  };
  const std::string principals =
      "Policy contains a statement with one or more invalid principals.";
  const std::vector<Case> cases = {
      {"no json", "This policy contains invalid Json"},
      {"[]", "This policy contains invalid Json"},
      {PolicyOf({Statement("Allow", R"({"AWS": "alice"})")}), principals},
      {PolicyOf({Statement("Allow", R"({"AWS": "arn:aws:iam::*:root"})")}),
       principals},
      {PolicyOf({Statement("Allow", R"({"Group": "g"})")}), principals},
      {PolicyOf({Statement("allow", R"("*")")}),
       "Effect must be \"Allow\" or \"Deny\", in exactly this case (at "
       "\"/Statement/0/Effect\")"},
      {"{}", "a policy needs a Statement (at \"\")"},
      // A statement without a Resource would have no effect.
      {PolicyOf({R"({"Effect": "Allow", "Principal": "*",
                     "Action": "kms:*"})"}),
       "a statement needs Resource or NotResource (at \"/Statement/0\")"},
      {PolicyOf({Statement("Allow", R"("*")", R"("kms:*")",
                           R"({"ForAllValues:StringEquals":
               {"KMS:encryptioncontext:a": "b"}})")}),
       "OverlyPermissiveCondition:EncryptionContext: Using the ForAllValues "
       "set operator with a single-valued condition key matches requests "
       "without the specified encryption context or with an unspecified "
       "encryption context. To fix, remove ForAllValues."},
  };
  for (const Case& c : cases) {
    const auto refused =
        RefusedWith("MalformedPolicyDocumentException", c.message);
    EXPECT_THAT(PutPolicy(User("admin"), arn, c.policy), refused) << c.policy;
    CreateKeyCall create;
    create.policy = c.policy;
    EXPECT_THAT(kms_.CreateKey(User("admin"), create), refused) << c.policy;
  }
  EXPECT_EQ(State(), before);
}

// The other set operator is not refused, nor is this one on other keys.
TEST_F(KeyPoliciesTest, OtherSetOperators_AreLegal) {
  for (const std::string condition :
       {R"({"ForAnyValue:StringEquals": {"kms:EncryptionContext:a": "b"}})",
        R"({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "a"}})",
        R"({"StringEquals": {"kms:EncryptionContext:a": "b"}})"}) {
    EXPECT_EQ(
        PutPolicy(
            User("admin"), NewKey(),
            PolicyOf({Statement("Allow", Aws("root")),
                      Statement("Allow", R"("*")", R"("kms:*")", condition)})),
        std::nullopt)
        << condition;
  }
}

TEST_F(KeyPoliciesTest, APolicy_HasAtMost32768Bytes) {
  const std::string arn = NewKey();
  const std::string before = State();
  std::string policy = PolicyOf({Statement("Allow", Aws("user/admin"))});
  policy.append(32769 - policy.size(), ' ');
  const auto refused = RefusedWith("LimitExceededException",
                                   "a key policy may have at most 32768 bytes");
  EXPECT_THAT(PutPolicy(User("admin"), arn, policy), refused);
  CreateKeyCall create;
  create.policy = policy;
  EXPECT_THAT(kms_.CreateKey(User("admin"), create), refused);
  EXPECT_EQ(State(), before);
  policy.pop_back();
  EXPECT_EQ(PutPolicy(User("admin"), arn, policy), std::nullopt);
}

TEST_F(KeyPoliciesTest, APolicy_MustLetItsAuthorPutTheNext) {
  const std::string arn = NewKey();
  const std::string before = State();
  const std::vector<std::string> locking = {
      PolicyOf({Statement("Allow", Aws("user/alice"))}),
      PolicyOf({Statement("Allow", Aws("user/admin"),
                          R"(["kms:Get*", "kms:Encrypt"])")}),
      PolicyOf({Statement("Allow", Aws("user/admin")),
                Statement("Deny", R"("*")", R"("kms:PutKeyPolicy")")}),
      PolicyOf({Statement("Allow", Aws("user/admin"), R"("kms:*")",
                          R"({"StringEquals": {"kms:ViaService": "glue"}})")}),
  };
  for (const std::string& policy : locking) {
    const auto refused =
        RefusedWith("MalformedPolicyDocumentException", kLockedOut);
    EXPECT_THAT(PutPolicy(User("admin"), arn, policy), refused) << policy;
    CreateKeyCall create;
    create.policy = policy;
    EXPECT_THAT(kms_.CreateKey(User("admin"), create), refused) << policy;
    create.bypass_policy_lockout_safety_check = false;
    EXPECT_THAT(kms_.CreateKey(User("admin"), create), refused) << policy;
  }
  EXPECT_EQ(State(), before);
  // Delegation counts only with identity policies that allow it.
  const std::string delegating = PolicyOf({Statement("Allow", Aws("root"))});
  EXPECT_EQ(PutPolicy(User("admin"), arn, delegating), std::nullopt);
  for (const std::string& policy : locking) {
    PutKeyPolicyCall put;
    put.key = NewKey();
    put.policy = policy;
    put.bypass_policy_lockout_safety_check = true;
    EXPECT_EQ(kms_.PutKeyPolicy(User("admin"), put), std::nullopt) << policy;
  }
}

TEST_F(KeyPoliciesTest, ThePolicyThatIsReplaced_DecidesAboutPutKeyPolicy) {
  const std::string arn = KeyWith({Statement("Allow", Aws("user/admin"))});
  EXPECT_THAT(PutPolicy(User("alice"), arn,
                        PolicyOf({Statement("Allow", Aws("user/alice"))})),
              RefusedAs("AccessDeniedException"));
  ASSERT_EQ(PutPolicy(User("admin"), arn,
                      PolicyOf({Statement("Allow", Aws("user/admin")),
                                Statement("Allow", Aws("user/alice"))})),
            std::nullopt);
  EXPECT_EQ(PutPolicy(User("alice"), arn,
                      PolicyOf({Statement("Allow", Aws("user/alice"))})),
            std::nullopt);
  EXPECT_THAT(PutPolicy(User("admin"), arn, PolicyOf({})),
              RefusedAs("AccessDeniedException"));
}

// Every operation asks about the action of its name.
TEST_F(KeyPoliciesTest, EveryOperation_AsksForAccess) {
  const std::string arn = NewKey();
  const std::string blob = Blob(arn);
  CreateGrantCall grant;
  grant.key = arn;
  grant.grantee_principal = "arn:aws:iam::123456789012:user/bob";
  grant.operations = {"Decrypt"};
  const auto granted =
      std::get<CreateGrantResult>(kms_.CreateGrant(User("admin"), grant));
  const KeyCaller alice = User("alice");
  const std::map<std::string, std::function<KeyRefusal()>> operations = {
      {"Encrypt", [&] { return RefusalOf(Encrypt(alice, arn)); }},
      {"Decrypt", [&] { return RefusalOf(Decrypt(alice, blob, arn)); }},
      {"GenerateDataKey",
       [&] {
         return RefusalOf(kms_.GenerateDataKey(alice, {arn, {}, {}}));
       }},
      {"DescribeKey", [&] { return RefusalOf(Describe(alice, arn)); }},
      {"EnableKey", [&] { return RefusalOf(kms_.EnableKey(alice, arn)); }},
      {"DisableKey", [&] { return RefusalOf(kms_.DisableKey(alice, arn)); }},
      {"ScheduleKeyDeletion",
       [&] { return RefusalOf(kms_.ScheduleKeyDeletion(alice, {arn})); }},
      {"CancelKeyDeletion",
       [&] { return RefusalOf(kms_.CancelKeyDeletion(alice, arn)); }},
      {"RotateKeyOnDemand",
       [&] { return RefusalOf(kms_.RotateKeyOnDemand(alice, arn)); }},
      {"CreateAlias",
       [&] { return RefusalOf(kms_.CreateAlias(alice, "alias/a", arn)); }},
      {"PutKeyPolicy",
       [&] { return RefusalOf(PutPolicy(alice, arn, PolicyOf({}))); }},
      {"GetKeyPolicy",
       [&] { return RefusalOf(kms_.GetKeyPolicy(alice, {arn})); }},
      {"CreateGrant",
       [&] { return RefusalOf(kms_.CreateGrant(alice, grant)); }},
      {"RevokeGrant",
       [&] {
         return RefusalOf(kms_.RevokeGrant(alice, arn, granted.grant_id));
       }},
      {"ListGrants", [&] { return RefusalOf(kms_.ListGrants(alice, {arn})); }},
  };
  for (const auto& [operation, call] : operations) {
    ASSERT_EQ(
        PutPolicy(
            User("admin"), arn,
            PolicyOf({Statement("Allow", Aws("root")),
                      Statement("Deny", Aws("user/alice"),
                                absl::StrCat("\"kms:", operation, "\""))})),
        std::nullopt);
    const std::string before = State();
    const KeyRefusal refusal = call();
    EXPECT_EQ(refusal.code, "AccessDeniedException") << operation;
    EXPECT_EQ(
        refusal.message,
        absl::StrCat("User: arn:aws:iam::123456789012:user/alice is not "
                     "authorized to perform: kms:",
                     operation, " on resource: ", arn, kDeniedByResource));
    EXPECT_EQ(State(), before) << operation;
  }
}

}  // namespace
}  // namespace glue_security
