// Whether a text is a JSON object, as `PolicyChecks::kJson` asks.

#ifndef GLUE_SECURITY_POLICY_JSON_TEXT_H_
#define GLUE_SECURITY_POLICY_JSON_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace glue_security {

// nullopt when `text` is exactly one JSON object (RFC 8259) in well-formed
// UTF-8 whose arrays and objects nest at most `depth_max` deep (the object
// itself is depth 1; more than 1024 counts as 1024). Else what is wrong, for a
// message: it quotes nothing of the text. Repeated keys and numbers of any size
// are legal JSON. Takes time and memory linear in the size of `text`.
std::optional<std::string> FindJsonObjectError(absl::string_view text,
                                               size_t depth_max);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_JSON_TEXT_H_
