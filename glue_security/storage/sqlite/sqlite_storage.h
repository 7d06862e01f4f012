// SqliteStorage: keeps the records in a file, durably. It needs no server, and
// several processes may use one file.
//
//   absl::StatusOr<std::unique_ptr<SqliteStorage>> storage =
//       SqliteStorage::Open("/var/lib/glue/catalog.db", {});
//   if (!storage.ok()) return storage.status();  // names the path
//   Engine engine(storage->get());
//
// A failing example: after a cut of power in the middle of a commit, a bit of
// the write-ahead log (WAL) is damaged, in front of commits that were
// acknowledged. SQLite alone would drop them without a word:
//
//   SqliteStorage::Open(path, {});    // kDataLoss: frame 7 of the log ...
//   options.accept_lost_tail = true;
//   SqliteStorage::Open(path, options);  // OK, without those commits
//
// The file is an SQLite database in WAL mode, with PATH-wal, PATH-shm and
// PATH-lock beside it. It must be on a file system of this machine. Nothing
// else may write to it, or hold a transaction open for long.
//
// Commits of several threads become durable together: while one group is
// synced, the next one gathers. docs/storages/sqlite.md says what is promised
// under which failures, and how it was tested.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_SQLITE_STORAGE_H_
#define GLUE_SECURITY_STORAGE_SQLITE_SQLITE_STORAGE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/sqlite/fork_guard.h"
#include "glue_security/storage/storage.h"
#include "glue_security/storage/storage_maintenance.h"
#include "glue_security/storage/storage_metrics.h"

namespace glue_security {

namespace sqlite_internal {
class CommitQueue;
class ReaderPool;
class SqliteWriter;
}  // namespace sqlite_internal

struct SqliteStorageOptions {
  // SQLite's `synchronous`. kFull syncs the log in each commit, which then
  // survives a loss of power. kNormal syncs only what keeps the file sound: a
  // loss of power takes the last commits, as if they had never been made.
  enum class Synchronous { kFull, kNormal };
  Synchronous synchronous = Synchronous::kFull;

  // The number of connections that read, at least 1. A read that finds all of
  // them in use waits.
  size_t read_connections = 4;

  // The size of a database file, in bytes, up to which `Open` lets SQLite check
  // all of it. `Verify` checks a file of any size, and more.
  uint64_t integrity_check_bytes_max = uint64_t{64} << 20;

  // The size of the log, in bytes, at which it is copied into the database.
  uint64_t checkpoint_bytes = uint64_t{4} << 20;

  // The largest record, in bytes of its names and its value. A commit or a
  // ReplaceAll with a larger one is kInvalidArgument. At most 999,000,000,
  // because of SQLite.
  uint64_t record_bytes_max = 999'000'000;

  // Opens a database although the tail of its log is damaged, without the
  // commits from the damage on.
  bool accept_lost_tail = false;

  // The time to wait for a lock that another process holds.
  absl::Duration busy_timeout = absl::Seconds(5);

  // Counts what happens. Not owned; must outlive the storage. May be null.
  StorageMetrics* metrics = nullptr;

