#include "glue_security/storage/sqlite/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <new>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

absl::Status Failure(absl::string_view path, int error) {
  return absl::UnavailableError(absl::StrCat(
      path, ": ", absl::ErrnoToStatus(error, "the lock file").message()));
}

// Returns what `make` does, or the same code without a message when there is no
// memory for one.
template <typename Make>
absl::Status WithoutThrowing(Make&& make) {
  try {
    return make();
  } catch (const std::bad_alloc&) {
    return absl::Status(absl::StatusCode::kUnavailable, "");
  }
}

}  // namespace

HeldLock::~HeldLock() {
  if (file_ != nullptr) file_->Unlock();
}

absl::StatusOr<std::unique_ptr<LockFile>> LockFile::Open(
    const std::string& path) {
  auto file = std::unique_ptr<LockFile>(new LockFile(path));
  file->descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file->descriptor_ < 0) return Failure(path, errno);
  return file;
}

LockFile::~LockFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::StatusOr<HeldLock> LockFile::Lock(absl::Duration timeout) {
  const auto end =
      std::chrono::steady_clock::now() + absl::ToChronoMicroseconds(timeout);
  auto pause = std::chrono::microseconds(20);
  while (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    if (error != EWOULDBLOCK && error != EINTR) {
      return WithoutThrowing([&] { return Failure(path_, error); });
    }
    if (std::chrono::steady_clock::now() >= end) {
      return WithoutThrowing([&] {
        return absl::UnavailableError(
            absl::StrCat(path_, ": held by another writer for ",
                         absl::FormatDuration(timeout)));
      });
    }
    // A blocking flock would have no timeout. The pause stays well below the
    // time of a sync.
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds(1000));
  }
  return HeldLock(this);
}

void LockFile::Unlock() { flock(descriptor_, LOCK_UN); }

}  // namespace sqlite_internal
}  // namespace glue_security
