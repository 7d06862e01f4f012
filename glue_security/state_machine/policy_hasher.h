// PolicyHasher: computes the hash of a policy from its text.

#ifndef GLUE_SECURITY_STATE_MACHINE_POLICY_HASHER_H_
#define GLUE_SECURITY_STATE_MACHINE_POLICY_HASHER_H_

#include <string>

#include "absl/strings/string_view.h"

namespace glue_security {

// An embedder can replace it: callers of the API treat the hash as opaque.
class PolicyHasher {
 public:
  virtual ~PolicyHasher() = default;

  // Returns the hash of `text`, the policy as Get returns it: 1 to 255 bytes
  // that match the single-line string pattern, the same for the same text.
  // Thread-safe, pure. The engine may call this while its storage waits, so it
  // must not block and must not call the engine or its storage.
  virtual std::string Hash(absl::string_view text) const = 0;

  // Returns the default hasher: the base64 form, 24 characters, of the first 16
  // bytes of the text's SHA-256. It lives forever.
  static const PolicyHasher* Default();
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_POLICY_HASHER_H_
