// Work on all records of an EtcdStorage, behind the methods of
// `StorageMaintenance` that it has; etcd_storage.h says what they do.

#ifndef GLUE_SECURITY_STORAGE_ETCD_ETCD_MAINTENANCE_H_
#define GLUE_SECURITY_STORAGE_ETCD_ETCD_MAINTENANCE_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/storage/etcd/etcd_session.h"
#include "glue_security/storage/storage_maintenance.h"

namespace glue_security {

// Calls `visitor` with each record, in order, and `problem` with each key that
// is not one of a record, as of one instant.
absl::Status VisitEtcd(EtcdSession* session, NamedRecordVisitor visitor,
                       absl::FunctionRef<absl::Status()> problem);

absl::StatusOr<StorageStats> StatsOfEtcd(EtcdSession* session);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_ETCD_ETCD_MAINTENANCE_H_
