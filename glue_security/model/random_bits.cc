#include "glue_security/model/random_bits.h"

#include <unistd.h>

#include <cstdlib>

namespace glue_security {

uint64_t RandomBits() {
  uint64_t bits = 0;
  // UNCOVERED-BEGIN: fails only on a kernel without the call.
  if (getentropy(&bits, sizeof(bits)) != 0) std::abort();
  // UNCOVERED-END
  return bits;
}

}  // namespace glue_security
