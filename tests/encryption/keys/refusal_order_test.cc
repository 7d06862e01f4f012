// The order of refusals: every set of reasons to refuse a call, applied at
// once, and the first of them in the order of KeyService.

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/encryption/keys/local_kms_fixture.h"

namespace glue_security {
namespace {

// The reasons, in the order in which they are to be reported.
enum Reason {
  kConstraint,
  kNoKey,
  kBadToken,
  kNoAccess,
  kState,
  kOtherKey,
  kUsage,
  kContext,
  kReasons,
};

using Reasons = std::vector<bool>;

std::string TextOf(const Reasons& reasons) {
  std::string text;
  for (const bool reason : reasons) text.push_back(reason ? '1' : '0');
  return text;
}

// Calls `check` with every set of reasons.
void ForEachSet(const std::function<void(const Reasons&)>& check) {
  for (unsigned set = 0; set < 1U << kReasons; ++set) {
    Reasons reasons(kReasons);
    for (int reason = 0; reason < kReasons; ++reason) {
      reasons[reason] = (set >> reason & 1U) != 0;
    }
    check(reasons);
  }
}

class RefusalOrderTest : public LocalKmsTest {
 protected:
  // A key to which the reasons apply, and a ciphertext that it made, if it can.
  struct Target {
    std::string arn;
    std::string blob;
  };

  RefusalOrderTest() {
    for (int i = 0; i < 8; ++i) {
      targets_.push_back(MakeTarget((i & 1) != 0, (i & 2) != 0, (i & 4) != 0));
    }
    other_blob_ = Blob(NewKey(), Context());
  }

  static EncryptionContext Context() { return {{"table", "orders"}}; }

  const Target& TargetFor(const Reasons& reasons) const {
    return targets_[(reasons[kNoAccess] ? 1 : 0) + (reasons[kState] ? 2 : 0) +
                    (reasons[kUsage] ? 4 : 0)];
  }

  std::string KeyFor(const Reasons& reasons) const {
    if (reasons[kConstraint]) return std::string(2049, 'k');
    return reasons[kNoKey] ? kNoSuchKey : TargetFor(reasons).arn;
  }

  std::vector<std::string> TokensFor(const Reasons& reasons) const {
    if (!reasons[kBadToken]) return {};
    return {"no token"};
  }

  // Returns the code of the first reason that an operation has.
  static std::string Expected(const Reasons& reasons,
                              const std::vector<Reason>& possible) {
    for (const Reason reason : possible) {
      if (reasons[reason]) return CodeOf(reason);
    }
    return "";
  }

  static std::string CodeOf(Reason reason) {
    switch (reason) {
      case kConstraint:
        return "ValidationException";
      case kNoKey:
        return "NotFoundException";
      case kBadToken:
        return "InvalidGrantTokenException";
      case kNoAccess:
        return "AccessDeniedException";
      case kState:
        return "DisabledException";
      case kOtherKey:
        return "IncorrectKeyException";
      case kUsage:
        return "InvalidKeyUsageException";
      case kContext:
      case kReasons:
        break;
    }
    return "InvalidCiphertextException";
  }

  std::string other_blob_;

 private:
  Target MakeTarget(bool no_access, bool disabled, bool wrong_usage) {
    CreateKeyCall call;
    if (wrong_usage) {
      call.key_spec = "ECC_NIST_P256";
      call.key_usage = "SIGN_VERIFY";
    }
    Target target;
    target.arn = NewKey(call);
    if (!wrong_usage) target.blob = Blob(target.arn, Context());
    if (no_access) {
      EXPECT_EQ(PutPolicy(User("admin"), target.arn, PolicyWith(R"({
          "Effect": "Deny",
          "Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"},
          "Action": "kms:*", "Resource": "*"})")),
                std::nullopt);
    }
    if (disabled) {
      EXPECT_EQ(kms_.DisableKey(User("admin"), target.arn), std::nullopt);
    }
    return target;
  }

