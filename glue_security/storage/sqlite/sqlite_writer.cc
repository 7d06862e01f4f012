#include "glue_security/storage/sqlite/sqlite_writer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <new>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/storage/sqlite/database_path.h"
#include "glue_security/storage/sqlite/record_checksum.h"
#include "glue_security/storage/sqlite/sqlite_status.h"
#include "glue_security/storage/sqlite/sqlite_upgrade.h"
#include "glue_security/storage/sqlite/wal_tail.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

constexpr int64_t kPageBytes = 4096;
// A log of this many times the length at which a checkpoint is due has readers
// in it all the time. The checkpoint then waits for them, for a while.
constexpr int64_t kLongLog = 4;
constexpr int kLongLogWaitMilliseconds = 100;

void BindName(Statement* statement, const CatalogKey& catalog,
              RecordKind kind) {
  statement->Bind(1, catalog.catalog_id);
  statement->Bind(2, catalog.region);
  statement->Bind(3, static_cast<int64_t>(kind));
}

// Returns what the other batches of a group get when one of them is at fault:
// they were not applied, and may be sent again.
absl::Status StatusOfOthers(const absl::Status& status) {
  if (!absl::IsDataLoss(status) && !absl::IsInvalidArgument(status)) {
    return status;
  }
  return absl::UnavailableError(
      absl::StrCat("another commit of the group failed: ", status.message()));
}

// Counts a group that became durable.
void CountGroup(uint64_t commits, StorageMetrics* metrics) {
  if (metrics == nullptr) return;
  ++metrics->groups;
  metrics->grouped_commits += commits;
  uint64_t most = metrics->group_commits_max;
  while (most < commits &&
         !metrics->group_commits_max.compare_exchange_weak(most, commits)) {
  }
}

}  // namespace

struct SqliteWriter::Statements {
  std::optional<MetaTable> meta;
  Statement begin;
  Statement commit;
  Statement rollback;
  Statement find;
  Statement insert;
  Statement update;
  Statement remove;
};

class SqliteWriter::Transaction {
 public:
  explicit Transaction(SqliteWriter* writer) : writer_(writer) {}
  ~Transaction() { Rollback(); }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  absl::Status Begin() {
    const Running running(&writer_->statements_->begin);
    return writer_->statements_->begin.Step().status();
  }
  absl::Status Commit() { return writer_->CommitTransaction(); }
  // Does nothing when there is no transaction, as after a commit.
  void Rollback() {
    if (!writer_->connection_->in_transaction()) return;
    Statement* const rollback = &writer_->statements_->rollback;
    rollback->StepForCode();
    rollback->Reset();
  }

 private:
  SqliteWriter* const writer_;
};

SqliteWriter::SqliteWriter(const WriterOptions& options)
    : options_(options),
      checkpoint_frames_(std::max<int64_t>(
          1, static_cast<int64_t>(options.checkpoint_bytes) / kPageBytes)) {
  next_checkpoint_ = checkpoint_frames_;
}

absl::StatusOr<std::unique_ptr<SqliteWriter>> SqliteWriter::Open(
    const WriterOptions& options) {
  auto writer = std::unique_ptr<SqliteWriter>(new SqliteWriter(options));
  auto file = LockFile::Open(options.path + "-lock");
  if (!file.ok()) return file.status();
  writer->lock_file_ = *std::move(file);
  // The lock file, since there may be no database yet.
  auto noted = OpenFileNote::Make(writer->lock_file_->descriptor());
  if (!noted.ok()) return noted.status();
  writer->note_ = *std::move(noted);
  const auto lock = writer->lock_file_->Lock(options.busy_timeout);
  if (!lock.ok()) return lock.status();
  const absl::Status status = writer->OpenLocked();
  if (!status.ok()) {
    // Ends the connection under the lock.
    writer->statements_ = nullptr;
    writer->connection_ = nullptr;
    return status;
  }
  return writer;
}

