// Backend: a whole implementation of the Security API behind one method. The
// engine is one; so is a mock of your own. Whatever is written against this
// interface (a server, a checker, a recorder) works with all of them.

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
  // of that same operation or with an error. Total: a request without an
  // operation is answered with InvalidInputException. A failed operation has
  // changed nothing, save that after OperationTimeoutException the outcome is
  // unknown.
  virtual v1::Response Execute(const Caller& caller,
                               const v1::Request& request) = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_BACKEND_BACKEND_H_
