// AdjustableClock: a clock that runs like another until it is set, moved or
// stopped. `SettableClock` is the one that never runs by itself.
//
//   AdjustableClock clock;
//   clock.Advance(absl::Hours(24));   // true
//   clock.Set(absl::InfiniteFuture());  // false, and nothing changed

#ifndef GLUE_SECURITY_SIMULATION_ADJUSTABLE_CLOCK_H_
#define GLUE_SECURITY_SIMULATION_ADJUSTABLE_CLOCK_H_

#include <mutex>
#include <optional>

#include "absl/time/time.h"
#include "glue_security/backend/clock.h"

namespace glue_security {

// Never shows a time outside of the years 1 to 9999, which have a form in RFC
// 3339: at either end it stands still. Thread-safe.
class AdjustableClock : public Clock {
 public:
  // The first and the last instant, in UTC.
  static absl::Time Min();
  static absl::Time Max();

  // REQUIRES: `base` outlives this.
  explicit AdjustableClock(Clock* base = Clock::System()) : base_(base) {}

  absl::Time Now() override;

  // Jumps to `now`, forwards or back, and goes on from there, unless it stands
  // still. False, and nothing changed: `now` is outside of the years.
  bool Set(absl::Time now);

  // Moves by `duration`, backwards when it is negative. False, and nothing
  // changed: that would lead out of the years.
  bool Advance(absl::Duration duration);

  // Stands still, until `Run`.
  void Freeze();

  // Goes on from where it stands.
  void Run();

  // Runs like its base again.
  void Reset();

  bool is_frozen() const;

 private:
  absl::Time NowLocked();
  // What it shows while it runs and its base shows `base`.
  absl::Time At(absl::Time base) const;

  Clock* const base_;
  mutable std::mutex mutex_;
  // What it is ahead of its base while it runs.
  absl::Duration ahead_ = absl::ZeroDuration();
  std::optional<absl::Time> frozen_at_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SIMULATION_ADJUSTABLE_CLOCK_H_
