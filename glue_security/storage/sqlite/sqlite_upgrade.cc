#include "glue_security/storage/sqlite/sqlite_upgrade.h"

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "glue_security/storage/sqlite/database_copy.h"
#include "glue_security/storage/sqlite/database_path.h"
#include "glue_security/storage/sqlite/record_checksum.h"
#include "glue_security/storage/sqlite/sqlite_schema.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

// Reads the row of facts of format 1.
absl::StatusOr<Meta> ReadFacts(Connection* connection) {
  auto read = Statement::Prepare(
      connection,
      "SELECT store_id, last_revision, reserved_revision, sum FROM meta "
      "WHERE id = 1");
  if (!read.ok()) return read.status();
  const absl::StatusOr<bool> row = read->Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::DataLossError("the row of facts is missing");
  Meta meta;
  meta.store_id = std::string(read->Blob(0));
  meta.last = static_cast<Revision>(read->Number(1));
  meta.reserved = static_cast<Revision>(read->Number(2));
  if (static_cast<uint64_t>(read->Number(3)) !=
      FactsChecksum(meta.store_id, {meta.last, meta.reserved})) {
    return absl::DataLossError(
        "the checksum of the row of facts does not match");
  }
  return meta;
}

// Adds up the sets of format 1. The records themselves are not asked, so that
// one that vanished is still missed after the upgrade.
absl::Status AddSets(Connection* connection, Meta* meta) {
  auto sets =
      Statement::Prepare(connection, "SELECT count, sum FROM record_set");
  if (!sets.ok()) return sets.status();
  while (true) {
    const absl::StatusOr<bool> row = sets->Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    meta->records += sets->Number(0);
    meta->record_sum += static_cast<uint64_t>(sets->Number(1));
  }
}

// The most copies of earlier states that may be beside a file.
constexpr int kCopiesMax = 16;

// The file at the path of a copy.
enum class Found { kThisState, kEarlierState, kAnotherFile };

absl::StatusOr<Meta> ReadCopy(Connection* connection) {
  const absl::StatusOr<int64_t> format = ReadFormat(connection);
  if (!format.ok()) return format.status();
  if (*format != 1) return absl::FailedPreconditionError("is of no format 1");
  return ReadFacts(connection);
}

// Compares the file at `path` with a database that has these facts. Each
// opening and each commit changes them. Errors: what kept the file from being
// read, which says nothing about it.
absl::StatusOr<Found> LookAt(const std::string& path, const std::string& vfs,
                             const Meta& original) {
  // Opening what is no file would make one.
  if (SizeOfFile(path) == 0) return Found::kAnotherFile;
  auto connection = Connection::Open(path, vfs, /*busy_milliseconds=*/0);
  if (!connection.ok()) return connection.status();
  const absl::StatusOr<Meta> copy = ReadCopy(connection->get());
  if (absl::IsDataLoss(copy.status()) ||
      absl::IsFailedPrecondition(copy.status())) {
    return Found::kAnotherFile;
  }
  if (!copy.ok()) return copy.status();
  if (copy->store_id != original.store_id) return Found::kAnotherFile;
  return copy->last == original.last && copy->reserved == original.reserved
             ? Found::kThisState
             : Found::kEarlierState;
}

// Makes a copy at `path`, or finds the one that an upgrade left that was cut
// off. One of an earlier state stays; then the new copy is at `path` and a
// number.
absl::Status KeepCopy(Connection* connection, const std::string& path,
                      const std::string& vfs, const Meta& original) {
  for (int number = 1; number <= kCopiesMax; ++number) {
    const std::string copy =
        number == 1 ? path : absl::StrCat(path, ".", number);
    absl::Status status =
        CopyDatabase(connection, copy, path + ".draft",
                     [](const std::string&) { return absl::OkStatus(); });
    if (!absl::IsFailedPrecondition(status)) return status;
    const absl::StatusOr<Found> found = LookAt(copy, vfs, original);
    if (!found.ok()) return found.status();
    if (*found == Found::kThisState) return SyncFolderOf(copy);
    if (*found == Found::kAnotherFile) {
      return absl::FailedPreconditionError(
          absl::StrCat("has format 1, and an upgrade would keep a copy at ",
                       copy, ", where there is another file; move that away"));
    }
  }
  return absl::FailedPreconditionError(
      absl::StrCat("has format 1, and ", kCopiesMax, " copies at ", path,
                   " are of earlier states; move them away"));
}

absl::Status ChangeTables(Connection* connection, Meta meta) {
  absl::Status status = AddSets(connection, &meta);
  if (!status.ok()) return status;
  status = connection->Execute(
      absl::StrCat("DROP TABLE record_set; DROP TABLE meta;", kMetaTable,
                   "PRAGMA user_version=2")
          .c_str());
  if (!status.ok()) return status;
  auto table = MetaTable::Open(connection);
  if (!table.ok()) return table.status();
  return table->Write(meta);
}

}  // namespace

absl::Status UpgradeFormat(Connection* connection, const std::string& path,
                           const std::string& vfs) {
  auto meta = ReadFacts(connection);
  if (!meta.ok()) return meta.status();
  absl::Status status =
      KeepCopy(connection, absl::StrCat(path, ".before-1"), vfs, *meta);
  if (status.ok()) status = connection->Execute("PRAGMA synchronous=FULL");
  if (status.ok()) status = connection->Execute("BEGIN IMMEDIATE");
  if (status.ok()) status = ChangeTables(connection, *std::move(meta));
  if (status.ok()) status = connection->Execute("COMMIT");
  if (connection->in_transaction()) {
    connection->Execute("ROLLBACK").IgnoreError();
  }
  return status;
}

}  // namespace sqlite_internal
}  // namespace glue_security
