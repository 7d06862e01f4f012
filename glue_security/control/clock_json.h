// The JSON by which a test harness sets a clock.

#ifndef GLUE_SECURITY_CONTROL_CLOCK_JSON_H_
#define GLUE_SECURITY_CONTROL_CLOCK_JSON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "glue_security/backend/fake_clock.h"

namespace glue_security {

// {"now": "2026-01-31T12:00:00Z", "frozen": true}
//
// Sets the clock, and stops it or lets it run. Both members are optional.
// Errors, nothing changed: kInvalidArgument.
absl::Status SetClock(absl::string_view body, FakeClock* clock);

// Moves the clock by so many seconds, backwards when they are negative. Errors,
// nothing changed: kInvalidArgument for what is not a number, and for a time
// that would leave the years 1 to 9999.
absl::Status AdvanceClock(double seconds, FakeClock* clock);

// {"seconds": 86400} moves the clock, likewise.
absl::Status AdvanceClock(absl::string_view body, FakeClock* clock);

// Returns {"now":"2026-01-31T12:00:00+00:00","frozen":true}.
std::string ClockAsJson(FakeClock* clock);

}  // namespace glue_security

#endif  // GLUE_SECURITY_CONTROL_CLOCK_JSON_H_
