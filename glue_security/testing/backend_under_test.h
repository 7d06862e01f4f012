// BackendUnderTest: all that the conformance checks must know of a backend.
//
// Two fields are enough for a mock that can do everything:
//
//   BackendUnderTest target;
//   target.name = "MyMock";
//   target.create = [](const BackendSetup& setup) {
//     return std::make_unique<MyMock>(setup.behavior, setup.limits,
//     setup.clock);
//   };
//
// Say in the other fields what it cannot do. A check that needs it is skipped
// and says so. What it does differently, and is meant to, is a deviation.

#ifndef GLUE_SECURITY_TESTING_BACKEND_UNDER_TEST_H_
#define GLUE_SECURITY_TESTING_BACKEND_UNDER_TEST_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "glue_security/backend/backend.h"
#include "glue_security/model/behavior.h"
#include "glue_security/testing/backend_setup.h"

namespace glue_security {

// A check that a backend does not pass, and why that is right. It is skipped
// and shows the reason.
struct BackendDeviation {
  // The id of the check: "put.must_exist.no_hash.never_put".
  std::string check;
  std::string reason;
};

enum class BackendPreset { kDocumented, kObserved };

struct BackendUnderTest {
  // Letters, digits and underscores: it becomes part of the tests' names.
  std::string name;

  // A new, empty backend. Called some thousand times in a run of all checks;
  // the backends do not live at the same time.
  std::function<std::unique_ptr<Backend>(const BackendSetup& setup)> create;

  // Declared, and hoped to be empty.
  std::vector<BackendDeviation> deviations;

  // The presets of `Behavior` that it can be told to follow.
  std::vector<BackendPreset> presets = {BackendPreset::kDocumented,
                                        BackendPreset::kObserved};

  // The levels of `Behavior::policy_checks` that it can be told to follow. All
  // but the checks of the levels themselves run at the last of them; their
  // policies pass at every level.
  std::vector<PolicyChecks> policy_checks = {
      PolicyChecks::kNone, PolicyChecks::kJson, PolicyChecks::kGrammar,
      PolicyChecks::kGlue};

  // Each field of `Behavior` can be set by itself.
  bool honours_behavior_fields = true;

  // It keeps to `BackendSetup::limits`. Without this it has those
  // that `Limits()` has.
  bool honours_limits = true;

  // Its times are those of `BackendSetup::clock`.
  bool honours_clock = true;

  // `Execute` may be called by several threads at once.
  bool thread_safe = true;
};

// GoogleTest prints a parameter by it.
inline void PrintTo(const BackendUnderTest& target, std::ostream* os) {
  *os << target.name;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_BACKEND_UNDER_TEST_H_
