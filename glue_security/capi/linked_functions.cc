#include "glue_security/capi/functions.h"

namespace glue_security {

const CapiFunctions* FindFunctions(std::string* /*why_not*/) {
  return glue_security_functions();
}

}  // namespace glue_security
