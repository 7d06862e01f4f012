// AdjustableClock: a clock that runs like another until it is set, moved or
// stopped. `SettableClock` is the one that never runs by itself.

#ifndef GLUE_SECURITY_SIMULATION_ADJUSTABLE_CLOCK_H_
#define GLUE_SECURITY_SIMULATION_ADJUSTABLE_CLOCK_H_

#include <mutex>
#include <optional>

#include "absl/time/time.h"
#include "glue_security/backend/clock.h"

namespace glue_security {

// Thread-safe.
class AdjustableClock : public Clock {
 public:
  // REQUIRES: `base` outlives this.
  explicit AdjustableClock(Clock* base = Clock::System()) : base_(base) {}

  absl::Time Now() override;

  // Jumps to `now`, forwards or back, and goes on from there, unless it stands
  // still.
  void Set(absl::Time now);

  // Moves by `duration`, backwards when it is negative.
  void Advance(absl::Duration duration);

  // Stands still, until `Run`.
  void Freeze();

  // Goes on from where it stands.
  void Run();

  // Runs like its base again.
  void Reset();

  bool is_frozen() const;

 private:
  absl::Time NowLocked();

  Clock* const base_;
  mutable std::mutex mutex_;
  // What it is ahead of its base while it runs.
  absl::Duration ahead_ = absl::ZeroDuration();
  std::optional<absl::Time> frozen_at_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SIMULATION_ADJUSTABLE_CLOCK_H_
