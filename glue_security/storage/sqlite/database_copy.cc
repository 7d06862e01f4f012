#include "glue_security/storage/sqlite/database_copy.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "glue_security/storage/sqlite/sqlite_status.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

absl::Status SystemFailure(const std::string& path, int error) {
  return absl::UnavailableError(absl::StrCat(
      path, ": ", absl::ErrnoToStatus(error, "the copy").message()));
}

// Syncs a file, or a folder.
absl::Status Sync(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return SystemFailure(path, errno);
  const int result = fsync(descriptor);
  const int error = errno;
  close(descriptor);
  return result == 0 ? absl::OkStatus() : SystemFailure(path, error);
}

absl::Status CopyByDraft(
    Connection* connection, const std::string& path, const std::string& draft,
    absl::FunctionRef<absl::Status(const std::string&)> change) {
  {
    auto vacuum = Statement::Prepare(connection, "VACUUM INTO CAST(? AS TEXT)");
    if (!vacuum.ok()) return vacuum.status();
    vacuum->Bind(1, draft);
    const int code = vacuum->StepForCode();
    // Besides that a file exists, this says that its size could not be read.
    if (code == SQLITE_ERROR) {
      return absl::UnavailableError(
          absl::StrCat(draft, ": could not be written"));
    }
    if (code != SQLITE_DONE) return StatusOfCode(code, "copy of the file");
  }
  absl::Status status = change(draft);
  // SQLite does not sync the file that VACUUM INTO writes.
  if (status.ok()) status = Sync(draft);
  if (!status.ok()) return status;
  // Unlike a renaming, a link does not replace a file that came meanwhile.
  if (link(draft.c_str(), path.c_str()) != 0) {
    if (errno != EEXIST) return SystemFailure(path, errno);
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": there is a file already"));
  }
  return Sync(path.substr(0, path.rfind('/') + 1));
}

}  // namespace

absl::Status CopyDatabase(
    Connection* connection, const std::string& path,
    absl::FunctionRef<absl::Status(const std::string& draft)> change) {
  struct stat found;
  if (lstat(path.c_str(), &found) == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": there is a file already"));
  }
  // A name that no other copy of this time has.
  const auto name = connection->QueryText("SELECT hex(randomblob(8))");
  if (!name.ok()) return name.status();
  const std::string draft = absl::StrCat(path, ".", *name);
  absl::Status status = CopyByDraft(connection, path, draft, change);
  unlink(draft.c_str());
  return status;
}

}  // namespace sqlite_internal
}  // namespace glue_security
