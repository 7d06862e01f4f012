// The markers of lists: where the next page begins.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_PAGE_MARKER_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_PAGE_MARKER_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace glue_security {

// Returns the marker for what follows `last`, an entry of `list`: text that
// says which list it is, and of which account, region and key.
std::string MakePageMarker(absl::string_view list, absl::string_view last);

// Returns the entry that the marker holds; nullopt for text that is not a
// marker of this list. A checksum tells a damaged marker from an entry; it does
// not keep anybody from making one.
std::optional<std::string> ParsePageMarker(absl::string_view list,
                                           absl::string_view marker);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_PAGE_MARKER_H_
