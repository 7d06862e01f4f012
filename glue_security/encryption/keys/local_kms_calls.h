// The calls and answers of LocalKms beyond those of every KeyService
// (glue_security/model/key_call.h), as values. Members and their bounds are
// those of KMS's model of 2014-11-01.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_LOCAL_KMS_CALLS_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_LOCAL_KMS_CALLS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

// All that is known about a key.
struct KeyMetadata {
  std::string account_id;
  // A UUID.
  std::string key_id;
  std::string arn;
  std::string description;
  // "SYMMETRIC_DEFAULT", "RSA_2048", …
  std::string key_spec;
  KeyKind kind = KeyKind::kSymmetric;
  KeyUsage usage = KeyUsage::kEncryptDecrypt;
  KeyState state = KeyState::kEnabled;
  KeyManager manager = KeyManager::kCustomer;
  absl::Time creation_date;
  // The time at which the key will be gone. Present while it is pending
  // deletion.
  std::optional<absl::Time> deletion_date;
  // The algorithms of its usage, such as "SYMMETRIC_DEFAULT".
  std::vector<std::string> algorithms;
};

struct CreateKeyCall {
  // 0 to 8,192 characters.
  std::string description = {};
  // A key that is not symmetric exists so that its use is refused.
  std::string key_spec = "SYMMETRIC_DEFAULT";
  // "ENCRYPT_DECRYPT", "SIGN_VERIFY" or "GENERATE_VERIFY_MAC". Absent: the
  // first, which only a symmetric key may leave out.
  std::optional<std::string> key_usage = {};
  // Absent: everything is delegated to the account.
  std::optional<std::string> policy = {};
  // True: the policy may lock its author out.
  std::optional<bool> bypass_policy_lockout_safety_check = {};
};

struct ScheduleKeyDeletionCall {
  // The id or ARN of a key.
  std::string key;
  // 7 to 30 days. Absent: 30.
  std::optional<int64_t> pending_window_in_days = {};
};

struct ScheduleKeyDeletionResult {
  std::string key_arn;
  absl::Time deletion_date;
  KeyState state = KeyState::kPendingDeletion;
  int64_t pending_window_in_days = 30;
};

struct AliasEntry {
  // With its "alias/".
  std::string name;
  std::string arn;
  // Absent for alias/aws/glue until its key is made, as are the dates.
  std::optional<std::string> target_key_id;
  std::optional<absl::Time> creation_date;
  std::optional<absl::Time> last_updated_date;
};

struct ListAliasesCall {
  // The id or ARN of a key of the caller's account, to which the aliases
  // belong. Absent: all aliases.
  std::optional<std::string> key = {};
  // 1 to 100. Absent: 50.
  std::optional<int64_t> limit = {};
  // The `next_marker` of the page before. Absent: the first page.
  std::optional<std::string> marker = {};
};

struct ListAliasesResult {
  // In the order of their names.
  std::vector<AliasEntry> aliases;
  // Absent on the last page, as KMS's Truncated is false there.
  std::optional<std::string> next_marker;
};

struct PutKeyPolicyCall {
  // The id or ARN of a key.
  std::string key;
  // 1 to 32,768 bytes.
  std::string policy;
  // The only one that there is.
  std::string policy_name = "default";
  std::optional<bool> bypass_policy_lockout_safety_check = {};
};

struct GetKeyPolicyCall {
  std::string key;
  std::string policy_name = "default";
};

// Conditions on the encryption context of a call that a grant allows. With
// both, both must be fulfilled. At most 8 pairs each, whose values have at most
// 384 characters.
struct GrantConstraints {
  // The context is exactly this one.
  std::optional<EncryptionContext> encryption_context_equals = {};
  // The context has these pairs, and may have others.
  std::optional<EncryptionContext> encryption_context_subset = {};

  friend bool operator==(const GrantConstraints& a, const GrantConstraints& b) {
    return a.encryption_context_equals == b.encryption_context_equals &&
           a.encryption_context_subset == b.encryption_context_subset;
  }
};

struct CreateGrantCall {
  // The id or ARN of a key.
  std::string key;
  // The ARN of a root user (then the account), user, role, assumed-role session
  // or federated user.
  std::string grantee_principal;
  // The names of operations that the kind of key has, at least one.
  std::vector<std::string> operations;
  std::optional<std::string> retiring_principal = {};
  GrantConstraints constraints = {};
  // 1 to 256 characters. A second call with the same name and members answers
  // with the grant of the first.
  std::optional<std::string> name = {};
  std::vector<std::string> grant_tokens = {};
};

struct CreateGrantResult {
  // 64 hexadecimal digits.
  std::string grant_id;
  // Another one for each call. All tokens of a grant are equivalent.
  std::string grant_token;
};

struct GrantEntry {
  std::string key_arn;
  std::string grant_id;
  std::optional<std::string> name;
  absl::Time creation_date;
  std::string grantee_principal;
  std::optional<std::string> retiring_principal;
  // The root ARN of the account whose principal made the grant.
  std::string issuing_account;
  // In the order of the call, without repetitions.
  std::vector<std::string> operations;
  GrantConstraints constraints;
};

struct ListGrantsCall {
  std::string key;
  // Absent: all grants.
  std::optional<std::string> grant_id = {};
  std::optional<std::string> grantee_principal = {};
  // As in ListAliasesCall.
  std::optional<int64_t> limit = {};
  std::optional<std::string> marker = {};
};

struct ListGrantsResult {
  // In the order in which they were made.
  std::vector<GrantEntry> grants;
  std::optional<std::string> next_marker;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_LOCAL_KMS_CALLS_H_
