// How much stack a call takes.

#ifndef TESTS_SUPPORT_PAINTED_STACK_H_
#define TESTS_SUPPORT_PAINTED_STACK_H_

#include <cstddef>

#include "absl/functional/function_ref.h"

namespace glue_security {

// Runs `work` on a thread of its own with a stack of `bytes` bytes, a multiple
// of the page size, and returns how many of them the thread has written to; its
// own start and end are among them. A `work` that needs more ends the process.
size_t StackBytesUsed(size_t bytes, absl::FunctionRef<void()> work);

}  // namespace glue_security

#endif  // TESTS_SUPPORT_PAINTED_STACK_H_
