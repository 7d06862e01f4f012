// LinearizabilityOptions: the rules and the budget of `CheckLinearizable`
// (linearizability.h).

#ifndef GLUE_SECURITY_TESTING_HISTORIES_LINEARIZABILITY_OPTIONS_H_
#define GLUE_SECURITY_TESTING_HISTORIES_LINEARIZABILITY_OPTIONS_H_

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
  // The backend's behaviour and limits.
  Behavior behavior = Behavior::Documented();
  Limits limits;

  enum class Times {
    // There must be times that explain the answers: a record's CreateTime stays
    // and equals the one in the answer of its Create, and a policy's UpdateTime
    // equals its CreateTime until the policy is first replaced, changes only
    // with a Put, and never goes back. The backend's clock may show anything.
    kConsistent,
    // Times are not compared.
    kIgnored,
  };
  Times times = Times::kConsistent;
  // The time of a backend whose clock stands still: every time must be equal to
  // it.
  std::optional<absl::Time> fixed_time;

  // Returns the backend's hash of a stored policy text. Empty: hashes are
  // opaque and are learned from the history; one text must always have one
  // hash, and two texts must have two.
  std::function<std::string(const std::string&)> policy_hash;

  // The budget: the states that the search visits in a history and, where there
  // is a clock, the time; the clock measures nothing else, so it may be the
  // system's. A visited state takes some hundred bytes.
  uint64_t states_max = 1'000'000;
  Clock* clock = nullptr;
  absl::Duration time_max = absl::InfiniteDuration();

  // True: makes an illegal history small before it is explained. This takes at
  // most twice `states_max` and once `time_max` in addition.
  bool shrink = true;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_LINEARIZABILITY_OPTIONS_H_
