// SearchBounds: the budget of a search for an order of calls.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_SEARCH_BOUNDS_H_
#define GLUE_SECURITY_TESTING_HISTORIES_SEARCH_BOUNDS_H_

#include <cstdint>

#include "absl/time/time.h"
#include "glue_security/backend/clock.h"

namespace glue_security {

struct SearchBounds {
  // The states that the search visits in a history and, where there is a clock,
  // the time. A visited state is kept, with a bit for each call.
  uint64_t states_max = 1'000'000;
  Clock* clock = nullptr;
  absl::Duration time_max = absl::InfiniteDuration();
  // True: makes an illegal history small before it is explained. This takes at
  // most twice `states_max` and once `time_max` in addition.
  bool shrink = true;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_SEARCH_BOUNDS_H_