SqliteWriter::~SqliteWriter() {
  if (connection_ == nullptr) return;
  const auto lock = lock_file_->Lock(options_.busy_timeout);
  statements_ = nullptr;
  if (lock.ok() && !refuses_) {
    // Others who read now keep their log.
    sqlite3_busy_timeout(connection_->handle(), 0);
    const int code =
        sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr,
                                  SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (code != SQLITE_IOERR_FSYNC) connection_->CheckpointOnClose();
  }
  connection_ = nullptr;
}

absl::Status SqliteWriter::OpenLocked() {
  const absl::StatusOr<bool> lost = CheckLog();
  if (!lost.ok()) return lost.status();
  absl::Status status = OpenFile();
  if (!status.ok()) return status;
  status = PrepareStatements();
  if (!status.ok()) return status;
  // The log may hold a commit whose sync failed before: its pages are in the
  // system's memory, marked as clean. Writing them to the database makes them
  // durable. Others who read may keep some from being copied; then the log has
  // lived on in their processes.
  sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr,
                            SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  sqlite3_wal_hook(connection_->handle(), &SqliteWriter::CountFrames, this);
  status = ReserveRevisions(*lost ? kLostRevisions : 0);
  // The fate of a reservation does not matter: nothing was given.
  if (absl::IsUnknown(status)) return absl::UnavailableError(status.message());
  return status;
}

absl::StatusOr<bool> SqliteWriter::CheckLog() const {
  const std::string log = options_.path + "-wal";
  absl::Status status;
  if (SizeOfFile(options_.path) == 0 && SizeOfFile(log) > 0) {
    status = absl::DataLossError(
        absl::StrCat(log, ": is there, and the database is missing or empty"));
  } else if (IsForeignLog(options_.path, log)) {
    return absl::FailedPreconditionError(absl::StrCat(
        log, ": is the log of another file that was at this path; move it and ",
        options_.path, "-shm away"));
  } else if (options_.full_sync) {
    status = CheckWalTail(log);
  }
  if (status.ok()) return false;
  if (absl::IsDataLoss(status) && options_.accept_lost_tail) return true;
  return status;
}

absl::Status SqliteWriter::OpenFile() {
  const auto busy =
      static_cast<int>(absl::ToInt64Milliseconds(options_.busy_timeout));
  auto connection = Connection::Open(options_.path, options_.vfs, busy);
  if (!connection.ok()) return connection.status();
  connection_ = *std::move(connection);
  const absl::StatusOr<int64_t> format = ReadFormat(connection_.get());
  if (!format.ok()) return format.status();
  const int64_t bytes = SizeOfFile(options_.path);
  if (*format != 0 &&
      bytes <= static_cast<int64_t>(options_.integrity_check_bytes_max)) {
    absl::Status status = CheckIntegrity(connection_.get());
    if (!status.ok()) return status;
  }
  absl::Status status = UseWal(connection_.get());
  if (!status.ok()) return status;
  if (*format == 0) {
    status = CreateTables(connection_.get());
  } else if (*format < kFormat) {
    status = UpgradeFormat(connection_.get(), options_.path, options_.vfs);
  }
  if (!status.ok()) return status;
  return connection_->Execute(
      absl::StrCat(
          "PRAGMA synchronous=", options_.full_sync ? "FULL" : "NORMAL",
          "; PRAGMA journal_size_limit=", checkpoint_frames_ * kPageBytes)
          .c_str());
}

absl::Status SqliteWriter::PrepareStatements() {
  statements_ = std::make_unique<Statements>();
  auto meta = MetaTable::Open(connection_.get());
  if (!meta.ok()) return meta.status();
  statements_->meta = *std::move(meta);
  const std::pair<Statement*, const char*> all[] = {
      {&statements_->begin, "BEGIN IMMEDIATE"},
      {&statements_->commit, "COMMIT"},
      {&statements_->rollback, "ROLLBACK"},
      {&statements_->find,
       "SELECT rowid, revision, sum FROM record WHERE "
       "catalog_id = ? AND region = ? AND kind = ? AND id = ?"},
      {&statements_->insert, "INSERT INTO record VALUES(?, ?, ?, ?, ?, ?, ?)"},
      {&statements_->update,
       "UPDATE record SET revision = ?, value = ?, sum = ? WHERE rowid = ?"},
      {&statements_->remove, "DELETE FROM record WHERE rowid = ?"}};
  for (const auto& [statement, sql] : all) {
    auto prepared = Statement::Prepare(connection_.get(), sql);
    if (!prepared.ok()) return prepared.status();
    *statement = *std::move(prepared);
  }
  return absl::OkStatus();
}

