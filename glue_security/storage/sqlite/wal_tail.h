// CheckWalTail: finds acknowledged commits in a write-ahead log (WAL) that
// SQLite would drop without a word.
//
// SQLite reads the log up to the first frame whose checksum is wrong, and takes
// the rest for the remains of a write that a crash cut off. So one damaged bit
// makes it forget every later commit. The two can be told apart: with
// synchronous=FULL a commit is synced before the next one is written, so that
// only the last transaction of a log can be cut off.
//
//   absl::Status tail = CheckWalTail("/data/glue.db-wal");
//   // OK: no log, a whole one, or one whose last transaction was cut off
//
// A failing example: a log of three transactions with a damaged bit in the
// first or the second of them is kDataLoss. Damage in the third looks like a
// crash during that commit, and is OK. The exception are changes that look like
// the mark of a commit to the checksum: kDataLoss. They are rare, but for one
// bit in forty of a log of a single transaction.
//
// A head that is damaged is harmless while the database has all of the log: so
// it is when a log is begun again and the write of its head is cut off.
//
// Behind the last transaction may be frames of the log before, and frames of
// transactions that failed, or whose process was killed, before SQLite wrote
// over a part of them. Both are OK.
//
// The file format is that of https://www.sqlite.org/fileformat2.html#walformat.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_WAL_TAIL_H_
#define GLUE_SECURITY_STORAGE_SQLITE_WAL_TAIL_H_

#include <string>

#include "absl/status/status.h"

namespace glue_security {
namespace sqlite_internal {

// Checks the log at `path`, which is that of the database and "-wal". Neither
// is changed.
//
// Errors: kDataLoss, a frame is damaged and a transaction follows, or the head
// is, a frame of its log follows, and the database lacks a page of it;
// kUnavailable, the log is there and cannot be read.
// REQUIRES: nobody writes to the log, and no process on this system has it open
// by another way than SQLite, which holds no locks on this file.
absl::Status CheckWalTail(const std::string& path);

// Returns true when the log at `log` cannot be that of the database beside it,
// which never had one: a copy by VACUUM INTO was put in the place of a database
// whose process was killed. Another copy cannot be told from the original.
// SQLite would write the pages of the log into the copy. Neither is changed.
// REQUIRES: as for CheckWalTail.
bool IsForeignLog(const std::string& database, const std::string& log);

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_WAL_TAIL_H_
