// The base of LocalKms's operations: the keys under their lock, and the steps
// that all of them have in common.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_KMS_CORE_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_KMS_CORE_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/encryption/keys/grant_token.h"
#include "glue_security/encryption/keys/key_access.h"
#include "glue_security/encryption/keys/key_record.h"
#include "glue_security/encryption/keys/key_reference.h"
#include "glue_security/encryption/keys/key_spec.h"
#include "glue_security/encryption/keys/key_store.h"
#include "glue_security/encryption/keys/local_kms_calls.h"
#include "glue_security/encryption/keys/local_kms_options.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/secret.h"

namespace glue_security {

// The alias that exists in every account and region.
inline constexpr absl::string_view kGlueAlias = "alias/aws/glue";

struct KmsCore {
  explicit KmsCore(LocalKmsOptions given);

  std::string RandomBytes(size_t size) const;
  Secret RandomSecret(size_t size) const;
  // Returns a random UUID (RFC 4122, version 4).
  std::string NewUuid() const;

  // Returns what `operation` returns. A refusal is given its request id, and a
  // text that is UTF-8.
  template <typename Operation>
  auto Answer(Operation operation) const;
  void Complete(KeyRefusal* refusal) const;

  const LocalKmsOptions options;
  const GrantTokens grant_tokens;
  std::mutex mutex;
  // Guarded by `mutex`.
  KeyStore store;
};

// A demand of an operation for a key. The texts and values are borrowed.
struct KeyRequest {
  // "Encrypt".
  absl::string_view operation;
  // The text by which the call names the key.
  absl::string_view key;
  bool accepts_aliases = false;
  bool reaches_other_accounts = false;
  // The key is the one that a ciphertext names.
  bool is_by_ciphertext = false;
  // The ARN of the alias that the operation changes, too; empty: it changes
  // none.
  std::string changed_alias = {};
  const std::vector<std::string>* grant_tokens = nullptr;
  const EncryptionContext* context = nullptr;
  const CreateGrantCall* new_grant = nullptr;
  // Condition keys that only this operation has.
  ContextKeys more = {};
};

// Returns the condition key of a call that may let a policy lock its author
// out.
ContextKeys BypassKey(std::optional<bool> bypass);

// One call, at one instant: it holds the lock as long as it lives.
class KmsCall {
 public:
  KmsCall(KmsCore* core, const KeyCaller& caller);

  KmsCore& core() { return core_; }
  KeyStore& store() { return core_.store; }
  absl::Time now() const { return now_; }
  const KeyCaller& caller() const { return caller_; }
  KeyScope scope() const { return ScopeOf(caller_.caller); }

  // Finds the key and decides about access to it. Returns the refusal: of the
  // name, of the grant tokens, of access to the alias or of access to the key,
  // in this order. nullopt: `key` is set.
  std::optional<KeyRefusal> Open(const KeyRequest& request, KeyRecord** key);

  // Finds a key of the caller's own account by its id or ARN, without a
  // decision about access.
  std::optional<KeyRefusal> FindOwnKey(absl::string_view text, KeyRecord** key);

  // Decides about access to a key that was found.
  std::optional<KeyRefusal> RefuseAccess(absl::string_view operation,
                                         const KeyRecord& key) const;

  // Decides about an operation on `resource`, an alias's ARN or "*".
  std::optional<KeyRefusal> RefuseAccessTo(absl::string_view operation,
                                           std::string resource,
                                           ContextKeys more = {}) const;

  // Returns the MalformedPolicyDocumentException for a policy of the key that
  // would not let the caller put the next one; nullopt if it does, or if
  // `bypass` is true.
  std::optional<KeyRefusal> RefuseLockOut(const KeyRecord& key,
                                          const PolicyEvaluator& policy,
                                          std::optional<bool> bypass) const;

  // Returns the ValidationException for a caller that cannot have keys: its
  // account is not 12 digits, or its region not the name of one. nullopt: it
  // can.
  std::optional<KeyRefusal> RefuseNewKey() const;

  // Makes a key of the caller's account and region, which is in no store yet.
  // REQUIRES: !RefuseNewKey().
  KeyRecord MakeKey(const KeySpec& spec, KeyUsage usage, KeyManager manager,
                    KeyPolicy policy) const;

  // Returns new material for a symmetric key.
  std::shared_ptr<const Secret> NewMaterial() const;

 private:
  struct Found {
    KeyReference reference;
    // Null: another account's, which does not have it.
    KeyRecord* key = nullptr;
  };

  std::optional<KeyRefusal> Find(const KeyRequest& request, Found* found);
  std::optional<KeyRefusal> FindByCiphertext(const KeyRequest& request,
                                             Found* found);
  // Returns null when there is none.
  KeyRecord* Look(const KeyReference& reference);
  KeyRecord* LookBehindAlias(const KeyReference& reference);
  KeyRecord* MakeGlueKey();
  std::optional<KeyRefusal> RefuseTokens(
      const std::vector<std::string>& tokens);

  KmsCore& core_;
  const KeyCaller& caller_;
  const std::lock_guard<std::mutex> lock_;
  const absl::Time now_;
};

// ---------------------------------------------------------------------------
// Implementation.

// Returns the refusal that an answer is; null: it is none.
inline KeyRefusal* RefusalIn(std::optional<KeyRefusal>* answer) {
  return answer->has_value() ? &**answer : nullptr;
}
template <typename Result>
KeyRefusal* RefusalIn(KeyAnswerOf<Result>* answer) {
  return std::get_if<KeyRefusal>(answer);
}

template <typename Operation>
auto KmsCore::Answer(Operation operation) const {
  auto answer = operation();
  if (KeyRefusal* const refusal = RefusalIn(&answer)) Complete(refusal);
  return answer;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_KMS_CORE_H_
