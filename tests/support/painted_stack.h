// Measures the stack that a call uses.

#ifndef TESTS_SUPPORT_PAINTED_STACK_H_
#define TESTS_SUPPORT_PAINTED_STACK_H_

#include <cstddef>

#include "absl/functional/function_ref.h"

namespace glue_security {

// Runs `work` on a thread of its own with a stack of `bytes` bytes, a multiple
// of the page size. Returns how many of them the thread has written to, its own
// start and end included. Ends the process when `work` needs more.
size_t StackBytesUsed(size_t bytes, absl::FunctionRef<void()> work);

}  // namespace glue_security

#endif  // TESTS_SUPPORT_PAINTED_STACK_H_
