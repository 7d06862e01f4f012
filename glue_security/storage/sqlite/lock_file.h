// LockFile: a file beside a database that one object at a time holds, in this
// process or another, while it writes to the database or checkpoints it.
//
//   absl::StatusOr<std::unique_ptr<LockFile>> file = LockFile::Open(path);
//   {
//     const absl::StatusOr<HeldLock> lock = (*file)->Lock(absl::Seconds(5));
//     ...  // nobody else writes
//   }
//
// SQLite's own locks exclude two writers as well, but not everything: before
// 3.51.3 a writer and a checkpoint that meet at one instant can damage the
// database (the WAL-reset bug).
//
// The lock is flock(2). It belongs to the object, is free when its process has
// ended in whatever way, and needs a file system of this machine. A child that
// was forked while the object lived, and runs no other program, keeps a lock
// that its parent held when it ended.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_LOCK_FILE_H_
#define GLUE_SECURITY_STORAGE_SQLITE_LOCK_FILE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace glue_security {
namespace sqlite_internal {

class LockFile;

// Holds the lock until the end of its life.
class HeldLock {
 public:
  explicit HeldLock(LockFile* file) : file_(file) {}
  ~HeldLock();
  HeldLock(HeldLock&& other) noexcept : file_(other.file_) {
    other.file_ = nullptr;
  }
  HeldLock& operator=(HeldLock&&) = delete;

 private:
  LockFile* file_;
};

// Not thread-safe: one thread at a time locks and unlocks.
class LockFile {
 public:
  // Opens the file, and creates it when there is none. The file stays when the
  // object ends: removing it would let two objects hold two files of one name.
  //
  // Errors: kUnavailable, with the path and the system's reason.
  static absl::StatusOr<std::unique_ptr<LockFile>> Open(
      const std::string& path);

  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

  // Waits for the lock, up to `timeout`. Errors: kUnavailable, the lock is
  // held by others all that time, or cannot be had. Throws nothing: without
  // memory the status has no message.
  absl::StatusOr<HeldLock> Lock(absl::Duration timeout);

  // The open file, which this object closes.
  int descriptor() const { return descriptor_; }

 private:
  friend class HeldLock;

  explicit LockFile(std::string path) : path_(std::move(path)) {}
  void Unlock();

  int descriptor_ = -1;
  const std::string path_;
};

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_LOCK_FILE_H_
