// A LocalKms with a clock and a random source of its own, callers, and the
// shapes of its answers.

#ifndef GLUE_SECURITY_TESTS_ENCRYPTION_KEYS_LOCAL_KMS_FIXTURE_H_
#define GLUE_SECURITY_TESTS_ENCRYPTION_KEYS_LOCAL_KMS_FIXTURE_H_

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/keys/local_kms_calls.h"
#include "glue_security/encryption/keys/local_kms_options.h"
#include "glue_security/encryption/keys/random_source.h"
#include "glue_security/model/key_call.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {

inline constexpr char kAccount[] = "123456789012";
inline constexpr char kOtherAccount[] = "210987654321";
inline constexpr char kRegion[] = "us-east-1";
inline constexpr char kNoSuchKey[] = "01234567-89ab-cdef-0123-456789abcdef";

inline void PrintTo(const KeyRefusal& refusal, std::ostream* out) {
  *out << refusal.code << " \"" << refusal.message.value_or("(no text)")
       << "\"";
}

// Returns the refusal that an answer is. Its code is empty if it is none.
inline KeyRefusal RefusalOf(const std::optional<KeyRefusal>& answer) {
  return answer.value_or(KeyRefusal());
}
template <typename Result>
KeyRefusal RefusalOf(const KeyAnswerOf<Result>& answer) {
  const auto* const refusal = std::get_if<KeyRefusal>(&answer);
  return refusal == nullptr ? KeyRefusal() : *refusal;
}

MATCHER(Succeeded, "succeeded") { return RefusalOf(arg).code.empty(); }

// The refusal has this code and text, a status of 400 and a request id.
MATCHER_P2(RefusedWith, code, message, "") {
  const KeyRefusal refusal = RefusalOf(arg);
  *result_listener << ::testing::PrintToString(refusal);
  return refusal.code == code &&
         refusal.message == std::optional<std::string>(message) &&
         refusal.http_status == 400 && refusal.request_id.size() == 36;
}

// It has this code and no text.
MATCHER_P(RefusedInSilence, code, "") {
  const KeyRefusal refusal = RefusalOf(arg);
  *result_listener << ::testing::PrintToString(refusal);
  return refusal.code == code && !refusal.message.has_value() &&
         refusal.http_status == 400 && refusal.request_id.size() == 36;
}

MATCHER_P(RefusedAs, code, "") {
  const KeyRefusal refusal = RefusalOf(arg);
  *result_listener << ::testing::PrintToString(refusal);
  return refusal.code == code;
}

inline KeyCaller CallerOf(const std::string& account, const std::string& arn) {
  KeyCaller caller;
  caller.caller = {account, kRegion, arn};
  return caller;
}

inline KeyCaller User(const std::string& name,
                      const std::string& account = kAccount) {
  return CallerOf(account,
                  absl::StrCat("arn:aws:iam::", account, ":user/", name));
}

inline KeyCaller Session(const std::string& role,
                         const std::string& account = kAccount) {
  return CallerOf(account, absl::StrCat("arn:aws:sts::", account,
                                        ":assumed-role/", role, "/session"));
}

inline KeyCaller Root(const std::string& account = kAccount) {
  return CallerOf(account, absl::StrCat("arn:aws:iam::", account, ":root"));
}

inline KeyCaller ThroughGlue(KeyCaller caller) {
  caller.via_service =
      absl::StrCat("glue.", caller.caller.region, ".amazonaws.com");
  return caller;
}

class LocalKmsTest : public ::testing::Test {
 protected:
  LocalKmsTest() : LocalKmsTest(LocalKmsLimits()) {}
  explicit LocalKmsTest(const LocalKmsLimits& limits)
      : kms_(OptionsWith(limits)) {}

  LocalKmsOptions OptionsWith(const LocalKmsLimits& limits) {
    LocalKmsOptions options;
    options.clock = &clock_;
    options.random = &random_;
    options.identity = [this](const AuthorizationRequest& request) {
      return identity_ ? identity_(request) : DecisionKind::kAllow;
    };
    options.limits = limits;
    return options;
  }

  // Makes a key and returns its ARN.
  std::string NewKey(const CreateKeyCall& call = {},
                     const KeyCaller& caller = User("admin")) {
    const auto answer = kms_.CreateKey(caller, call);
    EXPECT_THAT(answer, Succeeded());
    keys_.push_back({caller, std::get<KeyMetadata>(answer).arn});
    return keys_.back().arn;
  }

  std::string NewKeyOf(const std::string& spec, const std::string& usage) {
    CreateKeyCall call;
    call.key_spec = spec;
    call.key_usage = usage;
    return NewKey(call);
  }

  // Makes a key whose policy has `statements` beside the default one.
  std::string NewKeyWith(const std::string& statements) {
    CreateKeyCall call;
    call.policy = PolicyWith(statements);
    return NewKey(call);
  }

