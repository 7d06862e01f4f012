// Copies a whole database to a new file, so that the copy appears at once.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_DATABASE_COPY_H_
#define GLUE_SECURITY_STORAGE_SQLITE_DATABASE_COPY_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "glue_security/storage/sqlite/sqlite_connection.h"

namespace glue_security {
namespace sqlite_internal {

// Writes a copy of the database, as of one instant, to a new file at `path`, an
// absolute path. `change` gets the path of a draft, which is synced after it
// and then gets its name.
//
// Errors: kFailedPrecondition, there is a file at `path`; those of
// StatusOfCode; those of `change`; kUnavailable, the system refuses. No file is
// left at `path`, unless the last sync, of the folder, failed. REQUIRES: no
// transaction is open.
absl::Status CopyDatabase(
    Connection* connection, const std::string& path,
    absl::FunctionRef<absl::Status(const std::string& draft)> change);

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_DATABASE_COPY_H_