absl::Status SqliteWriter::ReserveRevisions(std::optional<Revision> left_out) {
  if (!options_.full_sync) {
    absl::Status status = connection_->Execute("PRAGMA synchronous=FULL");
    if (!status.ok()) return status;
  }
  absl::Status status;
  {
    Transaction transaction(this);
    status = transaction.Begin();
    if (!status.ok()) return status;
    auto meta = statements_->meta->Read();
    if (!meta.ok()) return meta.status();
    if (left_out.has_value()) {
      meta->last = std::max(meta->last, meta->reserved) + *left_out;
    }
    meta->reserved = std::max(meta->last, meta->reserved) + kReservedRevisions;
    if (meta->reserved > kRevisionMax) {
      return absl::ResourceExhaustedError("all revisions are given");
    }
    status = statements_->meta->Write(*meta);
    if (status.ok()) status = transaction.Commit();
  }
  if (!options_.full_sync && status.ok()) {
    status = connection_->Execute("PRAGMA synchronous=NORMAL");
  }
  return status;
}

void SqliteWriter::ApplyGroup(absl::Span<PendingCommit* const> group) {
  absl::Status status;
  PendingCommit* culprit = nullptr;
  try {
    status = TryGroup(group, &culprit);
  } catch (const std::bad_alloc&) {
    status = OutOfMemory();
  }
  if (status.ok()) return;
  absl::Status others = status;
  if (culprit != nullptr && group.size() > 1) {
    try {
      others = StatusOfOthers(status);
    } catch (const std::bad_alloc&) {
      others = OutOfMemory();
    }
  }
  for (PendingCommit* const pending : group) pending->result = others;
  if (culprit != nullptr) culprit->result = status;
}

absl::Status SqliteWriter::TryGroup(absl::Span<PendingCommit* const> group,
                                    PendingCommit** culprit) {
  absl::Status status = CheckUsable();
  if (!status.ok()) return status;
  const auto lock = lock_file_->Lock(options_.busy_timeout);
  if (!lock.ok()) return lock.status();
  Transaction transaction(this);
  auto meta = BeginWithRevisions(&transaction, group.size());
  if (!meta.ok()) return meta.status();
  uint64_t applied = 0;
  for (PendingCommit* const pending : group) {
    *culprit = pending;
    pending->result = ApplyBatch(*pending->batch, &*meta);
    if (!pending->result.ok()) return pending->result.status();
    if (*pending->result == CommitResult::kCommitted) ++applied;
  }
  *culprit = nullptr;
  if (applied == 0) return absl::OkStatus();
  status = statements_->meta->Write(*meta);
  if (status.ok()) status = transaction.Commit();
  if (status.ok()) CountGroup(applied, options_.metrics);
  return status;
}

absl::StatusOr<Meta> SqliteWriter::BeginWithRevisions(Transaction* transaction,
                                                      uint64_t revisions) {
  absl::Status status = transaction->Begin();
  if (!status.ok()) return status;
  auto meta = statements_->meta->Read();
  if (!meta.ok() || meta->last + revisions <= meta->reserved) return meta;
  transaction->Rollback();
  status = ReserveRevisions(std::nullopt);
  // Nothing of the group was written. But no sync proves anything any more, and
  // the writer refuses everything.
  if (absl::IsUnknown(status)) return absl::UnavailableError(status.message());
  if (!status.ok()) return status;
  status = transaction->Begin();
  if (!status.ok()) return status;
  // The lock is held, so that nobody else used them.
  return statements_->meta->Read();
}

