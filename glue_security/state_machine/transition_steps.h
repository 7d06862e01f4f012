// The steps from which the handlers of the operations make their transitions.

#ifndef GLUE_SECURITY_STATE_MACHINE_TRANSITION_STEPS_H_
#define GLUE_SECURITY_STATE_MACHINE_TRANSITION_STEPS_H_

#include <optional>
#include <string>
#include <utility>

#include "glue_security/model/error.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/core_types.h"
#include "glue_security/state_machine/operation_handler.h"

namespace glue_security {

// The operation fails and writes nothing.
inline Transition Fail(v1::Error error) {
  return Transition{Outcome(std::move(error)), WriteBatch()};
}
inline Transition Fail(v1::ErrorCode code, std::string message) {
  return Fail(MakeError(code, std::move(message)));
}

// A record that the operation needs cannot be read.
inline Transition FailDamaged() { return Fail(DamagedRecordError()); }

// Makes the empty `batch` one for the catalog that was read.
inline void StartBatch(const ApplyInput& input, WriteBatch* batch) {
  batch->catalog = input.operation.read_set.catalog;
  batch->branch = input.snapshot.branch();
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

#endif  // GLUE_SECURITY_STATE_MACHINE_TRANSITION_STEPS_H_
