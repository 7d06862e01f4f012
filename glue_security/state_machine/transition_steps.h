// Helpers with which the handlers of the operations build their transitions.

#ifndef GLUE_SECURITY_STATE_MACHINE_TRANSITION_STEPS_H_
#define GLUE_SECURITY_STATE_MACHINE_TRANSITION_STEPS_H_

#include <optional>
#include <string>
#include <utility>

#include "glue_security/model/error.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/operation_handler.h"
#include "glue_security/state_machine/step_types.h"

namespace glue_security {

// Returns the error of a broken business rule.
inline v1::Error InvalidInput(std::string message) {
  return MakeError(v1::ERROR_CODE_INVALID_INPUT, std::move(message));
}

// Returns the transition of an operation that fails and writes nothing.
inline Transition Fail(v1::Error error) {
  return Transition{Outcome(std::move(error)), WriteBatch()};
}
inline Transition Fail(v1::ErrorCode code, std::string message) {
  return Fail(MakeError(code, std::move(message)));
}

// Returns the transition for a record that the operation needs and cannot read.
inline Transition FailDamaged() { return Fail(DamagedRecordError()); }

// Returns the transition for an answer that no key service gives.
inline Transition FailForKeyService() {
  return Fail(MakeError(v1::ERROR_CODE_INTERNAL_SERVICE,
                        "the key service gave an answer of another form",
                        v1::Error::DETAIL_NOT_APPLIED));
}

// Sets the catalog and the branch of an empty batch to those that were read.
inline void StartBatch(const ApplyInput& input, WriteBatch* batch) {
  batch->catalog = input.operation.read_set.catalog;
  batch->branch = input.snapshot.branch();
}

// Adds a write of `key`, or its removal when `value` is nullopt, on condition
// that its revision is still `before` (nullopt: it still has no record).
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
