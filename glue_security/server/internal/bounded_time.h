// Durations as the event loop takes them.

#ifndef GLUE_SECURITY_SERVER_INTERNAL_BOUNDED_TIME_H_
#define GLUE_SECURITY_SERVER_INTERNAL_BOUNDED_TIME_H_

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"

namespace glue_security {

// For ever is ten years: so much can be added to any present time.
inline std::chrono::nanoseconds ToBoundedNanoseconds(absl::Duration duration) {
  constexpr absl::Duration kEver = absl::Hours(24 * 365 * 10);
  return absl::ToChronoNanoseconds(std::min(duration, kEver));
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_INTERNAL_BOUNDED_TIME_H_
