// LinearizabilityOptions: against what `CheckLinearizable` (linearizability.h)
// holds a history, and how long it may search.

#ifndef GLUE_SECURITY_TESTING_LINEARIZABILITY_OPTIONS_H_
#define GLUE_SECURITY_TESTING_LINEARIZABILITY_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"

namespace glue_security {

struct LinearizabilityOptions {
  // Those of the backend.
  Behavior behavior = Behavior::Documented();
  Limits limits;

  enum class Times {
    // There must be times that explain the answers: a record's CreateTime stays
    // and is that of its answer, a policy's UpdateTime changes with a Put only
    // and never goes back. What the backend's clock shows is up to it.
    kConsistent,
    // Times are not looked at.
    kIgnored,
  };
  Times times = Times::kConsistent;
  // When the backend's clock stood still, its time: every time must be it.
  std::optional<absl::Time> fixed_time;

  // The backend's hash of a stored policy text. Empty: hashes are opaque, and
  // learned from the history; then one text must always have one hash, and two
  // texts two.
  std::function<std::string(const std::string&)> policy_hash;

  // The budget: states that the search visits in a history, and time, where
  // there is a clock. A visited state takes some hundred bytes.
  uint64_t states_max = 1'000'000;
  Clock* clock = nullptr;
  absl::Duration time_max = absl::InfiniteDuration();

  // Whether to make an illegal history small before it is explained. May take
  // as much again of `states_max`, and as much of `time_max`.
  bool shrink = true;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_LINEARIZABILITY_OPTIONS_H_
