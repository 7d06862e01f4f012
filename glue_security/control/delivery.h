// Delivery: the way in which an answer reaches its client.

#ifndef GLUE_SECURITY_CONTROL_DELIVERY_H_
#define GLUE_SECURITY_CONTROL_DELIVERY_H_

#include "absl/time/time.h"

namespace glue_security {

// The delivery of an answer to its client.
struct Delivery {
  // The answer is sent this much later.
  absl::Duration delay = absl::ZeroDuration();
  // The answer is not sent; the connection is closed instead.
  bool lost = false;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_CONTROL_DELIVERY_H_
