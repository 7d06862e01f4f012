// OrEnd: code that must not go on after it ran out of memory.
//
// A protobuf message or an Abseil hash table does not survive a std::bad_alloc
// that is thrown while it changes: what is left is neither the old value nor
// the new one, and even its destructor may read what is no longer there. Code
// that changes one is given to OrEnd:
//
//   v1::Response response;
//   OrEnd([&] { response.mutable_error()->set_message(text); });
//
// Out of memory there, the process prints one line and ends:
//
//   OrEnd([] { throw std::bad_alloc(); });  // kOutOfMemoryLine, then SIGABRT
//
// The message or table lives outside of the function, as above: an exception
// destroys all that lives inside before anybody can end the process, and so it
// would destroy what is half changed.
//
// Everywhere else std::bad_alloc is an exception like any other, which ends one
// call. So OrEnd encloses no call of a storage, a hook, a backend or whatever
// else an embedder gives: what those throw is theirs. docs/out_of_memory.md
// lists which code is which.

#ifndef GLUE_SECURITY_MODEL_OUT_OF_MEMORY_H_
#define GLUE_SECURITY_MODEL_OUT_OF_MEMORY_H_

#include <new>
#include <utility>

namespace glue_security {

// What EndOutOfMemory prints.
inline constexpr char kOutOfMemoryLine[] =
    "glue_security: out of memory inside a message or a table; the process "
    "ends\n";

// Writes kOutOfMemoryLine to the standard error and aborts. Takes no memory.
[[noreturn]] void EndOutOfMemory() noexcept;

// Calls `function` and returns what it returns. A std::bad_alloc that it throws
// ends the process (see EndOutOfMemory); every other exception passes. Costs
// nothing where nothing is thrown.
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
