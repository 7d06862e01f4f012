#include "glue_security/storage/sqlite/sqlite_status.h"

#include <sqlite3.h>

#include <new>

#include "absl/strings/str_cat.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

absl::StatusCode CodeOf(int code) {
  switch (code) {
    case SQLITE_IOERR_NOMEM:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_IOERR_CORRUPTFS:
    case SQLITE_IOERR_DATA:
      return absl::StatusCode::kDataLoss;
    default:
      break;
  }
  // The low byte is the kind of the error.
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_TOOBIG:
      return absl::StatusCode::kInvalidArgument;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    // Our statements are always the same, and so is the schema: that a table,
    // a column or a unique key is not as expected comes from the file.
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_SCHEMA:
      return absl::StatusCode::kDataLoss;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::Status StatusOfCode(int code, absl::string_view what) {
  return absl::Status(
      CodeOf(code),
      absl::StrCat(what, ": ", sqlite3_errstr(code), " (SQLite ", code, ")"));
}

absl::Status StatusOfCommit(int code) {
  if ((code & 0xff) == SQLITE_FULL) return StatusOfCode(code, "commit");
  try {
    return absl::UnknownError(
        absl::StrCat("commit: ", sqlite3_errstr(code), " (SQLite ", code, ")"));
  } catch (const std::bad_alloc&) {
    // Whoever catches it elsewhere would say that nothing was applied.
    return absl::Status(absl::StatusCode::kUnknown, "");
  }
}

absl::Status OutOfMemory() {
  // Without a message the status needs no memory.
  return absl::Status(absl::StatusCode::kResourceExhausted, "");
}

}  // namespace sqlite_internal
}  // namespace glue_security
