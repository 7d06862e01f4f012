#include "tests/storage/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace glue_security {
namespace {

std::atomic<int64_t> live_blocks{0};
thread_local AllocationWatch* watch = nullptr;

// Returns nullptr on failure. `alignment` 0 stands for that of malloc.
void* Allocate(size_t bytes, size_t alignment) noexcept {
  if (watch != nullptr && !watch->OnAllocation()) return nullptr;
  if (bytes == 0) bytes = 1;
  void* const memory =
      alignment == 0 ? std::malloc(bytes)
                     : std::aligned_alloc(alignment, (bytes + alignment - 1) &
                                                         ~(alignment - 1));
  if (memory != nullptr) live_blocks.fetch_add(1, std::memory_order_relaxed);
  return memory;
}

void* AllocateOrThrow(size_t bytes, size_t alignment) {
  void* const memory = Allocate(bytes, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void Free(void* memory) noexcept {
  if (memory == nullptr) return;
  live_blocks.fetch_sub(1, std::memory_order_relaxed);
  std::free(memory);
}

size_t Of(std::align_val_t alignment) { return static_cast<size_t>(alignment); }

}  // namespace

int64_t LiveBlocks() { return live_blocks.load(std::memory_order_relaxed); }

AllocationWatch::AllocationWatch() { watch = this; }
AllocationWatch::~AllocationWatch() { watch = nullptr; }

}  // namespace glue_security

using glue_security::Allocate;
using glue_security::AllocateOrThrow;
using glue_security::Free;
using glue_security::Of;

void* operator new(size_t bytes) { return AllocateOrThrow(bytes, 0); }
void* operator new[](size_t bytes) { return AllocateOrThrow(bytes, 0); }
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  return Allocate(bytes, 0);
}
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept {
  return Allocate(bytes, 0);
}
void* operator new(size_t bytes, std::align_val_t alignment) {
  return AllocateOrThrow(bytes, Of(alignment));
}
void* operator new[](size_t bytes, std::align_val_t alignment) {
  return AllocateOrThrow(bytes, Of(alignment));
}
void* operator new(size_t bytes, std::align_val_t alignment,
                   const std::nothrow_t&) noexcept {
  return Allocate(bytes, Of(alignment));
}
void* operator new[](size_t bytes, std::align_val_t alignment,
                     const std::nothrow_t&) noexcept {
  return Allocate(bytes, Of(alignment));
}

void operator delete(void* memory) noexcept { Free(memory); }
void operator delete[](void* memory) noexcept { Free(memory); }
void operator delete(void* memory, size_t) noexcept { Free(memory); }
void operator delete[](void* memory, size_t) noexcept { Free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  Free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  Free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept { Free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept {
  Free(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  Free(memory);
}
void operator delete[](void* memory, size_t, std::align_val_t) noexcept {
  Free(memory);
}
void operator delete(void* memory, std::align_val_t,
                     const std::nothrow_t&) noexcept {
  Free(memory);
}
void operator delete[](void* memory, std::align_val_t,
                       const std::nothrow_t&) noexcept {
  Free(memory);
}
