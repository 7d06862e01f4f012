// Brings a database file of an older format to the present one.
//
// Format 1 had a table in the place of two columns of `meta`:
//
//   record_set  one row for each kind in a catalog that has records: their
//               number, and the sum of their checksums
//
// Each commit wrote one row more because of it.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_SQLITE_UPGRADE_H_
#define GLUE_SECURITY_STORAGE_SQLITE_SQLITE_UPGRADE_H_

#include <string>

#include "absl/status/status.h"
#include "glue_security/storage/sqlite/sqlite_connection.h"

namespace glue_security {
namespace sqlite_internal {

// Writes a copy of the file as it is to PATH.before-1, and then upgrades it in
// one transaction, which is synced. A copy that an upgrade left behind which
// did not come to its end is used again. If the file has changed since, that
// copy stays, and the new one is at PATH.before-1.2, and so on up to 16.
//
// Errors: kDataLoss, the row of facts is damaged; kFailedPrecondition, there is
// another file at the path of the copy; those of CopyDatabase; those of
// StatusOfCode from the transaction, whose COMMIT may have been written all the
// same when it is kUnavailable. Then the file has the one or the other format;
// after all others it is as it was. REQUIRES: the file has format 1, no
// transaction is open, and nobody else writes to the file.
absl::Status UpgradeFormat(Connection* connection, const std::string& path,
                           const std::string& vfs);

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_SQLITE_UPGRADE_H_
