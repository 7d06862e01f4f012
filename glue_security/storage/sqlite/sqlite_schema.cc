#include "glue_security/storage/sqlite/sqlite_schema.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glue_security/storage/sqlite/record_checksum.h"
#include "glue_security/storage/sqlite/sqlite_status.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

constexpr char kRecordTable[] =
    "CREATE TABLE record("
    "catalog_id BLOB NOT NULL, region BLOB NOT NULL, kind INTEGER NOT NULL, "
    "id BLOB NOT NULL, revision INTEGER NOT NULL, value BLOB NOT NULL, "
    "sum INTEGER NOT NULL, PRIMARY KEY(catalog_id, region, kind, id));";

uint64_t ChecksumOf(const Meta& meta) {
  return FactsChecksum(meta.store_id,
                       {meta.last, meta.reserved,
                        static_cast<uint64_t>(meta.records), meta.record_sum});
}

}  // namespace

const char kMetaTable[] =
    "CREATE TABLE meta("
    "id INTEGER PRIMARY KEY CHECK(id = 1), store_id BLOB NOT NULL, "
    "last_revision INTEGER NOT NULL, reserved_revision INTEGER NOT NULL, "
    "record_count INTEGER NOT NULL, record_sum INTEGER NOT NULL, "
    "sum INTEGER NOT NULL);";

absl::StatusOr<MetaTable> MetaTable::Open(Connection* connection) {
  MetaTable table;
  auto read = Statement::Prepare(
      connection,
      "SELECT store_id, last_revision, reserved_revision, record_count, "
      "record_sum, sum FROM meta WHERE id = 1");
  if (!read.ok()) return read.status();
  auto write = Statement::Prepare(connection,
                                  "INSERT OR REPLACE INTO meta "
                                  "VALUES(1, ?, ?, ?, ?, ?, ?)");
  if (!write.ok()) return write.status();
  table.read_ = *std::move(read);
  table.write_ = *std::move(write);
  return table;
}

absl::StatusOr<Meta> MetaTable::Read() {
  const Running running(&read_);
  const absl::StatusOr<bool> row = read_.Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::DataLossError("the row of facts is missing");
  Meta meta;
  meta.store_id = std::string(read_.Blob(0));
  meta.last = static_cast<Revision>(read_.Number(1));
  meta.reserved = static_cast<Revision>(read_.Number(2));
  meta.records = read_.Number(3);
  meta.record_sum = static_cast<uint64_t>(read_.Number(4));
  if (static_cast<uint64_t>(read_.Number(5)) != ChecksumOf(meta)) {
    return absl::DataLossError(
        "the checksum of the row of facts does not match");
  }
  return meta;
}

absl::Status MetaTable::Write(const Meta& meta) {
  const Running running(&write_);
  write_.Bind(1, meta.store_id);
  write_.Bind(2, static_cast<int64_t>(meta.last));
  write_.Bind(3, static_cast<int64_t>(meta.reserved));
  write_.Bind(4, meta.records);
  write_.Bind(5, static_cast<int64_t>(meta.record_sum));
  write_.Bind(6, static_cast<int64_t>(ChecksumOf(meta)));
  return write_.Step().status();
}

absl::StatusOr<int64_t> ReadFormat(Connection* connection) {
  const auto application = connection->QueryNumber("PRAGMA application_id");
  if (!application.ok()) return application.status();
  const auto format = connection->QueryNumber("PRAGMA user_version");
  if (!format.ok()) return format.status();
  const auto tables =
      connection->QueryNumber("SELECT count(*) FROM sqlite_schema");
  if (!tables.ok()) return tables.status();
  if (*application == 0 && *format == 0 && *tables == 0) return 0;
  if (*application != kApplicationId) {
    return absl::FailedPreconditionError(
        absl::StrCat("is a database of another application (its id is ",
                     *application, ", ours is ", kApplicationId, ")"));
  }
  if (*format < 1 || *format > kFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat("has format ", *format,
                     ", and this version reads and writes format ", kFormat));
  }
  return *format;
}

absl::Status UseWal(Connection* connection) {
  absl::Status status = connection->Execute("PRAGMA page_size=4096");
  if (!status.ok()) return status;
  const auto mode = connection->QueryText("PRAGMA journal_mode=WAL");
  if (!mode.ok()) return mode.status();
  if (*mode == "wal") return absl::OkStatus();
  return absl::FailedPreconditionError(
      "cannot have a write-ahead log, as on a file system over a network");
}

absl::Status CreateTables(Connection* connection) {
  absl::Status status = connection->Execute("BEGIN IMMEDIATE");
  if (!status.ok()) return status;
  // Another process may have been faster, without the lock.
  const absl::StatusOr<int64_t> format = ReadFormat(connection);
  status = format.status();
  if (status.ok() && *format == 0) {
    status = connection->Execute(
        absl::StrCat(kRecordTable, kMetaTable, "PRAGMA application_id=",
                     kApplicationId, "; PRAGMA user_version=", kFormat)
            .c_str());
    auto store_id = NewStoreId(connection);
    if (status.ok()) status = store_id.status();
    auto table = MetaTable::Open(connection);
    if (status.ok()) status = table.status();
    if (status.ok()) status = table->Write({*std::move(store_id)});
  }
  if (status.ok()) status = connection->Execute("COMMIT");
  if (connection->in_transaction()) {
    connection->Execute("ROLLBACK").IgnoreError();
  }
  return status;
}

absl::StatusOr<std::string> NewStoreId(Connection* connection) {
  return connection->QueryText("SELECT randomblob(16)");
}

absl::Status StatusOfFinding(absl::string_view finding) {
  // As "On tree page 2 cell 1: failed to get page 6", an error of I/O whose
  // code is not told. A page that the file does not have is an "invalid page
  // number".
  if (absl::StrContains(finding, "failed to get page")) {
    return StatusOfCode(SQLITE_IOERR_READ, "check of the file");
  }
  // As "Page 2: unable to get the page. error code=266", the same with its
  // code.
  constexpr absl::string_view kCode = "error code=";
  const size_t found = finding.find(kCode);
  int code = 0;
  if (found != absl::string_view::npos) {
    // Other findings may follow it.
    const absl::string_view rest = finding.substr(found + kCode.size());
    const size_t digits = rest.find_first_not_of("0123456789");
    if (!absl::SimpleAtoi(rest.substr(0, digits), &code)) code = 0;
  }
  if (code != 0) {
    absl::Status status = StatusOfCode(code, "check of the file");
    if (!absl::IsDataLoss(status)) return status;
  }
  return absl::DataLossError(absl::StrCat("is damaged: ", finding));
}

absl::Status CheckIntegrity(Connection* connection) {
  const auto found = connection->QueryText("PRAGMA integrity_check(1)");
  if (!found.ok()) return found.status();
  if (*found == "ok") return absl::OkStatus();
  return StatusOfFinding(*found);
}

}  // namespace sqlite_internal
}  // namespace glue_security
