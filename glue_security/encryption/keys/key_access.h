// The decision whether a caller may do something with a key: by the key's
// policy, the caller's identity policies and the grants of the key. See
// docs/decisions/local-kms.md.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_KEY_ACCESS_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_KEY_ACCESS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/encryption/keys/key_record.h"
#include "glue_security/encryption/keys/local_kms_calls.h"
#include "glue_security/encryption/keys/local_kms_options.h"
#include "glue_security/model/key_call.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy_evaluator.h"

namespace glue_security {

// A call, as far as the access to a key depends on it. The texts and values are
// borrowed.
struct KeyQuestion {
  const KeyCaller& caller;
  // "Encrypt".
  absl::string_view operation;
  // The key. Null: there is no key, or none of another account by this name.
  const KeyRecord* key = nullptr;
  // The ARN by which the call names the key or alias, whether it has or not.
  std::string named_arn = {};
  // Null: the operation has no encryption context.
  const EncryptionContext* context = nullptr;
  // The name of the alias by which the call names the key; empty: it does not.
  std::string alias = {};
  // The grant that the call makes, if it makes one.
  const CreateGrantCall* new_grant = nullptr;
  // The key is known from a ciphertext alone, so that a refusal must not name
  // it.
  bool is_by_ciphertext = false;
  // Condition keys that only this operation has.
  ContextKeys more = {};
};

// Returns the AccessDeniedException; nullopt: access is allowed. `policy` is
// the key's policy, or one that takes its place; null if there is no key.
std::optional<KeyRefusal> RefuseKeyAccess(const KeyQuestion& question,
                                          const PolicyEvaluator* policy,
                                          const LocalKmsOptions& options,
                                          absl::Time now);

// Decides about an operation on an alias, or on no resource ("*"), which has no
// policy of its own: by the caller's identity policies alone.
std::optional<KeyRefusal> RefuseIdentityAccess(const KeyQuestion& question,
                                               const LocalKmsOptions& options,
                                               absl::Time now);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_KEY_ACCESS_H_
