// SQLite's result codes as statuses that keep S14 of storage.h.
//
//   StatusOfCode(SQLITE_BUSY, "begin")  // kUnavailable: not applied
//
// The mapping holds for everything but a COMMIT, whose failures may leave the
// fate of its group open: see `StatusOfCommit`.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_SQLITE_STATUS_H_
#define GLUE_SECURITY_STORAGE_SQLITE_SQLITE_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace glue_security {
namespace sqlite_internal {

// Returns the status for a failure of anything but a COMMIT. `what` says what
// was done, as "read of a record".
//
//   kResourceExhausted  no space on the disk, or no memory
//   kInvalidArgument    a text or a row is too long
//   kDataLoss           the file is damaged, is no database, or does not hold
//                       what our statements expect
//   kUnavailable        everything else: locked, read-only, an I/O error
//
// REQUIRES: `code` is neither SQLITE_OK, SQLITE_ROW nor SQLITE_DONE.
absl::Status StatusOfCode(int code, absl::string_view what);

// Returns the status for a failed COMMIT: kResourceExhausted when the disk was
// full, so that the last page was not written and nothing is applied; kUnknown
// for everything else. A sync that failed leaves open what reached the disk,
// and an error after the sync comes too late. kUnknown needs no memory: it has
// no message then.
absl::Status StatusOfCommit(int code);

// Returns the status of a call that ran out of memory. Allocates nothing.
absl::Status OutOfMemory();

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_SQLITE_STATUS_H_
