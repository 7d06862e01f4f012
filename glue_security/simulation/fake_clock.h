// FakeClock: a clock that a test sets, moves and stops.
//
//   FakeClock clock(absl::FromUnixSeconds(1'700'000'000));  // stands still
//   clock.Advance(absl::Hours(24));     // true
//   clock.Set(absl::InfiniteFuture());  // false, and nothing changed
//
//   FakeClock running;                  // runs like the system's clock

#ifndef GLUE_SECURITY_SIMULATION_FAKE_CLOCK_H_
#define GLUE_SECURITY_SIMULATION_FAKE_CLOCK_H_

#include <mutex>
#include <optional>

#include "absl/time/time.h"
#include "glue_security/backend/clock.h"

namespace glue_security {

// Never shows a time outside of the years 1 to 9999, which have a form in RFC
// 3339: at either end it stands still. Thread-safe.
class FakeClock : public Clock {
 public:
  // The first and the last instant, in UTC.
  static absl::Time Min();
  static absl::Time Max();

  // A clock that runs like `base` until it is set, moved or stopped.
  // REQUIRES: `base` outlives this.
  explicit FakeClock(Clock* base = Clock::System()) : base_(base) {}

  // A clock that stands still at `now`, held to the years, until `Run`.
  explicit FakeClock(absl::Time now);

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

#endif  // GLUE_SECURITY_SIMULATION_FAKE_CLOCK_H_
