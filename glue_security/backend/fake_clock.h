// FakeClock: a clock that a test sets, moves and stops.
//
//   FakeClock clock(absl::FromUnixSeconds(1'700'000'000));  // stands still
//   clock.Advance(absl::Hours(24));     // true
//   clock.Set(absl::InfiniteFuture());  // false, and nothing changed
//
//   FakeClock running;                  // runs like the system's clock

#ifndef GLUE_SECURITY_BACKEND_FAKE_CLOCK_H_
#define GLUE_SECURITY_BACKEND_FAKE_CLOCK_H_

#include <mutex>
#include <optional>

#include "absl/time/time.h"
#include "glue_security/backend/clock.h"

namespace glue_security {

// Never leaves the years 1 to 9999, which RFC 3339 can represent: at either end
// the clock stands still. Thread-safe.
class FakeClock : public Clock {
 public:
  // The first and the last instant of those years, in UTC.
  static absl::Time Min();
  static absl::Time Max();

  // A clock that follows `base` until it is set, moved or stopped.
  // REQUIRES: `base` outlives this object.
  explicit FakeClock(Clock* base = Clock::System()) : base_(base) {}

  // A clock that stands still at `now`, held to the years, until `Run`.
  explicit FakeClock(absl::Time now);

  absl::Time Now() override;

  // Jumps to `now`, forwards or back, and runs on from there unless it is
  // frozen. Returns false and changes nothing when `now` is outside the years.
  bool Set(absl::Time now);

  // Moves by `duration`, backwards when it is negative. Returns false and
  // changes nothing when that would leave the years.
  bool Advance(absl::Duration duration);

  // Stops the clock until `Run` or `Reset`.
  void Freeze();

  // Continues from the time at which it stands.
  void Run();

  // Follows its base again, without an offset.
  void Reset();

  bool is_frozen() const;

 private:
  absl::Time NowLocked();
  // Returns the time that a running clock shows when its base shows `base`.
  absl::Time At(absl::Time base) const;

  Clock* const base_;
  mutable std::mutex mutex_;
  // How far the clock is ahead of its base while it runs.
  absl::Duration ahead_ = absl::ZeroDuration();
  std::optional<absl::Time> frozen_at_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_BACKEND_FAKE_CLOCK_H_
