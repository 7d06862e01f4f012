// PolicyHasher: how a policy's hash is made from its text.

#ifndef GLUE_SECURITY_STATE_MACHINE_POLICY_HASHER_H_
#define GLUE_SECURITY_STATE_MACHINE_POLICY_HASHER_H_

#include <string>

#include "absl/strings/string_view.h"

namespace glue_security {

// Replaceable. Callers of the API treat the hash as opaque.
class PolicyHasher {
 public:
  virtual ~PolicyHasher() = default;

  // The hash of `text`, the policy as Get returns it: 1 to 255 bytes that match
  // the single-line string pattern, the same for the same text. Thread-safe,
  // pure. The engine may ask while its storage waits for it: this must neither
  // block nor call the engine or its storage.
  virtual std::string Hash(absl::string_view text) const = 0;

  // The base64 form, 24 characters, of the first 16 bytes of the text's
  // SHA-256. Lives forever.
  static const PolicyHasher* Default();
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_POLICY_HASHER_H_
