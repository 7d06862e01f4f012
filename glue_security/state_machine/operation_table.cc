#include "glue_security/state_machine/operation_table.h"

#include "glue_security/model/operation_list.h"

namespace glue_security {

const OperationHandler* FindHandler(Operation operation) {
  switch (operation) {
#define GLUE_SECURITY_HANDLER(Name, field) \
  case v1::Request::k##Name:               \
    return &k##Name##Handler;
    GLUE_SECURITY_FOR_EACH_OPERATION(GLUE_SECURITY_HANDLER)
#undef GLUE_SECURITY_HANDLER
    case v1::Request::OPERATION_NOT_SET:
      break;
  }
  return nullptr;
}

}  // namespace glue_security
