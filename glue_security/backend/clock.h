// Clock: the engine's source of time.

#ifndef GLUE_SECURITY_BACKEND_CLOCK_H_
#define GLUE_SECURITY_BACKEND_CLOCK_H_

#include "absl/time/time.h"

namespace glue_security {

// Thread-safe. The time may go backwards: the times within a record never do,
// whatever the clock does (docs/decisions/times.md).
class Clock {
 public:
  virtual ~Clock() = default;

  // Returns the current time. The engine rounds it down to milliseconds. The
  // engine may call this while its storage waits, so it must not block and must
  // not call the engine or its storage.
  virtual absl::Time Now() = 0;

  // Returns the system's clock. It lives forever.
  static Clock* System();
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_BACKEND_CLOCK_H_
