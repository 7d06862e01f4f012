// ControlledState: the state of a backend, as a test harness controls it.

#ifndef GLUE_SECURITY_CONTROL_CONTROLLED_STATE_H_
#define GLUE_SECURITY_CONTROL_CONTROLLED_STATE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace glue_security {

// The state of a backend, under the control of a harness. Thread-safe.
class ControlledState {
 public:
  virtual ~ControlledState() = default;

  // Empties the state; snapshots stay. Does not call the backend. Errors,
  // nothing changed: kResourceExhausted when out of memory.
  virtual absl::Status Reset() = 0;
  // Saves the current state as the snapshot `name`, replacing an older one.
  // Errors, nothing changed: kResourceExhausted, with the bound, when there is
  // no room for it.
  virtual absl::Status Save(const std::string& name) = 0;
  // Restores the snapshot `name`. Does not call the backend. Errors, nothing
  // changed: kNotFound when there is none; kResourceExhausted when out of
  // memory.
  virtual absl::Status Restore(const std::string& name) = 0;
  // Removes the snapshot `name`. Returns false when there is none.
  virtual bool Forget(const std::string& name) = 0;
  // Returns the names of the snapshots, sorted.
  virtual std::vector<std::string> Names() const = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_CONTROL_CONTROLLED_STATE_H_