  static std::string PolicyWith(const std::string& statements) {
    return absl::StrCat(
        R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",)"
        R"( "Principal": {"AWS": "arn:aws:iam::123456789012:root"},)"
        R"( "Action": "kms:*", "Resource": "*"}, )",
        statements, "]}");
  }

  KeyAnswerOf<EncryptResult> Encrypt(const KeyCaller& caller,
                                     const std::string& key,
                                     const EncryptionContext& context = {},
                                     const std::string& text = "plaintext") {
    EncryptCall call;
    call.key = key;
    call.plaintext = Secret(text);
    call.context = context;
    return kms_.Encrypt(caller, call);
  }

  // Returns the ciphertext of "plaintext".
  std::string Blob(const std::string& key,
                   const EncryptionContext& context = {},
                   const KeyCaller& caller = User("admin")) {
    const auto answer = Encrypt(caller, key, context);
    EXPECT_THAT(answer, Succeeded());
    const auto* const result = std::get_if<EncryptResult>(&answer);
    return result == nullptr ? "" : result->blob;
  }

  KeyAnswerOf<DecryptResult> Decrypt(const KeyCaller& caller,
                                     const std::string& blob,
                                     const std::string& key = "",
                                     const EncryptionContext& context = {}) {
    DecryptCall call;
    call.blob = blob;
    call.key = key;
    call.context = context;
    return kms_.Decrypt(caller, call);
  }

  KeyAnswerOf<DescribeKeyResult> Describe(const KeyCaller& caller,
                                          const std::string& key) {
    DescribeKeyCall call;
    call.key = key;
    return kms_.DescribeKey(caller, call);
  }

  std::optional<KeyRefusal> PutPolicy(const KeyCaller& caller,
                                      const std::string& key,
                                      const std::string& policy) {
    PutKeyPolicyCall call;
    call.key = key;
    call.policy = policy;
    return kms_.PutKeyPolicy(caller, call);
  }

  KeyAnswerOf<ScheduleKeyDeletionResult> Schedule(const std::string& key,
                                                  int days = 7) {
    ScheduleKeyDeletionCall call;
    call.key = key;
    call.pending_window_in_days = days;
    return kms_.ScheduleKeyDeletion(User("admin"), call);
  }

  // Returns all that can be seen of the keys that NewKey made, and the aliases
  // of both accounts.
  std::string State() {
    std::string state;
    for (const auto& [owner, arn] : keys_) {
      absl::StrAppend(&state, arn, ": ", MetadataText(owner, arn), "\n",
                      PolicyText(owner, arn), "\n", GrantsText(owner, arn),
                      "\n");
    }
    for (const char* const account : {kAccount, kOtherAccount}) {
      ListAliasesCall call;
      call.limit = 100;
      const auto answer = kms_.ListAliases(Root(account), call);
      if (const auto* const page = std::get_if<ListAliasesResult>(&answer)) {
        for (const AliasEntry& alias : page->aliases) {
          absl::StrAppend(&state, alias.arn, " -> ",
                          alias.target_key_id.value_or("nothing"), "\n");
        }
      }
    }
    return state;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  SeededRandom random_{7};
  // The decision of identity policies; empty: they allow everything.
  std::function<DecisionKind(const AuthorizationRequest&)> identity_;
  LocalKms kms_;

 private:
  struct OwnedKey {
    KeyCaller owner;
    std::string arn;
  };

  std::string MetadataText(const KeyCaller& owner, const std::string& arn) {
    DescribeKeyCall call;
    call.key = arn;
    const auto answer = kms_.GetKeyMetadata(owner, call);
    const auto* const metadata = std::get_if<KeyMetadata>(&answer);
    if (metadata == nullptr) return RefusalOf(answer).code;
    return absl::StrCat(
        metadata->description, " ", metadata->key_spec, " ",
        static_cast<int>(metadata->state), " ",
        absl::FormatTime(metadata->deletion_date.value_or(absl::UnixEpoch())));
  }

  std::string PolicyText(const KeyCaller& owner, const std::string& arn) {
    GetKeyPolicyCall call;
    call.key = arn;
    const auto answer = kms_.GetKeyPolicy(owner, call);
    const auto* const policy = std::get_if<std::string>(&answer);
    return policy == nullptr ? RefusalOf(answer).code : *policy;
  }

  std::string GrantsText(const KeyCaller& owner, const std::string& arn) {
    ListGrantsCall call;
    call.key = arn;
    const auto answer = kms_.ListGrants(owner, call);
    const auto* const page = std::get_if<ListGrantsResult>(&answer);
    if (page == nullptr) return RefusalOf(answer).code;
    std::string text;
    for (const GrantEntry& grant : page->grants) {
      absl::StrAppend(&text, grant.grant_id, " to ", grant.grantee_principal,
                      " ");
    }
    return text;
  }

  std::vector<OwnedKey> keys_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_ENCRYPTION_KEYS_LOCAL_KMS_FIXTURE_H_
