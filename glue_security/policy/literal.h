// Comparisons with a literal, whose known size lets them compile to a few
// instructions instead of a call.

#ifndef GLUE_SECURITY_POLICY_LITERAL_H_
#define GLUE_SECURITY_POLICY_LITERAL_H_

#include <cstddef>
#include <cstring>

#include "absl/strings/string_view.h"

namespace glue_security {

// Returns true if `text` is `literal`.
template <size_t kSize>
bool Is(absl::string_view text, const char (&literal)[kSize]) {
  return text.size() == kSize - 1 &&
         std::memcmp(text.data(), literal, kSize - 1) == 0;
}

// Removes `literal` from the start of `text`. Returns false if it is not there.
template <size_t kSize>
bool Consume(absl::string_view* text, const char (&literal)[kSize]) {
  constexpr size_t kBytes = kSize - 1;
  if (text->size() < kBytes ||
      std::memcmp(text->data(), literal, kBytes) != 0) {
    return false;
  }
  text->remove_prefix(kBytes);
  return true;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_LITERAL_H_
