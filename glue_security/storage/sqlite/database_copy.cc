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

// Removes the draft, and the journal that SQLite writes beside it.
class Draft {
 public:
  explicit Draft(const std::string& path)
      : path_(path), journal_(path + "-journal") {
    Remove();
  }
  ~Draft() { Remove(); }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  // Makes an empty file that only its owner can open.
  absl::Status Create() const {
    const int descriptor =
        open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return SystemFailure(path_, errno);
    close(descriptor);
    return absl::OkStatus();
  }

  // Gives it the mode and the owner of a file.
  absl::Status ShareLike(const char* original) const {
    struct stat found;
    if (stat(original, &found) != 0) return SystemFailure(original, errno);
    // The owner first, since a change of it takes rights away. Only root can
    // give files away; the copy of another user then has this one's.
    const bool is_given = chown(path_.c_str(), found.st_uid, found.st_gid) == 0;
    const mode_t kept = is_given ? 0777 : 0700;
    if (chmod(path_.c_str(), found.st_mode & kept) != 0) {
      return SystemFailure(path_, errno);
    }
    return absl::OkStatus();
  }

 private:
  void Remove() const {
    unlink(path_.c_str());
    unlink(journal_.c_str());
  }

  const std::string path_;
  const std::string journal_;
};

absl::Status CopyByDraft(
    Connection* connection, const std::string& path, const std::string& draft,
    absl::FunctionRef<absl::Status(const std::string&)> change) {
  const Draft file(draft);
  absl::Status status = file.Create();
  if (!status.ok()) return status;
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
  status = change(draft);
  if (status.ok()) {
    status = file.ShareLike(sqlite3_db_filename(connection->handle(), "main"));
  }
  // SQLite does not sync the file that VACUUM INTO writes.
  if (status.ok()) status = Sync(draft);
  if (!status.ok()) return status;
  // Unlike a renaming, a link does not replace a file that came meanwhile.
  if (link(draft.c_str(), path.c_str()) != 0) {
    if (errno != EEXIST) return SystemFailure(path, errno);
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": there is a file already"));
  }
  return SyncFolderOf(path);
}

}  // namespace

absl::Status SyncFolderOf(const std::string& path) {
  return Sync(path.substr(0, path.rfind('/') + 1));
}

absl::Status CopyDatabase(
    Connection* connection, const std::string& path, const std::string& draft,
    absl::FunctionRef<absl::Status(const std::string& draft)> change) {
  struct stat found;
  if (lstat(path.c_str(), &found) == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": there is a file already"));
  }
  return CopyByDraft(connection, path, draft, change);
}

}  // namespace sqlite_internal
}  // namespace glue_security
