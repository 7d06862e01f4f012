#include "glue_security/simulation/adjustable_clock.h"

namespace glue_security {

absl::Time AdjustableClock::Now() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return NowLocked();
}

absl::Time AdjustableClock::NowLocked() {
  return frozen_at_.has_value() ? *frozen_at_ : base_->Now() + ahead_;
}

void AdjustableClock::Set(absl::Time now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (frozen_at_.has_value()) {
    frozen_at_ = now;
  } else {
    ahead_ = now - base_->Now();
  }
}

void AdjustableClock::Advance(absl::Duration duration) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (frozen_at_.has_value()) {
    *frozen_at_ += duration;
  } else {
    ahead_ += duration;
  }
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
