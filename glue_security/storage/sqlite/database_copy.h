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
// absolute path. `draft` is the path beside it at which the copy is written; a
// file there, as a process that was killed leaves it, is removed. `change` gets
// that path. Then the copy is synced and gets its name. Its mode is that of the
// database, and its owner too, as far as the system allows; else nobody but the
// owner of this process can open it.
//
// Errors: kFailedPrecondition, there is a file at `path`; those of
// StatusOfCode; those of `change`; kUnavailable, the system refuses. No file is
// left at `path`, unless the last sync, of the folder, failed; none is left at
// `draft`. REQUIRES: no transaction is open, and nobody else uses `draft`.
absl::Status CopyDatabase(
    Connection* connection, const std::string& path, const std::string& draft,
    absl::FunctionRef<absl::Status(const std::string& draft)> change);

// Syncs the folder of the file at `path`. Errors: kUnavailable.
absl::Status SyncFolderOf(const std::string& path);

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_DATABASE_COPY_H_
