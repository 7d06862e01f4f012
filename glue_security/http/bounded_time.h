// Conversion of durations for the event loop.

#ifndef GLUE_SECURITY_HTTP_BOUNDED_TIME_H_
#define GLUE_SECURITY_HTTP_BOUNDED_TIME_H_

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"

namespace glue_security {

// Returns `duration`, at most ten years, so that it can be added to the current
// time without overflow.
inline std::chrono::nanoseconds ToBoundedNanoseconds(absl::Duration duration) {
  constexpr absl::Duration kEver = absl::Hours(24 * 365 * 10);
  return absl::ToChronoNanoseconds(std::min(duration, kEver));
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_BOUNDED_TIME_H_
