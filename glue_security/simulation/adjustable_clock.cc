#include "glue_security/simulation/adjustable_clock.h"

#include <algorithm>

namespace glue_security {

// 0001-01-01T00:00:00Z.
absl::Time AdjustableClock::Min() {
  return absl::FromUnixSeconds(-62'135'596'800);
}

// The last nanosecond before 10000-01-01T00:00:00Z.
absl::Time AdjustableClock::Max() {
  return absl::FromUnixSeconds(253'402'300'800) - absl::Nanoseconds(1);
}

absl::Time AdjustableClock::Now() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return NowLocked();
}

absl::Time AdjustableClock::NowLocked() {
  return frozen_at_.has_value() ? *frozen_at_ : At(base_->Now());
}

absl::Time AdjustableClock::At(absl::Time base) const {
  return std::clamp(base + ahead_, Min(), Max());
}

bool AdjustableClock::Set(absl::Time now) {
  if (now < Min() || now > Max()) return false;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (frozen_at_.has_value()) {
    frozen_at_ = now;
  } else {
    ahead_ = now - base_->Now();
  }
  return true;
}

bool AdjustableClock::Advance(absl::Duration duration) {
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

void AdjustableClock::Freeze() {
  const std::lock_guard<std::mutex> lock(mutex_);
  frozen_at_ = NowLocked();
}

void AdjustableClock::Run() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!frozen_at_.has_value()) return;
  ahead_ = *frozen_at_ - base_->Now();
  frozen_at_.reset();
}

void AdjustableClock::Reset() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ahead_ = absl::ZeroDuration();
  frozen_at_.reset();
}

bool AdjustableClock::is_frozen() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return frozen_at_.has_value();
}

}  // namespace glue_security
