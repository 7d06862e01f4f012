// How the operations of the state machine make their transitions.

#ifndef GLUE_SECURITY_STATE_MACHINE_TRANSITIONS_H_
#define GLUE_SECURITY_STATE_MACHINE_TRANSITIONS_H_

#include <optional>
#include <string>
#include <utility>

#include "glue_security/model/error.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/core_types.h"

namespace glue_security {

// The operation fails and writes nothing.
inline Transition Fail(v1::Error error) {
  return Transition{Outcome(std::move(error)), WriteBatch()};
}
inline Transition Fail(v1::ErrorCode code, std::string message) {
  return Fail(MakeError(code, std::move(message)));
}

// A record that the operation needs cannot be read.
inline v1::Error DamagedError() {
  return MakeError(v1::ERROR_CODE_INTERNAL_SERVICE,
                   "a stored record is damaged", v1::Error::DETAIL_DATA_LOSS);
}
inline Transition FailDamaged() { return Fail(DamagedError()); }

// Makes the empty `batch` one for the catalog that was read.
inline void StartBatch(const PreparedOperation& operation,
                       const SnapshotView& snapshot, WriteBatch* batch) {
  batch->catalog = operation.read_set.catalog;
  batch->branch = snapshot.branch();
}

// Rewrites `key`, or removes it when `value` is nullopt, provided that it still
// has the revision `before`, or that there is still none.
inline void Rewrite(RecordKey key, std::optional<Revision> before,
                    std::optional<std::string> value, WriteBatch* batch) {
  Precondition& precondition = batch->preconditions.emplace_back();
  precondition.key = key;
  precondition.revision = before;
  Mutation& mutation = batch->mutations.emplace_back();
  mutation.key = std::move(key);
  mutation.value = std::move(value);
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_TRANSITIONS_H_
