#include "glue_security/testing/choices/byte_choices.h"

namespace glue_security {

uint64_t ByteChoices::Draw(uint64_t bound) {
  uint64_t value = 0;
  for (uint64_t rest = bound - 1; rest != 0; rest >>= 8) {
    value <<= 8;
    if (bytes_.empty()) continue;
    value |= static_cast<uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
  }
  // The remainder, not the upper half of a product: a fuzzer learns more from a
  // value that is in the bytes as it is.
  return value % bound;
}

}  // namespace glue_security