  // The name of an SQLite VFS that the program has registered; empty for the
  // default. Tests make the system fail with it.
  std::string vfs;
};

// Keeps the contract of `Storage`, with one branch, 0.
//
// Errors of `Read`, `VisitRecord` and `Commit`, beside those of their headers:
//
//   kUnavailable        Not applied: the file is locked by others for longer
//                       than `busy_timeout`; an I/O error before anything of a
//                       commit was written; a call in a child after fork();
//                       every call after a kUnknown, until the file is opened
//                       again.
//   kResourceExhausted  Not applied: no space on the disk, or no memory.
//   kInvalidArgument    Not applied: a record is too large.
//   kDataLoss           The file is damaged, or a checksum is wrong.
//   kUnknown            The sync or the last write of a commit failed. Opening
//                       the file again shows whether it was applied.
//
// The commits of a group fail together. Thread-safe. REQUIRES: no call is in
// progress when it is destroyed.
class SqliteStorage : public Storage, public StorageMaintenance {
 public:
  // Opens the database at `path`, and creates it when there is none. One of an
  // older format is copied to PATH.before-N, N being that format, and upgraded.
  //
  // Errors, each with the path, in this order:
  //   kInvalidArgument     an option is out of its range, or names a VFS that
  //                        is not registered; the path is empty,
  //                        has a NUL, or is not that of a file
  //   kNotFound            its folder does not exist
  //   kFailedPrecondition  this process was forked from one that had the file
  //                        open then
  //   kUnavailable         another process holds the lock for longer than
  //                        `busy_timeout`; the system refuses
  //   kDataLoss            the log, the file or a checksum is damaged; the file
  //                        is not a database
  //   kFailedPrecondition  it is a database of another application; it has a
  //                        newer format, of which the message names the
  //                        number; the file system does not support WAL;
  //                        the log beside it is that of another file;
  //                        something else is at PATH.before-N
  //   kResourceExhausted   no space on the disk, or no memory
  // A file that is not ours is left as it is.
  static absl::StatusOr<std::unique_ptr<SqliteStorage>> Open(
      const std::string& path, const SqliteStorageOptions& options);

  // Copies the log into the database and removes it, unless another process
  // uses the file.
  ~SqliteStorage() override;

  SqliteStorage(const SqliteStorage&) = delete;
  SqliteStorage& operator=(const SqliteStorage&) = delete;

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override;
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override;
  // kPowerLoss for kFull, else kProcessCrash.
  Durability durability() const override;

  // `Stats` has the details file_bytes, wal_bytes, page_bytes, pages,
  // free_pages, format, store_id and last_revision. `ReplaceAll` gives all
  // records one revision; its records are one transaction, which the log holds.
  absl::Status VisitAll(NamedRecordVisitor visitor) override;
  absl::StatusOr<uint64_t> ReplaceAll(ReplaceMode mode,
                                      NamedRecordSource source) override;
  absl::StatusOr<StorageStats> Stats() override;
  absl::Status Verify(absl::FunctionRef<void(const StorageProblem&)> problem,
                      MaintenanceProgress progress) override;

  // Writes all records, as of one instant, to a new database at `path`, which
  // gets a store id of its own. It is synced, and appears at once. Commits go
  // on meanwhile.
  //
  // Errors: kInvalidArgument and kNotFound as for `Open`; kFailedPrecondition,
  // there is a file at `path`; any Status of S14. No file is left at `path`,
  // unless the last sync, of the folder, failed. The mode is that of the
  // database, and the owner too, as far as the system allows.
  absl::Status ExportTo(const std::string& path);

  // Calls `step` on the thread of a call, where the call of another thread
  // could come between. For tests: see StorageUnderTest::set_step. A read keeps
  // its connection meanwhile. REQUIRES: no call is in progress; there are more
  // `read_connections` than reads that `step` is called inside of.
  void SetStepForTesting(std::function<void()> step) {
    step_ = std::move(step);
  }

 private:
  SqliteStorage(std::string path, SqliteStorageOptions options);

  // Returns OK, or kUnavailable when no call can be answered.
  absl::Status CheckUsable() const;
  absl::Status OpenAll();
  absl::Status CheckSizes(const WriteBatch& batch) const;
  absl::Status CheckSize(size_t bytes) const;
  absl::StatusOr<CommitResult> CommitUncounted(const WriteBatch& batch);
  int busy_milliseconds() const;

  // Absolute, without links.
  const std::string path_;
  const SqliteStorageOptions options_;
  // SQLite's connections do not survive a fork().
  const sqlite_internal::ForkGuard fork_guard_;
  std::function<void()> step_;
  std::unique_ptr<sqlite_internal::SqliteWriter> writer_;
  std::unique_ptr<sqlite_internal::ReaderPool> readers_;
  std::unique_ptr<sqlite_internal::CommitQueue> queue_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_SQLITE_STORAGE_H_
