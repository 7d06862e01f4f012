// BackendSetup: what the kit tells a backend that it makes anew.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SETUP_H_
#define GLUE_SECURITY_TESTING_BACKEND_SETUP_H_

#include "glue_security/backend/clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"

namespace glue_security {

// How a backend is to behave. One that cannot honour a part of it ignores that
// part; a test that needs it should not be run on it.
struct BackendSetup {
  Behavior behavior = Behavior::Documented();
  Limits limits;
  // Not null; outlives the backend.
  Clock* clock = Clock::System();
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_BACKEND_SETUP_H_
