#include "glue_security/storage/sqlite/sqlite_storage.h"

#include <sqlite3.h>

#include <algorithm>
#include <new>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/storage/sqlite/commit_queue.h"
#include "glue_security/storage/sqlite/database_path.h"
#include "glue_security/storage/sqlite/sqlite_connection.h"
#include "glue_security/storage/sqlite/sqlite_maintenance.h"
#include "glue_security/storage/sqlite/sqlite_reader.h"
#include "glue_security/storage/sqlite/sqlite_status.h"
#include "glue_security/storage/sqlite/sqlite_writer.h"

namespace glue_security {
namespace {

using sqlite_internal::CommitQueue;
using sqlite_internal::Connection;
using sqlite_internal::OpenReadOnly;
using sqlite_internal::OutOfMemory;
using sqlite_internal::PendingCommit;
using sqlite_internal::ReaderPool;
using sqlite_internal::ResolveDatabasePath;
using sqlite_internal::SqliteWriter;
using sqlite_internal::WriterOptions;
using Synchronous = SqliteStorageOptions::Synchronous;

constexpr uint64_t kRecordBytesMax = 999'000'000;
// A day. SQLite takes the time as an int of milliseconds.
constexpr absl::Duration kBusyTimeoutMax = absl::Hours(24);

// Calls `work`, which returns a Status or a StatusOr.
template <typename Work>
auto WithMemory(Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  }
}

absl::Status CheckOptions(const SqliteStorageOptions& options) {
  const char* wrong = nullptr;
  if (options.read_connections < 1 || options.read_connections > 1000) {
    wrong = "read_connections is not between 1 and 1000";
  } else if (options.checkpoint_bytes < 4096 ||
             options.checkpoint_bytes > uint64_t{1} << 40) {
    wrong = "checkpoint_bytes is not between 4096 and 2^40";
  } else if (options.record_bytes_max > kRecordBytesMax) {
    wrong = "record_bytes_max is more than 999000000";
  } else if (options.integrity_check_bytes_max > uint64_t{1} << 62) {
    wrong = "integrity_check_bytes_max is more than 2^62";
  } else if (options.busy_timeout < absl::ZeroDuration() ||
             options.busy_timeout > kBusyTimeoutMax) {
    wrong = "busy_timeout is not between 0 and 24 hours";
  } else if (!options.vfs.empty() &&
             sqlite3_vfs_find(options.vfs.c_str()) == nullptr) {
    wrong = "vfs names none that is registered";
  }
  return wrong == nullptr ? absl::OkStatus()
                          : absl::InvalidArgumentError(wrong);
}

// Puts the path in front of the message.
absl::Status AtPath(const std::string& path, const absl::Status& status) {
  if (status.ok() || absl::StartsWith(status.message(), path)) return status;
  return absl::Status(status.code(),
                      absl::StrCat(path, ": ", status.message()));
}

}  // namespace

SqliteStorage::SqliteStorage(std::string path, SqliteStorageOptions options)
    : path_(std::move(path)), options_(std::move(options)) {}

SqliteStorage::~SqliteStorage() {
  if (!fork_guard_.in_child()) return;
  // The connections, their locks and the waiting threads belong to the parent.
  static_cast<void>(queue_.release());
  static_cast<void>(readers_.release());
  static_cast<void>(writer_.release());
}

absl::StatusOr<std::unique_ptr<SqliteStorage>> SqliteStorage::Open(
    const std::string& path, const SqliteStorageOptions& options) {
  return WithMemory([&]() -> absl::StatusOr<std::unique_ptr<SqliteStorage>> {
    absl::Status status = CheckOptions(options);
    if (!status.ok()) return AtPath(path, status);
    auto resolved = ResolveDatabasePath(path);
    if (!resolved.ok()) return resolved.status();
    auto storage = std::unique_ptr<SqliteStorage>(
        new SqliteStorage(*std::move(resolved), options));
    status = storage->OpenAll();
    if (!status.ok()) return AtPath(storage->path_, status);
    return storage;
  });
}

absl::Status SqliteStorage::OpenAll() {
  WriterOptions options;
  options.path = path_;
  options.vfs = options_.vfs;
  options.full_sync = options_.synchronous == Synchronous::kFull;
  options.checkpoint_bytes = options_.checkpoint_bytes;
  options.integrity_check_bytes_max = options_.integrity_check_bytes_max;
  options.accept_lost_tail = options_.accept_lost_tail;
  options.busy_timeout = options_.busy_timeout;
  options.metrics = options_.metrics;
  auto writer = SqliteWriter::Open(options);
  if (!writer.ok()) return writer.status();
  writer_ = *std::move(writer);
  auto readers = ReaderPool::Open(path_, options_.vfs, busy_milliseconds(),
                                  options_.read_connections);
  if (!readers.ok()) return readers.status();
  readers_ = *std::move(readers);
  queue_ = std::make_unique<CommitQueue>(
      [this](absl::Span<PendingCommit* const> group) {
        writer_->ApplyGroup(group);
      },
      [this] { writer_->CheckpointIfDue(); });
  return absl::OkStatus();
}

absl::StatusOr<Snapshot> SqliteStorage::Read(const ReadSet& read_set) {
  auto snapshot = WithMemory([&]() -> absl::StatusOr<Snapshot> {
    absl::Status status = CheckUsable();
    if (!status.ok()) return status;
    if (step_) step_();
    return readers_->Borrow()->Read(read_set, step_);
  });
  CountRead(snapshot.status(), options_.metrics);
  return snapshot;
}

