#include "glue_security/model/out_of_memory.h"

#include <unistd.h>

#include <cstdlib>

namespace glue_security {

void EndOutOfMemory() noexcept {
  // A line that cannot be written, or not whole, is no reason to stay.
  [[maybe_unused]] const ssize_t written =
      write(STDERR_FILENO, kOutOfMemoryLine, sizeof(kOutOfMemoryLine) - 1);
  std::abort();
}

}  // namespace glue_security
