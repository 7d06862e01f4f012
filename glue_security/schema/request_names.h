// The catalog and the objects that a request names.

#ifndef GLUE_SECURITY_SCHEMA_REQUEST_NAMES_H_
#define GLUE_SECURITY_SCHEMA_REQUEST_NAMES_H_

#include <string>
#include <vector>

#include "glue_security/model/operation.h"

namespace glue_security {

// Returns the CatalogId of `request`; nullptr when it is absent, or when the
// operation has none and uses the catalog of the caller's account.
const std::string* CatalogIdIn(RequestRef request);

// Returns the Name of `request`, empty when it is absent; nullptr when the
// operation has none.
const std::string* NameIn(RequestRef request);

// Returns the objects that `request` names in the member that the protos state
// for its operation: the names of connections. Empty when the operation has no
// such member, or the request does not set it.
std::vector<std::string> ObjectNamesIn(RequestRef request);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SCHEMA_REQUEST_NAMES_H_
