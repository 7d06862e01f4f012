// Says what a failure of a request to etcd means by the contract of storages
// (S14 of storage.h). Pure functions.

#ifndef GLUE_SECURITY_STORAGE_ETCD_ETCD_STATUS_H_
#define GLUE_SECURITY_STORAGE_ETCD_ETCD_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace glue_security {

// The end of a request.
struct EtcdOutcome {
  // False: nothing was sent.
  bool begun = false;
  grpc::Status status;

  bool ok() const { return status.ok(); }
};

// Returns true when etcd refused the request because of the user or the
// session, so that a new session may help.
bool IsAboutUser(const EtcdOutcome& outcome);

// Returns true when the revision that was read at is compacted, or unknown to
// the member as yet.
bool IsAboutRevision(const EtcdOutcome& outcome);

// Returns the status of a transaction that writes. REQUIRES: !outcome.ok().
//
//   kUnavailable        nothing was sent, or the user was refused
//   kInvalidArgument    too many operations, or too many bytes
//   kResourceExhausted  the member has too many requests
//   kDataLoss           the cluster has found that its members differ
//   kDeadlineExceeded   no answer in time: whether it was applied is open
//   kUnknown            all else, the quota for space included: a member may
//                       say so of a transaction that it has applied
absl::Status StatusOfWrite(const EtcdOutcome& outcome);

// Returns the status of a read: as above, but kUnavailable for kUnknown, and
// kResourceExhausted for the quota. REQUIRES: !outcome.ok().
absl::Status StatusOfRead(const EtcdOutcome& outcome);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_ETCD_ETCD_STATUS_H_
