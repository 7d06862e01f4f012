#include "tests/support/painted_stack.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "glue_security/model/end_process.h"

namespace glue_security {
namespace {

// A value that a thread is unlikely to leave behind.
constexpr uint64_t kPaint = 0xC5A3F10E5D7B9286;

// Not sanitized: a sanitizer may have marked the stack of an ended thread.
__attribute__((no_sanitize("address", "thread"))) void Paint(uint64_t* begin,
                                                             uint64_t* end) {
  std::fill(begin, end, kPaint);
}

// Returns the first word that is not painted, or `end`.
__attribute__((no_sanitize("address", "thread"))) const uint64_t* FirstWritten(
    const uint64_t* begin, const uint64_t* end) {
  const uint64_t* at = begin;
  while (at != end && *at == kPaint) ++at;
  return at;
}

void* Call(void* work) {
  (*static_cast<absl::FunctionRef<void()>*>(work))();
  return nullptr;
}

void Check(bool holds, const char* what) {
  if (!holds) EndProcess(absl::StrCat(what, " failed"));
}

}  // namespace

size_t StackBytesUsed(size_t bytes, absl::FunctionRef<void()> work) {
  // The lowest page guards the stack: a write to it ends the process.
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* const memory = mmap(nullptr, page + bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  Check(memory != MAP_FAILED, "mmap");
  Check(mprotect(memory, page, PROT_NONE) == 0, "mprotect");
  auto* const stack = static_cast<char*>(memory) + page;
  auto* const begin = reinterpret_cast<uint64_t*>(stack);
  auto* const end = begin + bytes / sizeof(uint64_t);
  Paint(begin, end);

  pthread_attr_t attributes;
  Check(pthread_attr_init(&attributes) == 0, "pthread_attr_init");
  Check(pthread_attr_setstack(&attributes, stack, bytes) == 0,
        "pthread_attr_setstack");
  pthread_t thread;
  Check(pthread_create(&thread, &attributes, Call, &work) == 0,
        "pthread_create");
  Check(pthread_join(thread, nullptr) == 0, "pthread_join");
  pthread_attr_destroy(&attributes);

  const uint64_t* const lowest = FirstWritten(begin, end);
  const size_t used = static_cast<size_t>(end - lowest) * sizeof(uint64_t);
  Check(munmap(memory, page + bytes) == 0, "munmap");
  return used;
}

}  // namespace glue_security