absl::StatusOr<CommitResult> SqliteWriter::ApplyBatch(const WriteBatch& batch,
                                                      Meta* meta) {
  absl::InlinedVector<std::optional<FoundRow>, 2> rows;
  for (const Precondition& precondition : batch.preconditions) {
    auto row = FindRow(batch.catalog, precondition.key);
    if (!row.ok()) return row.status();
    std::optional<Revision> found;
    if (row->has_value()) found = (*row)->revision;
    if (found != precondition.revision) return CommitResult::kConflict;
    rows.push_back(*row);
  }
  ++meta->last;
  for (const Mutation& mutation : batch.mutations) {
    const auto known = std::find_if(
        batch.preconditions.begin(), batch.preconditions.end(),
        [&](const Precondition& p) { return p.key == mutation.key; });
    std::optional<FoundRow> row;
    if (known != batch.preconditions.end()) {
      row = rows[static_cast<size_t>(known - batch.preconditions.begin())];
    } else {
      auto found = FindRow(batch.catalog, mutation.key);
      if (!found.ok()) return found.status();
      row = *found;
    }
    const absl::Status status =
        ApplyMutation(batch.catalog, mutation, row, meta);
    if (!status.ok()) return status;
  }
  return CommitResult::kCommitted;
}

absl::Status SqliteWriter::ApplyMutation(const CatalogKey& catalog,
                                         const Mutation& mutation,
                                         const std::optional<FoundRow>& row,
                                         Meta* meta) {
  if (row.has_value()) meta->record_sum -= row->sum;
  if (!mutation.value.has_value()) {
    if (!row.has_value()) return absl::OkStatus();
    --meta->records;
    Statement* const remove = &statements_->remove;
    const Running running(remove);
    remove->Bind(1, row->rowid);
    return remove->Step().status();
  }
  const Revision revision = meta->last;
  const uint64_t sum = RecordChecksum(
      catalog, mutation.key.kind, mutation.key.id, revision, *mutation.value);
  meta->record_sum += sum;
  if (!row.has_value()) {
    ++meta->records;
    return InsertRow(catalog, mutation.key, revision, *mutation.value, sum);
  }
  Statement* const update = &statements_->update;
  const Running running(update);
  update->Bind(1, static_cast<int64_t>(revision));
  update->Bind(2, *mutation.value);
  update->Bind(3, static_cast<int64_t>(sum));
  update->Bind(4, row->rowid);
  return update->Step().status();
}

absl::StatusOr<std::optional<SqliteWriter::FoundRow>> SqliteWriter::FindRow(
    const CatalogKey& catalog, const RecordKey& key) {
  Statement* const find = &statements_->find;
  const Running running(find);
  BindName(find, catalog, key.kind);
  find->Bind(4, key.id);
  const absl::StatusOr<bool> row = find->Step();
  if (!row.ok()) return row.status();
  if (!*row) return std::optional<FoundRow>();
  return std::optional<FoundRow>(
      FoundRow{find->Number(0), static_cast<Revision>(find->Number(1)),
               static_cast<uint64_t>(find->Number(2))});
}

absl::Status SqliteWriter::InsertRow(const CatalogKey& catalog,
                                     const RecordKey& key, Revision revision,
                                     absl::string_view value, uint64_t sum) {
  Statement* const insert = &statements_->insert;
  const Running running(insert);
  BindName(insert, catalog, key.kind);
  insert->Bind(4, key.id);
  insert->Bind(5, static_cast<int64_t>(revision));
  insert->Bind(6, value);
  insert->Bind(7, static_cast<int64_t>(sum));
  return insert->Step().status();
}

absl::StatusOr<uint64_t> SqliteWriter::ReplaceAll(ReplaceMode mode,
                                                  NamedRecordSource source,
                                                  RecordCheck check) {
  absl::Status status = CheckUsable();
  if (!status.ok()) return status;
  const auto lock = lock_file_->Lock(options_.busy_timeout);
  if (!lock.ok()) return lock.status();
  Transaction transaction(this);
  return ReplaceInside(&transaction, mode, source, check);
}

