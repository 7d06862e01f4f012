// The three operations on the resource policy of a catalog.

#ifndef GLUE_SECURITY_STATE_MACHINE_RESOURCE_POLICY_H_
#define GLUE_SECURITY_STATE_MACHINE_RESOURCE_POLICY_H_

#include <cstdint>
#include <optional>

#include "glue_security/model/record.h"
#include "glue_security/state_machine/core_types.h"
#include "glue_security/v1/error.pb.h"

namespace glue_security {

// The one key that all three read, and that Put and Delete rewrite.
RecordKey ResourcePolicyKey();

// Business rules of PutResourcePolicy: the policy document. Sets what of
// `operation` follows from it.
std::optional<v1::Error> PreparePolicyDocument(PreparedOperation* operation);

// `Apply` of each. `now_ms` is in milliseconds since the Unix epoch.
Transition ApplyPutResourcePolicy(const PreparedOperation& operation,
                                  const SnapshotView& snapshot, int64_t now_ms,
                                  const CommitId& commit_id);
Transition ApplyGetResourcePolicy(const SnapshotView& snapshot);
Transition ApplyDeleteResourcePolicy(const PreparedOperation& operation,
                                     const SnapshotView& snapshot,
                                     int64_t now_ms, const CommitId& commit_id);

// GetResourcePolicy with no policy set.
v1::Error PolicyNotFoundError();

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_RESOURCE_POLICY_H_