absl::Status SqliteStorage::VisitRecord(const CatalogKey& catalog,
                                        const RecordKey& key,
                                        RecordVisitor visitor) {
  absl::Status status = WithMemory([&]() -> absl::Status {
    absl::Status usable = CheckUsable();
    if (!usable.ok()) return usable;
    if (step_) step_();
    return readers_->Borrow()->Visit(catalog, key, visitor);
  });
  CountRead(status, options_.metrics);
  return status;
}

absl::StatusOr<CommitResult> SqliteStorage::Commit(const WriteBatch& batch) {
  auto result = WithMemory([&] { return CommitUncounted(batch); });
  CountCommit(result, options_.metrics);
  return result;
}

absl::StatusOr<CommitResult> SqliteStorage::CommitUncounted(
    const WriteBatch& batch) {
  absl::Status status = CheckUsable();
  if (!status.ok()) return status;
  if (batch.branch != 0) return CommitResult::kConflict;
  status = CheckSizes(batch);
  if (!status.ok()) return status;
  if (step_) step_();
  auto result = queue_->Commit(batch);
  if (result.ok() && step_) step_();
  return result;
}

absl::Status SqliteStorage::CheckSizes(const WriteBatch& batch) const {
  const size_t catalog =
      batch.catalog.catalog_id.size() + batch.catalog.region.size();
  size_t largest = 0;
  for (const Precondition& precondition : batch.preconditions) {
    largest = std::max(largest, catalog + precondition.key.id.size());
  }
  for (const Mutation& mutation : batch.mutations) {
    const size_t value =
        mutation.value.has_value() ? mutation.value->size() : 0;
    largest = std::max(largest, catalog + mutation.key.id.size() + value);
  }
  return CheckSize(largest);
}

absl::Status SqliteStorage::CheckSize(size_t bytes) const {
  if (bytes <= options_.record_bytes_max) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a record of ", bytes,
                                                 " bytes is larger than ",
                                                 options_.record_bytes_max));
}

Durability SqliteStorage::durability() const {
  return options_.synchronous == Synchronous::kFull ? Durability::kPowerLoss
                                                    : Durability::kProcessCrash;
}

absl::Status SqliteStorage::VisitAll(NamedRecordVisitor visitor) {
  return WithMemory([&]() -> absl::Status {
    absl::Status status = CheckUsable();
    if (!status.ok()) return status;
    auto connection = OpenReadOnly(path_, options_.vfs, busy_milliseconds());
    if (!connection.ok()) return connection.status();
    return sqlite_internal::VisitAllRecords(connection->get(), visitor);
  });
}

absl::StatusOr<uint64_t> SqliteStorage::ReplaceAll(ReplaceMode mode,
                                                   NamedRecordSource source) {
  return WithMemory([&]() -> absl::StatusOr<uint64_t> {
    absl::Status status = CheckUsable();
    if (!status.ok()) return status;
    absl::StatusOr<uint64_t> replaced;
    queue_->RunAlone([&] {
      replaced =
          writer_->ReplaceAll(mode, source, [this](const NamedRecord& record) {
            return CheckSize(record.catalog.catalog_id.size() +
                             record.catalog.region.size() +
                             record.key.id.size() + record.value.size());
          });
      writer_->CheckpointIfDue();
    });
    return replaced;
  });
}

absl::StatusOr<StorageStats> SqliteStorage::Stats() {
  return WithMemory([&]() -> absl::StatusOr<StorageStats> {
    absl::Status status = CheckUsable();
    if (!status.ok()) return status;
    auto connection = OpenReadOnly(path_, options_.vfs, busy_milliseconds());
    if (!connection.ok()) return connection.status();
    return sqlite_internal::ReadStats(connection->get(), path_);
  });
}

absl::Status SqliteStorage::Verify(
    absl::FunctionRef<void(const StorageProblem&)> problem,
    MaintenanceProgress progress) {
  return WithMemory([&]() -> absl::Status {
    absl::Status status = CheckUsable();
    if (!status.ok()) return status;
    auto connection = OpenReadOnly(path_, options_.vfs, busy_milliseconds());
    if (!connection.ok()) return connection.status();
    return sqlite_internal::VerifyAll(connection->get(), problem, progress);
  });
}

absl::Status SqliteStorage::ExportTo(const std::string& path) {
  return WithMemory([&]() -> absl::Status {
    absl::Status status = CheckUsable();
    if (!status.ok()) return status;
    auto resolved = ResolveDatabasePath(path);
    if (!resolved.ok()) return resolved.status();
    // VACUUM needs a connection that may write, though not to this file.
    auto connection =
        Connection::Open(path_, options_.vfs, busy_milliseconds());
    if (!connection.ok()) return connection.status();
    return AtPath(*resolved, sqlite_internal::ExportRecords(
                                 connection->get(), options_.vfs, *resolved));
  });
}

absl::Status SqliteStorage::CheckUsable() const {
  if (fork_guard_.in_child()) {
    return absl::UnavailableError(
        "the storage was opened before a fork; open it again");
  }
  return writer_->CheckUsable();
}

int SqliteStorage::busy_milliseconds() const {
  return static_cast<int>(absl::ToInt64Milliseconds(options_.busy_timeout));
}

}  // namespace glue_security
