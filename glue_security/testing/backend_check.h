// BackendCheck: one rule of the contract and the function that finds out
// whether a backend keeps it. All of them: AllBackendChecks() in
// backend_checks.h.

#ifndef GLUE_SECURITY_TESTING_BACKEND_CHECK_H_
#define GLUE_SECURITY_TESTING_BACKEND_CHECK_H_

#include <functional>
#include <optional>
#include <string>

#include "glue_security/model/behavior.h"
#include "glue_security/testing/backend_under_test.h"

namespace glue_security {

namespace conformance_internal {
class CheckRun;
}  // namespace conformance_internal

// What a backend must be able to do for a check to make sense.
struct BackendNeeds {
  // Only in this preset; nullopt: in both.
  std::optional<BackendPreset> preset;
  // Run at this level; nullopt: at the last that the backend has.
  std::optional<PolicyChecks> policy_checks;
  bool behavior_fields = false;
  bool limits = false;
  bool clock = false;
  bool threads = false;
};

struct BackendCheck {
  // Stable: deviations refer to it. The parts before the first dot are the
  // groups: "put", "constraint", "pages" …
  std::string id;
  // Where the rule comes from.
  std::string source;
  // The rule.
  std::string says;
  BackendNeeds needs;
  std::function<void(conformance_internal::CheckRun& run)> run;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_BACKEND_CHECK_H_
