#include "tests/support/failing_new.h"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace glue_security {
namespace {

struct State {
  bool armed = false;
  bool failed = false;
  int pauses = 0;
  // The number of allocations up to the one that fails.
  int64_t left = 0;
};

thread_local State state;

bool Fails() {
  if (!state.armed || state.pauses > 0 || --state.left != 0) return false;
  state.failed = true;
  return true;
}

void* Allocate(size_t bytes) {
  return Fails() ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
}

void* Allocate(size_t bytes, std::align_val_t alignment) {
  const auto step = static_cast<size_t>(alignment);
  // The size must be a multiple of the alignment.
  return Fails() ? nullptr
                 : std::aligned_alloc(step, (bytes / step + 1) * step);
}

void* OrThrow(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

FailingNew::FailingNew(int64_t number) {
  state.failed = false;
  state.left = number;
  state.armed = true;
}
FailingNew::~FailingNew() { state.armed = false; }

bool FailingNew::failed() const { return state.failed; }

FailingNewPause::FailingNewPause() { ++state.pauses; }
FailingNewPause::~FailingNewPause() { --state.pauses; }

}  // namespace glue_security

// The other operators of the standard library call these.

void* operator new(size_t bytes) {
  return glue_security::OrThrow(glue_security::Allocate(bytes));
}
void* operator new[](size_t bytes) {
  return glue_security::OrThrow(glue_security::Allocate(bytes));
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  return glue_security::Allocate(bytes);
}
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept {
  return glue_security::Allocate(bytes);
}
void* operator new(size_t bytes, std::align_val_t alignment) {
  return glue_security::OrThrow(glue_security::Allocate(bytes, alignment));
}
void* operator new[](size_t bytes, std::align_val_t alignment) {
  return glue_security::OrThrow(glue_security::Allocate(bytes, alignment));
}
void* operator new(size_t bytes, std::align_val_t alignment,
                   const std::nothrow_t&) noexcept {
  return glue_security::Allocate(bytes, alignment);
}
void* operator new[](size_t bytes, std::align_val_t alignment,
                     const std::nothrow_t&) noexcept {
  return glue_security::Allocate(bytes, alignment);
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t,
                     const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t,
                       const std::nothrow_t&) noexcept {
  std::free(memory);
}
