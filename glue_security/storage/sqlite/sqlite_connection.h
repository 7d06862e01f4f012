// Connection and Statement: a connection to an SQLite database and a prepared
// statement on it, which end with their objects.
//
//   absl::StatusOr<Statement> read =
//       Statement::Prepare(connection, "SELECT value FROM record WHERE id =
//       ?");
//   const Running running(&*read);
//   read->Bind(1, id);
//   absl::StatusOr<bool> row = read->Step();  // true: there is a row
//
// Neither is thread-safe: a connection and its statements serve one thread at
// a time.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_SQLITE_CONNECTION_H_
#define GLUE_SECURITY_STORAGE_SQLITE_SQLITE_CONNECTION_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace glue_security {
namespace sqlite_internal {

// A connection. Ends with the object; its statements must end before.
class Connection {
 public:
  // Opens the database file at `path` for reading and writing, and creates it
  // when there is none. `vfs` is the name of a registered VFS, or empty for
  // the default. The connection never checkpoints of its own accord, does not
  // run what the file's schema says, and waits `busy_milliseconds` for the
  // locks of others.
  //
  // Errors: those of StatusOfCode.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const std::string& path, const std::string& vfs, int busy_milliseconds);

  ~Connection() { sqlite3_close(db_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs `sql`, whose rows are dropped. Errors: those of StatusOfCode.
  absl::Status Execute(const char* sql);

  // Runs `sql` and returns SQLite's result code, SQLITE_OK for a success.
  int ExecuteForCode(const char* sql);

  // Returns the first column of the first row, as text or as a number; empty
  // or 0 when there is no row. Errors: those of StatusOfCode.
  absl::StatusOr<std::string> QueryText(const char* sql);
  absl::StatusOr<int64_t> QueryNumber(const char* sql);

  // Lets the last connection to a file checkpoint when it closes.
  void CheckpointOnClose();

  // Returns true while a transaction is open.
  bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

  sqlite3* handle() { return db_; }

 private:
  Connection() = default;

  absl::Status Configure(int busy_milliseconds);

  sqlite3* db_ = nullptr;
};

// A prepared statement. A blob that is bound must outlive the run.
class Statement {
 public:
  Statement() = default;

  // Errors: those of StatusOfCode.
  static absl::StatusOr<Statement> Prepare(Connection* connection,
                                           const char* sql);

  // Binds a parameter, numbered from 1. An error is returned by `Step`.
  void Bind(int index, absl::string_view blob);
  void Bind(int index, int64_t number);

  // Goes on to the next row. Returns false after the last. Errors: those of
  // StatusOfCode; the statement then starts over.
  absl::StatusOr<bool> Step();

  // Goes on as `Step` does, and returns SQLite's result code.
  int StepForCode();

  // Ends the run, so that its read transaction ends. Bindings stay.
  void Reset();

  // Returns a column of the current row, numbered from 0. A blob is valid
  // until the next `Step` or `Reset`.
  absl::string_view Blob(int column) const;
  int64_t Number(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const {
      sqlite3_finalize(statement);
    }
  };

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  // The first error of `Bind` since the last `Reset`, or SQLITE_OK.
  int bind_code_ = SQLITE_OK;
};

// Resets a statement at the end of a scope.
class Running {
 public:
  explicit Running(Statement* statement) : statement_(statement) {}
  ~Running() { statement_->Reset(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Statement* const statement_;
};

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_SQLITE_CONNECTION_H_
