// The names of regions.

#ifndef GLUE_SECURITY_MODEL_REGION_NAME_H_
#define GLUE_SECURITY_MODEL_REGION_NAME_H_

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace glue_security {

// Returns true for 1 to 64 characters of a-z, 0-9 and '-'. Regions appear in
// messages, logs and histories.
inline bool IsRegionName(absl::string_view text) {
  constexpr size_t kBytesMax = 64;
  return !text.empty() && text.size() <= kBytesMax &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_REGION_NAME_H_
