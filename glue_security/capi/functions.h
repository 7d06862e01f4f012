// The functions of the C door as a table. libglue_security_c finds it in
// libglue_security; a program that links the engine has it in itself.

#ifndef GLUE_SECURITY_CAPI_FUNCTIONS_H_
#define GLUE_SECURITY_CAPI_FUNCTIONS_H_

#include <string>

#include "glue_security/capi/glue_security.h"

namespace glue_security {

// Each does what the function of its name in glue_security.h does.
struct CapiFunctions {
  // GLUE_SECURITY_VERSION of the library that has the functions.
  const char* version;
  decltype(&glue_security_open) open;
  decltype(&glue_security_close) close;
  decltype(&glue_security_call) call;
  decltype(&glue_security_reset) reset;
  decltype(&glue_security_save) save;
  decltype(&glue_security_restore) restore;
  decltype(&glue_security_set_clock) set_clock;
  decltype(&glue_security_advance_clock) advance_clock;
  decltype(&glue_security_restore_clock) restore_clock;
  decltype(&glue_security_add_fault) add_fault;
  decltype(&glue_security_clear_faults) clear_faults;
  decltype(&glue_security_faults) faults;
  decltype(&glue_security_history) history;
  decltype(&glue_security_check_policy) check_policy;
  decltype(&glue_security_decide) decide;
  // For pthread_atfork, which whoever has the table calls. The first waits for
  // the functions that run.
  void (*before_fork)();
  void (*after_fork_in_parent)();
  void (*after_fork_in_child)();
};

// Returns the functions, or null and the reason. Throws std::bad_alloc.
const CapiFunctions* FindFunctions(std::string* why_not);

}  // namespace glue_security

// Returns the table of the library that has the engine.
extern "C" GLUE_SECURITY_API const glue_security::CapiFunctions*
glue_security_functions();

#endif  // GLUE_SECURITY_CAPI_FUNCTIONS_H_
