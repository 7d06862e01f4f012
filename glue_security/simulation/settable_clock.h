// SettableClock: a clock that moves only when it is set or advanced.

#ifndef GLUE_SECURITY_SIMULATION_SETTABLE_CLOCK_H_
#define GLUE_SECURITY_SIMULATION_SETTABLE_CLOCK_H_

#include <mutex>

#include "absl/time/time.h"
#include "glue_security/backend/clock.h"

namespace glue_security {

// Thread-safe.
class SettableClock : public Clock {
 public:
  explicit SettableClock(absl::Time now);

  absl::Time Now() override;

  // Jumps to `now`, forwards or back.
  void Set(absl::Time now);

  // Moves by `duration`, backwards when it is negative.
  void Advance(absl::Duration duration);

 private:
  std::mutex mutex_;
  absl::Time now_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SIMULATION_SETTABLE_CLOCK_H_
