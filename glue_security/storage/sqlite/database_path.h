// The one absolute name of a database file, so that all who open it find the
// same lock file beside it.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_DATABASE_PATH_H_
#define GLUE_SECURITY_STORAGE_SQLITE_DATABASE_PATH_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace glue_security {
namespace sqlite_internal {

// Returns `path` as an absolute path without symbolic links. The file need not
// exist, its folder must.
//
// Errors, each with the path: kInvalidArgument, it is empty, has a NUL, or is
// that of a folder or of a link to nothing; kNotFound, its folder does not
// exist; kUnavailable, the system refuses to look.
absl::StatusOr<std::string> ResolveDatabasePath(const std::string& path);

// Returns the size of a file in bytes, 0 when there is none.
int64_t SizeOfFile(const std::string& path);

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_DATABASE_PATH_H_
