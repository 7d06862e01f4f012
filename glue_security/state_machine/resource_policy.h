// The record of a catalog's resource policy, for code other than the operations
// on it.

#ifndef GLUE_SECURITY_STATE_MACHINE_RESOURCE_POLICY_H_
#define GLUE_SECURITY_STATE_MACHINE_RESOURCE_POLICY_H_

#include <cstddef>
#include <optional>

#include "glue_security/model/record.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/v1/error.pb.h"

namespace glue_security {

// Returns the key of the record.
RecordKey ResourcePolicyKey();

// The result of reading that key.
struct StoredPolicy {
  // The record cannot be read.
  bool damaged = false;
  // Absent when no policy was ever put. `deleted` is set when it was deleted.
  std::optional<ResourcePolicyView> view;

  bool exists() const { return view.has_value() && !view->deleted; }
  // Returns the policy; nullptr when there is none.
  const ResourcePolicyView* get() const { return exists() ? &*view : nullptr; }
};

// Reads record `i` of `snapshot`. The result refers to the snapshot. `check`
// applies to the texts of the policy, which not every caller needs.
StoredPolicy ReadStoredPolicy(const SnapshotView& snapshot, size_t i,
                              TextCheck check);

// Returns the error for a policy that does not exist: InternalServiceException
// with detail `data_loss` when the record is damaged, else
// EntityNotFoundException.
v1::Error NoPolicyError(const StoredPolicy& policy);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_RESOURCE_POLICY_H_
