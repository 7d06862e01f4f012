// Work on all records of a database file, each over a connection that is used
// for nothing else meanwhile.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_SQLITE_MAINTENANCE_H_
#define GLUE_SECURITY_STORAGE_SQLITE_SQLITE_MAINTENANCE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/storage/sqlite/sqlite_connection.h"
#include "glue_security/storage/storage_maintenance.h"

namespace glue_security {
namespace sqlite_internal {

// See StorageMaintenance. A record whose checksum is wrong is kDataLoss.
absl::Status VisitAllRecords(Connection* connection,
                             NamedRecordVisitor visitor);

// See StorageMaintenance. `path` is that of the database file.
absl::StatusOr<StorageStats> ReadStats(Connection* connection,
                                       const std::string& path);

// See StorageMaintenance. Runs SQLite's own check, and compares the checksums
// of the records and of the row of facts, and what that says of all records.
absl::Status VerifyAll(Connection* connection,
                       absl::FunctionRef<void(const StorageProblem&)> problem,
                       MaintenanceProgress progress);

// Writes a copy of the records to a new file at `path`, with a store id of its
// own, and syncs it.
//
// Errors: kFailedPrecondition, there is a file at `path`; those of
// StatusOfCode; kUnavailable, the system refuses. No file is left at `path`.
absl::Status ExportRecords(Connection* connection, const std::string& vfs,
                           const std::string& path);

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_SQLITE_MAINTENANCE_H_