  std::vector<Target> targets_;
};

TEST_F(RefusalOrderTest, Encrypt) {
  ForEachSet([this](const Reasons& reasons) {
    EncryptCall call;
    call.key = KeyFor(reasons);
    call.plaintext = Secret("text");
    call.grant_tokens = TokensFor(reasons);
    EXPECT_THAT(kms_.Encrypt(User("alice"), call),
                RefusedAs(Expected(reasons, {kConstraint, kNoKey, kBadToken,
                                             kNoAccess, kState, kUsage})))
        << TextOf(reasons);
  });
}

TEST_F(RefusalOrderTest, GenerateDataKey) {
  ForEachSet([this](const Reasons& reasons) {
    GenerateDataKeyCall call;
    call.key = KeyFor(reasons);
    call.grant_tokens = TokensFor(reasons);
    EXPECT_THAT(kms_.GenerateDataKey(User("alice"), call),
                RefusedAs(Expected(reasons, {kConstraint, kNoKey, kBadToken,
                                             kNoAccess, kState, kUsage})))
        << TextOf(reasons);
  });
}

TEST_F(RefusalOrderTest, DescribeKey) {
  ForEachSet([this](const Reasons& reasons) {
    DescribeKeyCall call;
    call.key = KeyFor(reasons);
    call.grant_tokens = TokensFor(reasons);
    EXPECT_THAT(kms_.DescribeKey(User("alice"), call),
                RefusedAs(Expected(
                    reasons, {kConstraint, kNoKey, kBadToken, kNoAccess})))
        << TextOf(reasons);
  });
}

TEST_F(RefusalOrderTest, DecryptNamingTheKey) {
  ForEachSet([this](const Reasons& reasons) {
    DecryptCall call;
    call.key = KeyFor(reasons);
    const Target& target = TargetFor(reasons);
    // A key that is not symmetric has made no ciphertext.
    Reasons actual = reasons;
    if (reasons[kUsage]) actual[kOtherKey] = true;
    call.blob = actual[kOtherKey] ? other_blob_ : target.blob;
    call.context = reasons[kContext] ? EncryptionContext() : Context();
    call.grant_tokens = TokensFor(reasons);
    EXPECT_THAT(
        kms_.Decrypt(User("alice"), call),
        RefusedAs(Expected(actual, {kConstraint, kNoKey, kBadToken, kNoAccess,
                                    kState, kOtherKey, kUsage, kContext})))
        << TextOf(reasons);
  });
}

// Without a key there is no other key and no other usage, and a key that does
// not exist is refused as one without access.
TEST_F(RefusalOrderTest, DecryptByTheCiphertextAlone) {
  ForEachSet([this](const Reasons& reasons) {
    if (reasons[kOtherKey] || reasons[kUsage]) return;
    DecryptCall call;
    call.blob = TargetFor(reasons).blob;
    Reasons actual = reasons;
    if (reasons[kNoKey]) {
      const size_t id = call.blob.find("key/") + 4;
      call.blob.replace(id, 36, kNoSuchKey);
      actual[kNoAccess] = true;
    }
    if (reasons[kConstraint]) call.blob.append(6144, 'x');
    call.context = reasons[kContext] ? EncryptionContext() : Context();
    call.grant_tokens = TokensFor(reasons);
    EXPECT_THAT(kms_.Decrypt(User("alice"), call),
                RefusedAs(Expected(actual, {kConstraint, kBadToken, kNoAccess,
                                            kState, kContext})))
        << TextOf(reasons);
  });
}

// The operations that have a state to change ask for access before they look
// at it.
TEST_F(RefusalOrderTest, OperationsOnAKey) {
  const std::string text =
      absl::StrCat("arn:aws:kms:us-east-1:123456789012:key/", kNoSuchKey);
  const std::string pending = NewKeyWith(R"({"Effect": "Deny",
      "Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"},
      "Action": "kms:*", "Resource": "*"})");
  ASSERT_THAT(Schedule(pending), Succeeded());
  using Operation =
      std::function<KeyRefusal(const KeyCaller&, const std::string&)>;
  const std::vector<Operation> operations = {
      [this](const KeyCaller& caller, const std::string& key) {
        return RefusalOf(kms_.EnableKey(caller, key));
      },
      [this](const KeyCaller& caller, const std::string& key) {
        return RefusalOf(kms_.DisableKey(caller, key));
      },
      [this](const KeyCaller& caller, const std::string& key) {
        return RefusalOf(kms_.ScheduleKeyDeletion(caller, {key}));
      },
      [this](const KeyCaller& caller, const std::string& key) {
        return RefusalOf(kms_.RotateKeyOnDemand(caller, key));
      },
      [this](const KeyCaller& caller, const std::string& key) {
        return RefusalOf(kms_.CreateAlias(caller, "alias/new", key));
      },
      [this](const KeyCaller& caller, const std::string& key) {
        CreateGrantCall call;
        call.key = key;
        call.grantee_principal = "arn:aws:iam::123456789012:user/bob";
        call.operations = {"Decrypt"};
        return RefusalOf(kms_.CreateGrant(caller, call));
      },
  };
  for (const Operation& operation : operations) {
    EXPECT_EQ(operation(User("alice"), "").code, "ValidationException");
    EXPECT_EQ(operation(User("alice"), text).code, "NotFoundException");
    EXPECT_EQ(operation(User("alice"), pending).code, "AccessDeniedException");
    EXPECT_EQ(operation(User("admin"), pending).code,
              "KMSInvalidStateException");
  }
}

}  // namespace
}  // namespace glue_security
