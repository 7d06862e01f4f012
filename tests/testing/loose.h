// The presets with PolicyChecks::kJson. Most tests are not about policy
// documents and use short ones.

#ifndef TESTS_TESTING_LOOSE_H_
#define TESTS_TESTING_LOOSE_H_

#include "glue_security/engine/engine_options.h"
#include "glue_security/model/behavior.h"
#include "glue_security/state_machine/step_types.h"

namespace glue_security {

inline Behavior Loose(Behavior behavior) {
  behavior.policy_checks = PolicyChecks::kJson;
  return behavior;
}

inline EngineOptions LooseOptions() {
  EngineOptions options;
  options.behavior = Loose(options.behavior);
  return options;
}

inline CoreOptions LooseCoreOptions() {
  CoreOptions options;
  options.behavior = Loose(options.behavior);
  return options;
}

// As above, with the newest model of the service, which has all operations.
inline EngineOptions NewestOptions() {
  EngineOptions options = LooseOptions();
  options.behavior.api_date = kNewestApiDate;
  return options;
}

inline CoreOptions NewestCoreOptions() {
  CoreOptions options = LooseCoreOptions();
  options.behavior.api_date = kNewestApiDate;
  return options;
}

}  // namespace glue_security

#endif  // TESTS_TESTING_LOOSE_H_
