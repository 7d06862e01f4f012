// Observer: one callback per operation of an engine.

#ifndef GLUE_SECURITY_ENGINE_OBSERVER_H_
#define GLUE_SECURITY_ENGINE_OBSERVER_H_

#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {

// The result of one call.
struct OperationEvent {
  Operation operation = kNoOperation;
  // Valid during the callback only.
  const Caller* caller = nullptr;
  // ERROR_CODE_UNSPECIFIED: the operation succeeded.
  v1::ErrorCode error_code = v1::ERROR_CODE_UNSPECIFIED;
  // The number of batches that were committed or tried; 0 for a read and for a
  // request that was refused before that. More than 1 means conflicts or
  // unknown commits.
  int attempts = 0;
  // A commit of this call got no answer.
  bool had_unknown_commit = false;
};

// Called on the thread of the call, after the operation has ended and before
// the call returns. Calls from different threads arrive at the same time. An
// exception from the observer is dropped and does not change the answer.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void OnOperation(const OperationEvent& event) = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENGINE_OBSERVER_H_
