// BackendSetup: the settings that the kit gives to a backend when it makes one.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SETUP_H_
#define GLUE_SECURITY_TESTING_BACKEND_SETUP_H_

#include "glue_security/backend/clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"

namespace glue_security {

// The behaviour, limits and clock of a new backend. A backend that cannot
// honour one of them ignores it, and should not be given to a test that needs
// it.
struct BackendSetup {
  Behavior behavior = Behavior::Documented();
  Limits limits;
  // Not null; outlives the backend.
  Clock* clock = Clock::System();
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_BACKEND_SETUP_H_
