// The constraints of the calls of a key management service.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_KMS_CALL_CONSTRAINTS_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_KMS_CALL_CONSTRAINTS_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "glue_security/encryption/keys/kms_constraints.h"
#include "glue_security/encryption/keys/local_kms_calls.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

// Each function checks the members of a call, in the order of KMS's model.
void AddConstraints(const EncryptCall& call, KmsConstraints* constraints);
void AddConstraints(const DecryptCall& call, KmsConstraints* constraints);
void AddConstraints(const GenerateDataKeyCall& call,
                    KmsConstraints* constraints);
void AddConstraints(const DescribeKeyCall& call, KmsConstraints* constraints);
void AddConstraints(const CreateKeyCall& call, KmsConstraints* constraints);
void AddConstraints(const ScheduleKeyDeletionCall& call,
                    KmsConstraints* constraints);
void AddConstraints(const ListAliasesCall& call, KmsConstraints* constraints);
void AddConstraints(const PutKeyPolicyCall& call, KmsConstraints* constraints);
void AddConstraints(const GetKeyPolicyCall& call, KmsConstraints* constraints);
void AddConstraints(const CreateGrantCall& call, KmsConstraints* constraints);
void AddConstraints(const ListGrantsCall& call, KmsConstraints* constraints);

// These check the members of the calls that have no structure.
void AddAliasConstraints(absl::string_view name, absl::string_view target_key,
                         KmsConstraints* constraints);
void AddRevokeGrantConstraints(absl::string_view key,
                               absl::string_view grant_id,
                               KmsConstraints* constraints);

// Returns the ValidationException for a call that breaks constraints.
template <typename Call>
std::optional<KeyRefusal> RefuseBroken(const Call& call) {
  KmsConstraints constraints;
  AddConstraints(call, &constraints);
  return constraints.Refusal();
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_KMS_CALL_CONSTRAINTS_H_
