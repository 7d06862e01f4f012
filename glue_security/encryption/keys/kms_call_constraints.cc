#include "glue_security/encryption/keys/kms_call_constraints.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/keys/grant_rules.h"
#include "glue_security/encryption/keys/key_spec.h"

namespace glue_security {
namespace {

constexpr size_t kBlobBytesMax = 6144;
constexpr size_t kDescriptionLengthMax = 8192;
constexpr size_t kGrantIdLengthMax = 128;
constexpr int64_t kPendingDaysMin = 7;
constexpr int64_t kPendingDaysMax = 30;

}  // namespace

void AddConstraints(const EncryptCall& call, KmsConstraints* constraints) {
  constraints->Key(call.key);
  constraints->SecretLength("plaintext", call.plaintext.size(), 1,
                            EncryptCall::kPlaintextBytesMax);
  constraints->GrantTokens(call.grant_tokens);
}

void AddConstraints(const DecryptCall& call, KmsConstraints* constraints) {
  constraints->SecretLength("ciphertextBlob", call.blob.size(), 1,
                            kBlobBytesMax);
  constraints->GrantTokens(call.grant_tokens);
  if (!call.key.empty()) constraints->Key(call.key);
}

void AddConstraints(const GenerateDataKeyCall& call,
                    KmsConstraints* constraints) {
  constraints->Key(call.key);
  constraints->Range("numberOfBytes", static_cast<int64_t>(call.data_key_bytes),
                     1, GenerateDataKeyCall::kDataKeyBytesMax);
  constraints->GrantTokens(call.grant_tokens);
}

void AddConstraints(const DescribeKeyCall& call, KmsConstraints* constraints) {
  constraints->Key(call.key);
  constraints->GrantTokens(call.grant_tokens);
}

void AddConstraints(const CreateKeyCall& call, KmsConstraints* constraints) {
  if (call.policy.has_value()) constraints->Policy(*call.policy);
  constraints->Length("description", call.description, 0,
                      kDescriptionLengthMax);
  if (call.key_usage.has_value()) {
    constraints->OneOf("keyUsage", *call.key_usage, KeyUsageNames());
  }
  constraints->OneOf("keySpec", call.key_spec, KeySpecNames());
}

void AddConstraints(const ScheduleKeyDeletionCall& call,
                    KmsConstraints* constraints) {
  constraints->Key(call.key);
  if (call.pending_window_in_days.has_value()) {
    constraints->Range("pendingWindowInDays", *call.pending_window_in_days,
                       kPendingDaysMin, kPendingDaysMax);
  }
}

void AddConstraints(const ListAliasesCall& call, KmsConstraints* constraints) {
  if (call.key.has_value()) constraints->Key(*call.key);
  constraints->Page(call.limit, call.marker);
}

void AddConstraints(const PutKeyPolicyCall& call, KmsConstraints* constraints) {
  constraints->Key(call.key);
  constraints->PolicyName(call.policy_name);
  constraints->Policy(call.policy);
}

void AddConstraints(const GetKeyPolicyCall& call, KmsConstraints* constraints) {
  constraints->Key(call.key);
  constraints->PolicyName(call.policy_name);
}

void AddConstraints(const CreateGrantCall& call, KmsConstraints* constraints) {
  constraints->Key(call.key);
  constraints->Principal("granteePrincipal", call.grantee_principal);
  if (call.retiring_principal.has_value()) {
    constraints->Principal("retiringPrincipal", *call.retiring_principal);
  }
  constraints->ListSize("operations", call.operations.size(), 1, SIZE_MAX);
  for (size_t i = 0; i < call.operations.size(); ++i) {
    constraints->OneOf(absl::StrCat("operations.", i + 1, ".member"),
                       call.operations[i], GrantOperationNames());
  }
  constraints->GrantTokens(call.grant_tokens);
  if (call.name.has_value()) constraints->Name("name", *call.name);
}

void AddConstraints(const ListGrantsCall& call, KmsConstraints* constraints) {
  constraints->Page(call.limit, call.marker);
  constraints->Key(call.key);
  if (call.grant_id.has_value()) {
    constraints->Length("grantId", *call.grant_id, 1, kGrantIdLengthMax);
  }
  if (call.grantee_principal.has_value()) {
    constraints->Principal("granteePrincipal", *call.grantee_principal);
  }
}

void AddAliasConstraints(absl::string_view name, absl::string_view target_key,
                         KmsConstraints* constraints) {
  constraints->Name("aliasName", name);
  constraints->Key(target_key, "targetKeyId");
}

void AddRevokeGrantConstraints(absl::string_view key,
                               absl::string_view grant_id,
                               KmsConstraints* constraints) {
  constraints->Key(key);
  constraints->Length("grantId", grant_id, 1, kGrantIdLengthMax);
}

}  // namespace glue_security
