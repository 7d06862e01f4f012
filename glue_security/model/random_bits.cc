#include "glue_security/model/random_bits.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace glue_security {
namespace {

// The bits of this process; 0 when there are none yet.
std::atomic<uint64_t> process_bits{0};

void ForgetProcessBits() { process_bits = 0; }

}  // namespace

uint64_t RandomBits() {
  uint64_t bits = 0;
  // UNCOVERED-BEGIN: fails only on a kernel without the call.
  if (getentropy(&bits, sizeof(bits)) != 0) std::abort();
  // UNCOVERED-END
  return bits;
}

uint64_t ProcessBits() {
  const uint64_t bits = process_bits.load(std::memory_order_relaxed);
  if (bits != 0) return bits;
  static const int kAtFork =
      pthread_atfork(nullptr, nullptr, &ForgetProcessBits);
  // UNCOVERED-BEGIN: fails only without memory for the handler.
  if (kAtFork != 0) std::abort();
  // UNCOVERED-END
  uint64_t none = 0;
  const uint64_t drawn = RandomBits() | 1;
  return process_bits.compare_exchange_strong(none, drawn) ? drawn : none;
}

}  // namespace glue_security
