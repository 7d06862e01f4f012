// The answers of the C door, which the library allocates.

#ifndef GLUE_SECURITY_CAPI_ANSWER_H_
#define GLUE_SECURITY_CAPI_ANSWER_H_

#include <exception>
#include <memory>
#include <new>
#include <string>

#include "glue_security/capi/glue_security.h"

namespace glue_security {

// The result of a function.
struct CapiResult {
  int code = GLUE_SECURITY_OK;
  std::string message;
  int http_status = 0;
  std::string error_type;
  std::string body;
  double delay_seconds = 0;
  bool lost = false;
};

// An answer, and what its pointers lead to.
struct OwnedAnswer : glue_security_answer {
  OwnedAnswer();
  // Makes the members of the answer those of `result`.
  void Show();

  CapiResult result;
  // True for the answer that is never freed.
  bool is_permanent = false;
};

// Returns the answer that there is when there is no memory for one.
OwnedAnswer* OutOfMemoryAnswer();

void FreeAnswer(glue_security_answer* answer);

// Calls `function` with a result to fill, and gives it to the caller as
// `answer`, which may be null. Nothing that is thrown leaves it. The memory of
// the answer is there before `function` can change anything.
template <typename Function>
int GiveAnswer(glue_security_answer** answer, Function function) noexcept {
  std::unique_ptr<OwnedAnswer> owned(new (std::nothrow) OwnedAnswer);
  if (owned == nullptr) {
    if (answer != nullptr) *answer = OutOfMemoryAnswer();
    return GLUE_SECURITY_OUT_OF_MEMORY;
  }
  CapiResult& result = owned->result;
  try {
    function(&result);
  } catch (const std::bad_alloc&) {
    // Short enough to need no memory.
    result = CapiResult();
    result.code = GLUE_SECURITY_OUT_OF_MEMORY;
    result.message = "out of memory";
  } catch (...) {
    result = CapiResult();
    result.code = GLUE_SECURITY_INTERNAL;
    result.message = "internal error";
  }
  const int code = result.code;
  if (answer != nullptr) {
    owned->Show();
    *answer = owned.release();
  }
  return code;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_CAPI_ANSWER_H_
