// Backend: a whole implementation of the Security API behind one method. The
// engine is one; a mock of your own can be another. A server, a checker or a
// recorder that is written against this interface works with all of them.

#ifndef GLUE_SECURITY_BACKEND_BACKEND_H_
#define GLUE_SECURITY_BACKEND_BACKEND_H_

#include "glue_security/model/caller.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Thread-safe.
class Backend {
 public:
  virtual ~Backend() = default;

  // Executes the operation that `request` carries and answers with the response
  // of that same operation or with an error. A request without an operation is
  // answered with InvalidInputException. A failed operation has changed
  // nothing, except that after OperationTimeoutException the outcome may be
  // unknown.
  virtual v1::Response Execute(const Caller& caller,
                               const v1::Request& request) = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_BACKEND_BACKEND_H_
