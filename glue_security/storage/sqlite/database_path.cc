#include "glue_security/storage/sqlite/database_path.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

struct Free {
  void operator()(char* text) const { std::free(text); }
};

// Returns the absolute path of what exists. `path` may be empty, for the
// current folder.
absl::StatusOr<std::string> RealPath(const std::string& path) {
  const std::unique_ptr<char, Free> real(
      realpath(path.empty() ? "." : path.c_str(), nullptr));
  if (real != nullptr) return std::string(real.get());
  if (errno == ENOENT || errno == ENOTDIR) {
    return absl::NotFoundError("the folder does not exist");
  }
  return absl::ErrnoToStatus(errno, "the folder");
}

}  // namespace

absl::StatusOr<std::string> ResolveDatabasePath(const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        "the path of a database is not empty, and has no NUL");
  }
  if (path == ":memory:") {
    return absl::InvalidArgumentError(
        "the path of a database is that of a file, which :memory: is not");
  }
  struct stat found;
  if (stat(path.c_str(), &found) == 0) {
    if (!S_ISREG(found.st_mode)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": is not a regular file"));
    }
    return RealPath(path);
  }
  if (lstat(path.c_str(), &found) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is a link to nothing"));
  }
  const size_t slash = path.rfind('/') + 1;
  if (slash == path.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is not the name of a file"));
  }
  auto folder = RealPath(path.substr(0, slash));
  if (absl::IsNotFound(folder.status())) {
    return absl::NotFoundError(
        absl::StrCat(path, ": ", folder.status().message()));
  }
  if (!folder.ok()) {
    return absl::UnavailableError(
        absl::StrCat(path, ": ", folder.status().message()));
  }
  if (*folder == "/") folder->clear();
  return absl::StrCat(*folder, "/", path.substr(slash));
}

int64_t SizeOfFile(const std::string& path) {
  struct stat found;
  return stat(path.c_str(), &found) == 0 ? int64_t{found.st_size} : 0;
}

}  // namespace sqlite_internal
}  // namespace glue_security
