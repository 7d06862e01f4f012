#include <pthread.h>

#include "glue_security/capi/functions.h"

namespace glue_security {
namespace {

[[maybe_unused]] const int kForkHandlers =
    pthread_atfork(glue_security_functions()->before_fork,
                   glue_security_functions()->after_fork_in_parent,
                   glue_security_functions()->after_fork_in_child);

}  // namespace

const CapiFunctions* FindFunctions(std::string* /*why_not*/) {
  return glue_security_functions();
}

}  // namespace glue_security
