#include "glue_security/backend/fake_clock.h"

#include <algorithm>

#include "glue_security/model/time_bounds.h"

namespace glue_security {

absl::Time FakeClock::Min() { return absl::FromUnixMillis(kUnixMillisMin); }

// The last nanosecond of the last millisecond.
absl::Time FakeClock::Max() {
  return absl::FromUnixMillis(kUnixMillisMax + 1) - absl::Nanoseconds(1);
}

FakeClock::FakeClock(absl::Time now)
    : base_(Clock::System()), frozen_at_(std::clamp(now, Min(), Max())) {}

absl::Time FakeClock::Now() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return NowLocked();
}

absl::Time FakeClock::NowLocked() {
  return frozen_at_.has_value() ? *frozen_at_ : At(base_->Now());
}

absl::Time FakeClock::At(absl::Time base) const {
  return std::clamp(base + ahead_, Min(), Max());
}

bool FakeClock::Set(absl::Time now) {
  if (now < Min() || now > Max()) return false;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (frozen_at_.has_value()) {
    frozen_at_ = now;
  } else {
    ahead_ = now - base_->Now();
  }
  return true;
}

bool FakeClock::Advance(absl::Duration duration) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const absl::Time base = base_->Now();
  const absl::Time now =
      (frozen_at_.has_value() ? *frozen_at_ : At(base)) + duration;
  if (now < Min() || now > Max()) return false;
  if (frozen_at_.has_value()) {
    frozen_at_ = now;
  } else {
    ahead_ = now - base;
  }
  return true;
}

void FakeClock::Freeze() {
  const std::lock_guard<std::mutex> lock(mutex_);
  frozen_at_ = NowLocked();
}

void FakeClock::Run() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!frozen_at_.has_value()) return;
  ahead_ = *frozen_at_ - base_->Now();
  frozen_at_.reset();
}

void FakeClock::Reset() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ahead_ = absl::ZeroDuration();
  frozen_at_.reset();
}

bool FakeClock::is_frozen() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return frozen_at_.has_value();
}

}  // namespace glue_security
