// SystemClockRefusal: finds the system's clock where a run is made again, to
// replay or to shrink it. On that clock the same choices never give the same
// times, so a failure that depends on them is neither replayed nor shrunk. The
// kit refuses such a run instead of making it in vain.

#ifndef GLUE_SECURITY_TESTING_SYSTEM_CLOCK_H_
#define GLUE_SECURITY_TESTING_SYSTEM_CLOCK_H_

#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/backend/clock.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Returns why a run cannot be made again on `clock`: it is the system's, or a
// FakeClock that runs. "": it can; a clock of another type is trusted. `what`
// names the clock in the text: "the clock of RunInterleaved".
std::string SystemClockRefusal(Clock* clock, absl::string_view what);

// Returns true when `answer` has a time within a day of the system's clock. The
// clocks that the kit gives to backends stand in other years.
bool ShowsSystemTime(const v1::Response& answer);

// Returns the same refusal for a backend whose answers show the system's time,
// although it was given another clock.
std::string SystemTimeRefusal();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SYSTEM_CLOCK_H_
