// The JSON of what is stored, as a person is shown it: the records of a storage
// as they are, without a call of an operation or of a key service. So looking
// changes no history, meets no fault rule and needs no permission.

#ifndef GLUE_SECURITY_CONTROL_STORED_JSON_H_
#define GLUE_SECURITY_CONTROL_STORED_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/storage/storage_kind.h"

namespace glue_security {

// Returns the part `what` of the records of `storage`. An empty `what` is the
// list of its catalogs. The other parts are of one catalog, which `query`
// names: "policy", "settings", "security_configurations" and "connections".
//
//   StoredAsJson("policy", "catalog=123456789012&region=us-east-1", storage)
//       // {"policy":{"PolicyInJson":…},"findings":[…]}
//
// docs/reference/control.md has all members and parameters. The values of a
// query are percent-encoded.
//
// No value of a ConnectionProperties that may be a secret is in the result, not
// even encrypted. A connection that is sealed is not opened.
//
// The result has about 1 MiB at most, and one record more; a policy whose text
// is longer is shown without it. The list of catalogs takes time in proportion
// to the records of the storage up to its end, the others in proportion to
// their result.
//
// Errors: kNotFound for another part, and for a list of catalogs of a storage
// without maintenance; kInvalidArgument for a query that is wrong; kDataLoss
// for a damaged policy or damaged settings (a damaged record in a list is
// marked there); any Status of the storage.
absl::StatusOr<std::string> StoredAsJson(absl::string_view what,
                                         absl::string_view query,
                                         const OpenedStorage& storage);

}  // namespace glue_security

#endif  // GLUE_SECURITY_CONTROL_STORED_JSON_H_
