// KeyPolicy: the policy of a key, parsed and compiled.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_KEY_POLICY_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_KEY_POLICY_H_

#include <cstddef>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/key_call.h"
#include "glue_security/policy/policy_evaluator.h"

namespace glue_security {

// The quota of KMS, which is not adjustable.
inline constexpr size_t kKeyPolicyBytesMax = 32768;

// A policy document: the text, as it was given, and its evaluator.
struct KeyPolicy {
  std::string text;
  PolicyEvaluator evaluator;
};

// Parses a document. The refusals are, in this order: LimitExceededException
// for more than kKeyPolicyBytesMax; MalformedPolicyDocumentException for text
// that breaks the grammar of policies (PolicyChecks::kGrammar), or has the set
// operator ForAllValues on a kms:EncryptionContext key. The message is that of
// the first finding, with its place.
std::variant<KeyPolicy, KeyRefusal> ParseKeyPolicy(std::string text);

// Returns the policy of a key that was made without one. It delegates
// everything to the account. REQUIRES: `account_id` is 12 digits.
std::string DefaultKeyPolicy(const Caller& caller,
                             absl::string_view account_id);

// Returns the policy of the key behind alias/aws/glue: everybody in the account
// may use it through Glue, and the account may see what it is.
// REQUIRES: `account_id` is 12 digits.
std::string GlueKeyPolicy(const Caller& caller, absl::string_view account_id);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_KEY_POLICY_H_
