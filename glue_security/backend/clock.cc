#include "glue_security/backend/clock.h"

#include "absl/time/clock.h"

namespace glue_security {
namespace {

class SystemClock : public Clock {
 public:
  absl::Time Now() override { return absl::Now(); }
};

}  // namespace

Clock* Clock::System() {
  static auto* const kClock = new SystemClock();
  return kClock;
}

}  // namespace glue_security
