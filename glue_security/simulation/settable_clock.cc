#include "glue_security/simulation/settable_clock.h"

namespace glue_security {

SettableClock::SettableClock(absl::Time now) : now_(now) {}

absl::Time SettableClock::Now() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return now_;
}

void SettableClock::Set(absl::Time now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  now_ = now;
}

void SettableClock::Advance(absl::Duration duration) {
  const std::lock_guard<std::mutex> lock(mutex_);
  now_ += duration;
}

}  // namespace glue_security
