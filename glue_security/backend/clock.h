// Clock: where the engine takes the time from.

#ifndef GLUE_SECURITY_BACKEND_CLOCK_H_
#define GLUE_SECURITY_BACKEND_CLOCK_H_

#include "absl/time/time.h"

namespace glue_security {

// Thread-safe. The engine does not require that the time grows: within a record
// its times never go backwards, whatever the clock does.
class Clock {
 public:
  virtual ~Clock() = default;

  // The time now. The engine uses it to the millisecond, rounded down, and may
  // ask while its storage waits for it: this must neither block nor call the
  // engine or its storage.
  virtual absl::Time Now() = 0;

  // The system's clock. Lives forever.
  static Clock* System();
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_BACKEND_CLOCK_H_
