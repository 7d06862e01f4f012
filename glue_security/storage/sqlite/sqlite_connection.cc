#include "glue_security/storage/sqlite/sqlite_connection.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/storage/sqlite/sqlite_status.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

absl::string_view FirstWord(absl::string_view sql) {
  return sql.substr(0, sql.find_first_of(" ;"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    const std::string& path, const std::string& vfs, int busy_milliseconds) {
  auto connection = std::unique_ptr<Connection>(new Connection());
  // A connection serves one thread at a time, so it needs no mutex.
  const int code =
      sqlite3_open_v2(path.c_str(), &connection->db_,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                          SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                      vfs.empty() ? nullptr : vfs.c_str());
  if (code != SQLITE_OK) return StatusOfCode(code, "open");
  absl::Status status = connection->Configure(busy_milliseconds);
  if (!status.ok()) return status;
  return connection;
}

absl::Status Connection::Configure(int busy_milliseconds) {
  sqlite3_busy_timeout(db_, busy_milliseconds);
  for (const auto& [option, value] :
       {std::pair(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1),
        std::pair(SQLITE_DBCONFIG_DEFENSIVE, 1),
        std::pair(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
        std::pair(SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
        std::pair(SQLITE_DBCONFIG_ENABLE_VIEW, 0)}) {
    const int code = sqlite3_db_config(db_, option, value, nullptr);
    if (code != SQLITE_OK) return StatusOfCode(code, "configuration");
  }
  return Execute(
      "PRAGMA wal_autocheckpoint=0; PRAGMA mmap_size=0;"
      "PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON");
}

absl::Status Connection::Execute(const char* sql) {
  const int code = ExecuteForCode(sql);
  if (code == SQLITE_OK) return absl::OkStatus();
  return StatusOfCode(code, FirstWord(sql));
}

int Connection::ExecuteForCode(const char* sql) {
  return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
}

absl::StatusOr<std::string> Connection::QueryText(const char* sql) {
  absl::StatusOr<Statement> statement = Statement::Prepare(this, sql);
  if (!statement.ok()) return statement.status();
  const absl::StatusOr<bool> row = statement->Step();
  if (!row.ok()) return row.status();
  return *row ? std::string(statement->Blob(0)) : std::string();
}

absl::StatusOr<int64_t> Connection::QueryNumber(const char* sql) {
  absl::StatusOr<Statement> statement = Statement::Prepare(this, sql);
  if (!statement.ok()) return statement.status();
  const absl::StatusOr<bool> row = statement->Step();
  if (!row.ok()) return row.status();
  return *row ? statement->Number(0) : 0;
}

void Connection::CheckpointOnClose() {
  sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
}

absl::StatusOr<Statement> Statement::Prepare(Connection* connection,
                                             const char* sql) {
  sqlite3_stmt* handle = nullptr;
  const int code =
      sqlite3_prepare_v3(connection->handle(), sql, -1,
                         SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) {
    return StatusOfCode(code, absl::StrCat("preparing ", FirstWord(sql)));
  }
  Statement statement;
  statement.statement_.reset(handle);
  return statement;
}

void Statement::Bind(int index, absl::string_view blob) {
  // A null pointer would bind NULL, which is not the empty blob.
  const char* const data = blob.data() == nullptr ? "" : blob.data();
  const int code = sqlite3_bind_blob64(statement_.get(), index, data,
                                       blob.size(), SQLITE_STATIC);
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

void Statement::Bind(int index, int64_t number) {
  const int code = sqlite3_bind_int64(statement_.get(), index, number);
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

int Statement::StepForCode() {
  if (bind_code_ != SQLITE_OK) return bind_code_;
  return sqlite3_step(statement_.get());
}

absl::StatusOr<bool> Statement::Step() {
  const int code = StepForCode();
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  absl::Status status =
      StatusOfCode(code, FirstWord(sqlite3_sql(statement_.get())));
  Reset();
  return status;
}

void Statement::Reset() {
  // Returns the error of the last `Step` once more.
  sqlite3_reset(statement_.get());
  bind_code_ = SQLITE_OK;
}

absl::string_view Statement::Blob(int column) const {
  // The pointer first: the other order may convert the value.
  const void* const data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  // The empty blob has a null pointer.
  if (data == nullptr) return absl::string_view("", 0);
  return {static_cast<const char*>(data), static_cast<size_t>(size)};
}

int64_t Statement::Number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

}  // namespace sqlite_internal
}  // namespace glue_security
