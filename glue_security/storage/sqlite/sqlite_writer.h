// SqliteWriter: the one connection of a storage that writes. It applies groups
// of batches, each in one transaction, and keeps the write-ahead log short.
//
//   writer->ApplyGroup(group);     // the fate of each batch is known
//   writer->CheckpointIfDue();     // afterwards, so that no commit waits
//
// A group commits or fails as one. A failure other than of the COMMIT applies
// nothing. When a COMMIT fails after it has begun to write, its fate is open,
// and the writer refuses everything from then on: the system may have marked
// the pages of a failed sync as clean, so that later syncs prove nothing. Only
// a new opening shows what the file holds.
//
// Not thread-safe: one thread at a time calls it.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_SQLITE_WRITER_H_
#define GLUE_SECURITY_STORAGE_SQLITE_SQLITE_WRITER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/sqlite/lock_file.h"
#include "glue_security/storage/sqlite/open_file_note.h"
#include "glue_security/storage/sqlite/sqlite_connection.h"
#include "glue_security/storage/sqlite/sqlite_schema.h"
#include "glue_security/storage/storage.h"
#include "glue_security/storage/storage_maintenance.h"
#include "glue_security/storage/storage_metrics.h"

namespace glue_security {
namespace sqlite_internal {

// A batch and what became of it.
struct PendingCommit {
  const WriteBatch* batch = nullptr;
  absl::StatusOr<CommitResult> result;
};

struct WriterOptions {
  std::string path;
  std::string vfs;
  // True: each commit is synced. False: only what keeps the file sound.
  bool full_sync = true;
  uint64_t checkpoint_bytes = 0;
  uint64_t integrity_check_bytes_max = 0;
  bool accept_lost_tail = false;
  absl::Duration busy_timeout;
  StorageMetrics* metrics = nullptr;
};

class SqliteWriter {
 public:
  // Opens the database, checks it, creates it when there is none, and reserves
  // revisions. Errors: see SqliteStorage::Open.
  static absl::StatusOr<std::unique_ptr<SqliteWriter>> Open(
      const WriterOptions& options);

  // Empties the log into the database when no other process uses it.
  ~SqliteWriter();

  // Sets the result of each batch of a group. Throws nothing.
  void ApplyGroup(absl::Span<PendingCommit* const> group);

  // Copies the log into the database when it has become long. A failure leaves
  // the log as it is, for the next time. Throws nothing.
  void CheckpointIfDue();

  // See StorageMaintenance. Changes nothing and returns what `check` returns
  // for a record when that is not OK. A failure of its COMMIT is one of
  // ApplyGroup.
  using RecordCheck = absl::FunctionRef<absl::Status(const NamedRecord&)>;
  absl::StatusOr<uint64_t> ReplaceAll(ReplaceMode mode,
                                      NamedRecordSource source,
                                      RecordCheck check);

  // Returns OK, or kUnavailable when the writer refuses everything. The one
  // method that every thread may call.
  absl::Status CheckUsable() const;

 private:
  // A record as the table has it.
  struct FoundRow {
    int64_t rowid = 0;
    Revision revision = 0;
    uint64_t sum = 0;
  };

  // The prepared statements, which must end before the connection.
  struct Statements;
  // An open transaction, which is rolled back unless it was committed.
  class Transaction;

  explicit SqliteWriter(const WriterOptions& options);

  // Does what Open does, under the lock. The parts follow.
  absl::Status OpenLocked();
  // Returns whether commits were lost, which the options accept.
  absl::StatusOr<bool> CheckLog() const;
  absl::Status OpenFile();
  absl::Status PrepareStatements();
  // Leaves out `left_out` revisions behind those that are reserved, if this is
  // an opening, and reserves more of them by a write that is synced.
  absl::Status ReserveRevisions(std::optional<Revision> left_out);

  // Does what ApplyGroup does; fills in results only when it returns OK. Sets
  // `culprit` to the batch that an error belongs to.
  absl::Status TryGroup(absl::Span<PendingCommit* const> group,
                        PendingCommit** culprit);
  // Begins a transaction with at least `revisions` reserved ones.
  absl::StatusOr<Meta> BeginWithRevisions(Transaction* transaction,
                                          uint64_t revisions);
  // Applies a batch with the next revision, unless there is a conflict, and
  // changes the facts as it says.
  absl::StatusOr<CommitResult> ApplyBatch(const WriteBatch& batch, Meta* meta);
  absl::Status ApplyMutation(const CatalogKey& catalog,
                             const Mutation& mutation,
                             const std::optional<FoundRow>& row, Meta* meta);
  absl::StatusOr<std::optional<FoundRow>> FindRow(const CatalogKey& catalog,
                                                  const RecordKey& key);
  absl::Status InsertRow(const CatalogKey& catalog, const RecordKey& key,
                         Revision revision, absl::string_view value,
                         uint64_t sum);
  absl::StatusOr<uint64_t> ReplaceInside(Transaction* transaction,
                                         ReplaceMode mode,
                                         NamedRecordSource source,
                                         RecordCheck check);
  absl::Status CommitTransaction();
  static int CountFrames(void* writer, sqlite3* db, const char* name,
                         int frames);

  const WriterOptions options_;
  std::unique_ptr<LockFile> lock_file_;
  // The note lives longer than every connection to the database.
  std::unique_ptr<OpenFileNote> note_;
  std::unique_ptr<Connection> connection_;
  std::atomic<bool> refuses_{false};

  std::unique_ptr<Statements> statements_;

  // In frames of the log: the length at which a checkpoint is due; the length
  // after the last commit, which SQLite reports; and the length from which the
  // next checkpoint is tried.
  const int64_t checkpoint_frames_;
  int64_t log_frames_ = 0;
  int64_t next_checkpoint_ = 0;
};

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_SQLITE_WRITER_H_
