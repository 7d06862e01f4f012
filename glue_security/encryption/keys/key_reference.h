// KeyReference: the text by which a call names a key, taken apart.
//
//   ParseKeyReference("alias/orders", caller);
//   // kAlias, the account and region of the caller, "alias/orders"
//   ParseKeyReference("orders", caller);
//   // NotFoundException "Invalid keyId 'orders'"

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_KEY_REFERENCE_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_KEY_REFERENCE_H_

#include <optional>
#include <string>
#include <tuple>
#include <variant>

#include "absl/strings/string_view.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

// An account in a region, which has keys and aliases of its own.
struct KeyScope {
  std::string account_id;
  std::string region;

  friend bool operator==(const KeyScope& a, const KeyScope& b) {
    return a.account_id == b.account_id && a.region == b.region;
  }
  friend bool operator<(const KeyScope& a, const KeyScope& b) {
    return std::tie(a.account_id, a.region) < std::tie(b.account_id, b.region);
  }
};

KeyScope ScopeOf(const Caller& caller);

struct KeyReference {
  enum class Kind { kKey, kAlias };

  Kind kind = Kind::kKey;
  KeyScope scope;
  // The id of a key, or the name of an alias with its "alias/".
  std::string name;
  // The ARN of the key or alias, whether the call gave it or not.
  std::string arn;
};

// Takes apart the id or ARN of a key, or the name or ARN of an alias. An id or
// a name belongs to the caller's account and region. The refusals are, in this
// order:
// - InvalidArnException for an ARN that is not one of a key or alias, or of
//   another partition than the caller's;
// - NotFoundException for an ARN of another region, and for an id without the
//   form of one.
std::variant<KeyReference, KeyRefusal> ParseKeyReference(absl::string_view text,
                                                         const Caller& caller);

// Returns the NotFoundException for text that cannot name a key.
KeyRefusal RefuseKeyId(absl::string_view text);

// Returns the reference that is the ARN of a key; nullopt for other text.
std::optional<KeyReference> ParseKeyArn(absl::string_view arn);

// Returns "arn:aws:kms:REGION:ACCOUNT:RESOURCE" in the caller's partition and
// region. `resource` is such as "key/ID" or "alias/NAME".
std::string KmsArn(const Caller& caller, absl::string_view account_id,
                   absl::string_view resource);

// Returns true for the form of a key's id: a UUID, or "mrk-" and 32 hexadecimal
// digits.
bool IsKeyId(absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_KEY_REFERENCE_H_
