// Page tokens: the positions at which GetSecurityConfigurations continues. See
// docs/decisions/page-tokens.md.

#ifndef GLUE_SECURITY_STATE_MACHINE_PAGE_TOKEN_H_
#define GLUE_SECURITY_STATE_MACHINE_PAGE_TOKEN_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"

namespace glue_security {

// The message of the error for a token that is not one of the catalog.
inline constexpr char kWrongPageToken[] =
    "NextToken is not a token of this catalog";

// Returns a token for the page after `last_name` in `catalog`: printable ASCII,
// opaque to callers. It holds the name, the catalog, a version and a checksum.
// It holds no revision, so writes, forks and restarts never invalidate it.
std::string EncodePageToken(const CatalogKey& catalog,
                            absl::string_view last_name);

// Returns the name in a token that `EncodePageToken` made for this `catalog`;
// nullopt for any other text: undecodable, damaged, of another version, or of
// another catalog.
std::optional<std::string> DecodePageToken(const CatalogKey& catalog,
                                           absl::string_view token);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_PAGE_TOKEN_H_
