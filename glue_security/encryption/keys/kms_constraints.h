// KmsConstraints: the constraints of the members of each call, and the text in
// which KMS reports the broken ones.
//
//   KmsConstraints constraints;
//   constraints.Length("keyId", call.key, 1, 2048);
//   constraints.Page(call.limit, call.marker);
//   if (auto refusal = constraints.Refusal()) return *std::move(refusal);

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_KMS_CONSTRAINTS_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_KMS_CONSTRAINTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "glue_security/encryption/keys/local_kms_calls.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

// Members are named as on the wire, with a small first letter. A text's length
// is that in code points. A value is quoted up to 64 code points, escaped as in
// JSON; secrets, lists and policies are not quoted at all.
class KmsConstraints {
 public:
  // The members of `absent` are required and are not given: instead of its
  // constraints, "Member must not be null" is reported for each of them that is
  // checked.
  explicit KmsConstraints(std::vector<std::string> absent = {})
      : absent_(std::move(absent)) {}

  void Length(absl::string_view member, absl::string_view value, size_t min,
              size_t max);
  void SecretLength(absl::string_view member, size_t bytes, size_t min,
                    size_t max);
  void ListSize(absl::string_view member, size_t size, size_t min, size_t max);
  void Range(absl::string_view member, int64_t value, int64_t min, int64_t max);
  // The text has at least one byte, and `is_legal` agrees with each.
  void Pattern(absl::string_view member, absl::string_view value,
               bool (*is_legal)(unsigned char), absl::string_view pattern);
  void OneOf(absl::string_view member, absl::string_view value,
             absl::Span<const absl::string_view> values);

  // The constraints that several calls share.
  void Key(absl::string_view key, absl::string_view member = "keyId");
  void GrantTokens(const std::vector<std::string>& tokens);
  void Policy(absl::string_view text);
  void PolicyName(absl::string_view name);
  // The name of an alias or a grant.
  void Name(absl::string_view member, absl::string_view name);
  void Principal(absl::string_view member, absl::string_view arn);
  void Page(const std::optional<int64_t>& limit,
            const std::optional<std::string>& marker);

  // Returns the ValidationException with the number of all of them and the text
  // of the first 100, in the order of the calls; nullopt when none is broken.
  std::optional<KeyRefusal> Refusal() const;

 private:
  // Returns true for a member that is absent. Reports it the first time.
  bool IsAbsent(absl::string_view member);
  void Add(std::string subject, absl::string_view constraint);
  void AddLength(std::string subject, size_t length, size_t min, size_t max);

  std::vector<std::string> absent_;
  // The absent members that were reported.
  std::vector<std::string> reported_;
  // The number of all violations, and the texts of the first.
  size_t count_ = 0;
  std::vector<std::string> violations_;
};

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

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_KMS_CONSTRAINTS_H_