absl::StatusOr<uint64_t> SqliteWriter::ReplaceInside(Transaction* transaction,
                                                     ReplaceMode mode,
                                                     NamedRecordSource source,
                                                     RecordCheck check) {
  auto meta = BeginWithRevisions(transaction, 1);
  if (!meta.ok()) return meta.status();
  if (mode == ReplaceMode::kOnlyIfEmpty) {
    const auto any =
        connection_->QueryNumber("SELECT EXISTS(SELECT 1 FROM record)");
    if (!any.ok()) return any.status();
    if (*any != 0) {
      return absl::FailedPreconditionError("the storage has records already");
    }
  }
  absl::Status status = connection_->Execute("DELETE FROM record");
  if (!status.ok()) return status;
  meta->records = 0;
  meta->record_sum = 0;
  const Revision revision = ++meta->last;
  while (const NamedRecord* const record = source()) {
    status = check(*record);
    if (!status.ok()) return status;
    const uint64_t sum =
        RecordChecksum(record->catalog, record->key.kind, record->key.id,
                       revision, record->value);
    status =
        InsertRow(record->catalog, record->key, revision, record->value, sum);
    if (!status.ok()) return status;
    ++meta->records;
    meta->record_sum += sum;
  }
  status = statements_->meta->Write(*meta);
  if (status.ok()) status = transaction->Commit();
  if (!status.ok()) return status;
  return static_cast<uint64_t>(meta->records);
}

absl::Status SqliteWriter::CommitTransaction() {
  const auto begin = std::chrono::steady_clock::now();
  const int code = statements_->commit.StepForCode();
  statements_->commit.Reset();
  if (options_.metrics != nullptr) {
    const std::chrono::nanoseconds time =
        std::chrono::steady_clock::now() - begin;
    ++options_.metrics->syncs;
    options_.metrics->sync_nanoseconds += static_cast<uint64_t>(time.count());
  }
  if (code == SQLITE_DONE) return absl::OkStatus();
  if ((code & 0xff) != SQLITE_FULL) refuses_ = true;
  return StatusOfCommit(code);
}

absl::Status SqliteWriter::CheckUsable() const {
  if (!refuses_) return absl::OkStatus();
  return absl::UnavailableError(
      "a write or a sync of the log failed; open the storage again");
}

int SqliteWriter::CountFrames(void* writer, sqlite3* /*db*/,
                              const char* /*name*/, int frames) {
  auto* const self = static_cast<SqliteWriter*>(writer);
  // The log was begun again.
  if (frames < self->log_frames_) {
    self->next_checkpoint_ = self->checkpoint_frames_;
  }
  self->log_frames_ = frames;
  return SQLITE_OK;
}

void SqliteWriter::CheckpointIfDue() {
  if (log_frames_ < next_checkpoint_ || refuses_) return;
  const auto lock = lock_file_->Lock(options_.busy_timeout);
  if (!lock.ok()) return;
  sqlite3* const db = connection_->handle();
  const bool is_long = log_frames_ >= kLongLog * checkpoint_frames_;
  if (is_long) sqlite3_busy_timeout(db, kLongLogWaitMilliseconds);
  const int code = sqlite3_wal_checkpoint_v2(
      db, nullptr,
      is_long ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, nullptr,
      nullptr);
  sqlite3_busy_timeout(
      db, static_cast<int>(absl::ToInt64Milliseconds(options_.busy_timeout)));
  // Without `full_sync` the log is synced here first. When that fails, the
  // system may have marked its pages as clean, and the next checkpoint would
  // write over the database from a log that is not on the disk.
  if (code == SQLITE_IOERR_FSYNC && !options_.full_sync) refuses_ = true;
  // Readers may keep the log from being begun again. Then the next attempt
  // waits until there is something to copy.
  next_checkpoint_ = log_frames_ + std::max<int64_t>(1, checkpoint_frames_ / 8);
}

}  // namespace sqlite_internal
}  // namespace glue_security
