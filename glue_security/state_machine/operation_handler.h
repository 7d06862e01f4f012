// OperationHandler: the two steps of one operation in the core. Each is defined
// in the file of its resource; `FindHandler` (operation_table.h) finds it.

#ifndef GLUE_SECURITY_STATE_MACHINE_OPERATION_HANDLER_H_
#define GLUE_SECURITY_STATE_MACHINE_OPERATION_HANDLER_H_

#include <cstdint>
#include <optional>

#include "glue_security/model/operation_list.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/key_answers.h"
#include "glue_security/state_machine/step_types.h"
#include "glue_security/v1/error.pb.h"

namespace glue_security {

// The arguments of `OperationHandler::apply`.
struct ApplyInput {
  const PreparedOperation& operation;
  // The result of reading `operation.read_set`.
  const SnapshotView& snapshot;
  // Milliseconds since the Unix epoch.
  int64_t now_ms;
  // Written into every record of the batch.
  const CommitId& commit_id;
  // The answers to the key calls that the run has made.
  const KeyAnswers& key_answers;
};

struct OperationHandler {
  // Checks the business rules, and adds to the read set the records that
  // `apply` needs. An error is final. Called only when the constraints hold,
  // with the catalog of the read set filled in.
  std::optional<v1::Error> (*plan)(PreparedOperation* operation);

  // Computes the outcome from the snapshot. Every input gets an outcome, or key
  // calls whose answers it needs first; an error comes with an empty write
  // batch.
  Transition (*apply)(const ApplyInput& input);
};

// Declares the handler of each operation: kPutResourcePolicyHandler, and so on.
#define GLUE_SECURITY_HANDLER(Name, field) \
  extern const OperationHandler k##Name##Handler;
GLUE_SECURITY_FOR_EACH_OPERATION(GLUE_SECURITY_HANDLER)
#undef GLUE_SECURITY_HANDLER

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_OPERATION_HANDLER_H_
