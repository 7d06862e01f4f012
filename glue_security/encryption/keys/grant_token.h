// The tokens of grants.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_GRANT_TOKEN_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_GRANT_TOKEN_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "glue_security/model/secret.h"

namespace glue_security {

// The grant that a token stands for.
struct GrantName {
  std::string key_arn;
  std::string grant_id;
};

// Makes tokens that hold the name of a grant, encrypted, and so need not be
// kept. Thread-safe.
class GrantTokens {
 public:
  // `key` has 32 bytes.
  explicit GrantTokens(Secret key) : key_(std::move(key)) {}

  // Returns a token. Each nonce of 12 bytes, never used before, makes another
  // one.
  std::string Make(const GrantName& grant, absl::string_view nonce) const;

  // Returns nullopt for text that Make did not return.
  std::optional<GrantName> Parse(absl::string_view token) const;

 private:
  const Secret key_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_GRANT_TOKEN_H_
