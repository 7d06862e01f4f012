#include "glue_security/model/out_of_memory.h"

#include <poll.h>
#include <unistd.h>

#include <cstdlib>

namespace glue_security {

void EndOutOfMemory() noexcept {
  // Does not wait for a reader of the line, and aborts even when it cannot be
  // written.
  pollfd ready{STDERR_FILENO, POLLOUT, 0};
  if (poll(&ready, 1, 0) <= 0) std::abort();
  [[maybe_unused]] const ssize_t written =
      write(STDERR_FILENO, kOutOfMemoryLine, sizeof(kOutOfMemoryLine) - 1);
  std::abort();
}

}  // namespace glue_security
