// The record of a catalog's resource policy, for those who read it beside the
// three operations on it.

#ifndef GLUE_SECURITY_STATE_MACHINE_RESOURCE_POLICY_H_
#define GLUE_SECURITY_STATE_MACHINE_RESOURCE_POLICY_H_

#include <cstddef>
#include <optional>

#include "glue_security/model/record.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/v1/error.pb.h"

namespace glue_security {

// The key of the record.
RecordKey ResourcePolicyKey();

// What was read under that key.
struct StoredPolicy {
  // The record cannot be read.
  bool damaged = false;
  // Absent when nothing was ever put; `deleted` when it was and is no more.
  std::optional<ResourcePolicyView> view;

  bool exists() const { return view.has_value() && !view->deleted; }
  // nullptr: there is none.
  const ResourcePolicyView* get() const { return exists() ? &*view : nullptr; }
};

// Reads record `i` of `snapshot`, to which the result refers. `check` is of the
// policy's text, which not every reader needs.
StoredPolicy ReadStoredPolicy(const SnapshotView& snapshot, size_t i,
                              TextCheck check);

// Why GetResourcePolicy shows nothing of a policy that does not exist:
// InternalServiceException with detail `data_loss`, or EntityNotFoundException.
v1::Error NoPolicyError(const StoredPolicy& policy);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_RESOURCE_POLICY_H_
