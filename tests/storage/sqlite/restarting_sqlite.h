// RestartingSqlite: a SqliteStorage on a file of its own, in a system whose
// failures a test chooses, which is opened again after a commit of unknown
// fate, as a supervisor would do.

#ifndef GLUE_SECURITY_TESTS_STORAGE_SQLITE_RESTARTING_SQLITE_H_
#define GLUE_SECURITY_TESTS_STORAGE_SQLITE_RESTARTING_SQLITE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "glue_security/storage/sqlite/sqlite_storage.h"
#include "glue_security/storage/storage.h"
#include "tests/storage/sqlite/fault_vfs.h"

namespace glue_security {

// A folder for the files of a test, which is removed with its files.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  // Returns the path of a file in the folder.
  std::string File(const std::string& name) const { return path_ + name; }

 private:
  std::string path_;
};

class RestartingSqlite : public Storage {
 public:
  explicit RestartingSqlite(const SqliteStorageOptions& options = {});
  ~RestartingSqlite() override;

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override;
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override;
  Durability durability() const override;

  // Ends the process, as far as files are concerned, and opens them again.
  // REQUIRES: no call is in progress.
  void Crash();
  // Opens the file again; calls in progress end on the old object.
  void Restart();
  // Makes the next commit fail in one of the ways: one of its writes or its
  // sync, in each way. Returns false when there is no such way.
  bool FailNextCommit(int way);
  // Makes it fail in one of the ways in which the process goes on.
  bool FailNextCommitAndGoOn(int way);
  void SetStep(std::function<void()> step);

  FaultVfs& vfs() { return vfs_; }
  std::shared_ptr<SqliteStorage> storage() const;
  const std::string& path() const { return path_; }

 private:
  // Returns a new object on the file.
  std::shared_ptr<SqliteStorage> Open();
  // Returns the object, a new one where that is needed.
  std::shared_ptr<SqliteStorage> Usable();
  bool Fail(FaultVfs::Fault fault, FaultVfs::Call call, int number);
  void ArmIfFailing();

  const TemporaryFolder folder_;
  const std::string path_;
  FaultVfs vfs_;
  SqliteStorageOptions options_;
  std::function<void()> step_;
  mutable std::mutex mutex_;
  std::shared_ptr<SqliteStorage> storage_;
  // The next commit is made to fail so.
  std::atomic<bool> planned_{false};
  int number_ = 0;
  FaultVfs::Fault fault_ = FaultVfs::Fault::kError;
  FaultVfs::Call call_ = FaultVfs::Call::kWrite;
  // The thread of that commit, until the VFS knows about it.
  std::atomic<std::thread::id> failing_{std::thread::id()};
  // Its thread, while the VFS knows about it.
  std::atomic<std::thread::id> armed_{std::thread::id()};
  // The last failure was the end of the process.
  bool crashes_ = false;
  std::atomic<bool> needs_restart_{false};
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_STORAGE_SQLITE_RESTARTING_SQLITE_H_
