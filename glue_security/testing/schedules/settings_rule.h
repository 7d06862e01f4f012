// BrokenSettingsRule: the rule that every write of a connection is encrypted as
// the settings say that are in force at its commit.

#ifndef GLUE_SECURITY_TESTING_SCHEDULES_SETTINGS_RULE_H_
#define GLUE_SECURITY_TESTING_SCHEDULES_SETTINGS_RULE_H_

#include <string>

#include "glue_security/model/behavior.h"
#include "glue_security/model/record.h"
#include "glue_security/testing/schedules/simulated_storage.h"

namespace glue_security {
namespace testing_internal {

// Returns how `batch`, which was applied to `before`, breaks the rule; "": it
// keeps it. Reads the ciphertexts of stand_in_keys.h.
std::string BrokenSettingsRule(const Behavior& behavior,
                               const SimulatedState& before,
                               const WriteBatch& batch);

}  // namespace testing_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SCHEDULES_SETTINGS_RULE_H_
