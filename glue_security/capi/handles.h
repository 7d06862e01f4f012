// The engines that the C door has opened, by their handles.
//
// A handle is a number and not an address, so that one that was closed can be
// told from one that is open.

#ifndef GLUE_SECURITY_CAPI_HANDLES_H_
#define GLUE_SECURITY_CAPI_HANDLES_H_

#include <memory>

#include "glue_security/capi/embedded_engine.h"
#include "glue_security/capi/glue_security.h"

namespace glue_security {

// While it lives, no engine is closed and the process does not fork. Not to be
// nested: a fork that waits goes before it.
class HandleUse {
 public:
  HandleUse();
  ~HandleUse();
  HandleUse(const HandleUse&) = delete;
  HandleUse& operator=(const HandleUse&) = delete;

  // Returns the code of an engine: GLUE_SECURITY_OK, GLUE_SECURITY_FORKED or
  // GLUE_SECURITY_NO_SUCH_HANDLE. Sets `engine` if it is GLUE_SECURITY_OK.
  int Find(glue_security_handle handle, EmbeddedEngine** engine) const;
};

// Returns the handle of an engine that was opened. REQUIRES: the thread has no
// `HandleUse`.
glue_security_handle AddHandle(std::unique_ptr<EmbeddedEngine> engine);

// Waits for every `HandleUse` to end, and closes the engine. Returns false when
// there is none.
bool RemoveHandle(glue_security_handle handle);

// For pthread_atfork. The first waits for every `HandleUse` to end.
void BeforeFork();
void AfterForkInParent();
void AfterForkInChild();

}  // namespace glue_security

#endif  // GLUE_SECURITY_CAPI_HANDLES_H_
