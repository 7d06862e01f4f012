// Page tokens: where GetSecurityConfigurations goes on.

#ifndef GLUE_SECURITY_STATE_MACHINE_PAGE_TOKEN_H_
#define GLUE_SECURITY_STATE_MACHINE_PAGE_TOKEN_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"

namespace glue_security {

// A token for the page after `last_name` in `catalog`: printable ASCII, opaque
// to callers. It holds the name, the catalog, a version and a checksum, and no
// revision: writes, forks and restarts never invalidate it.
std::string EncodePageToken(const CatalogKey& catalog,
                            absl::string_view last_name);

// The name that `EncodePageToken` put into `token` for this `catalog`; nullopt
// when it is not a token that it makes: undecodable, damaged, of another
// version, or of another catalog.
std::optional<std::string> DecodePageToken(const CatalogKey& catalog,
                                           absl::string_view token);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_PAGE_TOKEN_H_
