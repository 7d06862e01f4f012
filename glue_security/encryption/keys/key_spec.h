// The kinds of keys that KMS knows, with what each is for.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_KEY_SPEC_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_KEY_SPEC_H_

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

// A row of the table, constant and immortal.
struct KeySpec {
  // The name, such as "RSA_2048".
  absl::string_view name;
  KeyKind kind;
  // The algorithms with which the key can be used in each usage. Empty: it
  // cannot have the usage.
  std::vector<absl::string_view> encryption_algorithms;
  std::vector<absl::string_view> signing_algorithms;
  std::vector<absl::string_view> mac_algorithms;

  const std::vector<absl::string_view>& algorithms(KeyUsage usage) const;
};

inline constexpr absl::string_view kSymmetricKeySpec = "SYMMETRIC_DEFAULT";

// Returns the row with the name; nullptr when there is none.
const KeySpec* FindKeySpec(absl::string_view name);

// The names of all rows, in the order in which KMS lists them in a refusal.
absl::Span<const absl::string_view> KeySpecNames();

// The names of the usages, likewise.
absl::Span<const absl::string_view> KeyUsageNames();

// Returns the usage with the name; nullopt when there is none.
std::optional<KeyUsage> ParseKeyUsage(absl::string_view name);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_KEY_SPEC_H_
