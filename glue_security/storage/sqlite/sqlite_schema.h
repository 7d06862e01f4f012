// The format of the database file, format 2: what makes a file ours, its
// tables, and its row of facts.
//
//   record  one row for each record, with a checksum
//   meta    one row: the store's id, the last revision that was given, the one
//           up to which revisions are reserved, the number of records, and the
//           sum of their checksums modulo 2^64, with a checksum
//
// The header of the file holds our application id and the number of the format
// as `user_version`. Names are blobs, which SQLite compares with memcmp, so
// they need no encoding (S3 and S5 of storage.h). `record` has a rowid: without
// one, values of 1 KB cost 1.5 to 2.3 times the processor.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_SQLITE_SCHEMA_H_
#define GLUE_SECURITY_STORAGE_SQLITE_SQLITE_SCHEMA_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/sqlite/sqlite_connection.h"

namespace glue_security {
namespace sqlite_internal {

// "GLSE" in ASCII.
inline constexpr int64_t kApplicationId = 0x474c5345;
// The format that this version reads and writes.
inline constexpr int64_t kFormat = 2;

// The number of revisions that are reserved at once. They are reserved by a
// write that is synced, and each opening goes on behind those of the last one:
// so no revision is given again, whatever a loss of power takes away (S11).
inline constexpr Revision kReservedRevisions = Revision{1} << 20;
// The number of revisions that are left out after the tail of a log was lost,
// with reservations in it perhaps. More than a log can hold.
inline constexpr Revision kLostRevisions = Revision{1} << 32;
// The last revision that is given. SQLite's numbers end at 2^63 - 1.
inline constexpr Revision kRevisionMax = Revision{1} << 62;

// The row of facts.
struct Meta {
  // 16 random bytes.
  std::string store_id;
  // The last revision that was given.
  Revision last = 0;
  // No revision above this one was given.
  Revision reserved = 0;
  // The number of records, and the sum of their checksums modulo 2^64, by which
  // a record that vanished is found. They are kept up to date without reading
  // the others.
  int64_t records = 0;
  uint64_t record_sum = 0;
};

// The statement that makes `meta`.
extern const char kMetaTable[];

// Reads and writes the row of facts.
class MetaTable {
 public:
  static absl::StatusOr<MetaTable> Open(Connection* connection);

  // Errors: those of StatusOfCode; kDataLoss, there is no row, or its checksum
  // is wrong.
  absl::StatusOr<Meta> Read();
  // REQUIRES: a transaction is open.
  absl::Status Write(const Meta& meta);

 private:
  Statement read_;
  Statement write_;
};

// Returns the number of the file's format, at most kFormat, or 0 for a new
// file, that is, an empty database. Changes nothing.
//
// Errors, in this order: those of StatusOfCode, kDataLoss for a file that is
// not a database among them; kFailedPrecondition, it is a database of another
// application, or its format is newer, and both numbers are named.
absl::StatusOr<int64_t> ReadFormat(Connection* connection);

// Sets what holds for the file as a whole: the page size of a new one, and WAL.
//
// Errors: those of StatusOfCode; kFailedPrecondition, the file system does not
// support WAL.
absl::Status UseWal(Connection* connection);

// Makes the tables of a new file in one transaction, with a new store id.
absl::Status CreateTables(Connection* connection);

// Returns 16 random bytes.
absl::StatusOr<std::string> NewStoreId(Connection* connection);

// Returns what a row of SQLite's own check, other than "ok", means: kDataLoss,
// or those of StatusOfCode when a page could not be read for another reason.
absl::Status StatusOfFinding(absl::string_view finding);

// Runs SQLite's own check of the whole file. Errors: kDataLoss, with the first
// thing that it found; those of StatusOfCode.
absl::Status CheckIntegrity(Connection* connection);

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_SQLITE_SCHEMA_H_
