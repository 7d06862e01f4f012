// FreedMemory: looks for a text in memory that is freed. It replaces the global
// operators new and delete, and the allocator of libcrypto, in tests that
// depend on this target.

#ifndef GLUE_SECURITY_TESTS_SUPPORT_FREED_MEMORY_H_
#define GLUE_SECURITY_TESTS_SUPPORT_FREED_MEMORY_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace glue_security {

// During its lifetime, the blocks of memory that its thread frees are searched
// for a text. Not to be nested.
class FreedMemory {
 public:
  // `text` must outlive this object.
  explicit FreedMemory(absl::string_view text);
  ~FreedMemory();
  FreedMemory(const FreedMemory&) = delete;
  FreedMemory& operator=(const FreedMemory&) = delete;

  // The number of blocks that held the text as they were freed.
  int found() const;
  // The number of all blocks that were freed.
  int freed() const;
};

// Returns true when the blocks of libcrypto are searched, too. Called before
// libcrypto is used.
bool SearchLibcrypto();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_SUPPORT_FREED_MEMORY_H_
