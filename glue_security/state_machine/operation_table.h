// The table of the operations' handlers.

#ifndef GLUE_SECURITY_STATE_MACHINE_OPERATION_TABLE_H_
#define GLUE_SECURITY_STATE_MACHINE_OPERATION_TABLE_H_

#include "glue_security/model/operation.h"
#include "glue_security/state_machine/operation_handler.h"

namespace glue_security {

// Returns the handler of `operation`; nullptr for kNoOperation.
const OperationHandler* FindHandler(Operation operation);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_OPERATION_TABLE_H_
