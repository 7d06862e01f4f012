// OrEnd: runs code that must not continue after it ran out of memory.
//
// A protobuf message or an Abseil hash table does not survive a std::bad_alloc
// that is thrown while it changes: it is left with neither the old value nor
// the new one, and even its destructor may read freed memory. Code that changes
// one runs inside OrEnd:
//
//   v1::Response response;
//   OrEnd([&] { response.mutable_error()->set_message(text); });
//
// When that code runs out of memory, the process prints one line and ends:
//
//   OrEnd([] { throw std::bad_alloc(); });  // kOutOfMemoryLine, then SIGABRT
//
// The message or table must live outside the function, as above. An exception
// destroys the function's own variables before OrEnd can end the process, so a
// half-changed message among them would be destroyed.
//
// Everywhere else std::bad_alloc is an ordinary exception that ends one call.
// So OrEnd never encloses a call of a storage, a hook, a backend or other code
// of the embedder: their exceptions pass through. docs/out_of_memory.md lists
// which code is which.

#ifndef GLUE_SECURITY_MODEL_OUT_OF_MEMORY_H_
#define GLUE_SECURITY_MODEL_OUT_OF_MEMORY_H_

#include <new>
#include <utility>

namespace glue_security {

// The line that EndOutOfMemory prints.
inline constexpr char kOutOfMemoryLine[] =
    "glue_security: out of memory inside a message or a table; the process "
    "ends\n";

// Writes kOutOfMemoryLine to the standard error and aborts. Allocates nothing.
[[noreturn]] void EndOutOfMemory() noexcept;

// Calls `function` and returns what it returns. A std::bad_alloc that it throws
// ends the process (see EndOutOfMemory); every other exception passes. Costs
// nothing when nothing is thrown.
//
// REQUIRES: no message or table that `function` changes is destroyed by leaving
// it.
template <typename Function>
decltype(auto) OrEnd(Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (const std::bad_alloc&) {
    EndOutOfMemory();
  }
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_OUT_OF_MEMORY_H_
