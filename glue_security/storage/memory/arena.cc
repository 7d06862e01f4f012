#include "glue_security/storage/memory/arena.h"

#include <algorithm>
#include <new>
#include <utility>

// This header belongs to the compiler's runtime for sanitizers, which need not
// be installed.
#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) \
  ((void)(address), (void)(size))
#endif

namespace glue_security {
namespace storage_internal {
namespace {

constexpr size_t kChunkBytesMin = 4096;
constexpr size_t kChunkBytesMax = size_t{64} * 1024;

}  // namespace

void* Arena::Allocate(size_t bytes) {
  const size_t steps = StepsOf(bytes);
  if (steps > steps_max_) return ::operator new(bytes);
  FreeList& list = free_[steps];
  if (list.ready == nullptr) {
    list.ready = list.freed.exchange(nullptr, std::memory_order_acquire);
  }
  if (list.ready == nullptr) {
    void* const memory = Carve(steps * kStepBytes);
    ASAN_UNPOISON_MEMORY_REGION(memory, bytes);
    return memory;
  }
  FreePiece* const piece = list.ready;
  ASAN_UNPOISON_MEMORY_REGION(piece, sizeof(FreePiece));
  list.ready = piece->next;
  // A piece may be smaller than the link.
  ASAN_POISON_MEMORY_REGION(piece, sizeof(FreePiece));
  ASAN_UNPOISON_MEMORY_REGION(piece, bytes);
  return piece;
}

void Arena::Free(void* memory, size_t bytes) noexcept {
  const size_t steps = StepsOf(bytes);
  if (steps > steps_max_) {
    ::operator delete(memory);
    return;
  }
  std::atomic<FreePiece*>& freed = free_[steps].freed;
  FreePiece* next = freed.load(std::memory_order_relaxed);
  FreePiece* piece;
  do {
    ASAN_UNPOISON_MEMORY_REGION(memory, sizeof(FreePiece));
    piece = new (memory) FreePiece{next};
    // Poisoned before it is in the list, where another thread may take it.
    ASAN_POISON_MEMORY_REGION(memory, steps * kStepBytes);
  } while (!freed.compare_exchange_weak(next, piece, std::memory_order_release,
                                        std::memory_order_relaxed));
}

void* Arena::Carve(size_t bytes) {
  if (left_ < bytes) {
    // Chunks grow with the arena, so that a small storage stays small.
    const size_t chunk_bytes =
        std::clamp(chunk_bytes_, kChunkBytesMin, kChunkBytesMax);
    chunks_.push_back(std::unique_ptr<char[]>(new char[chunk_bytes]));
    // Nothing can fail from here on, so the state may change.
    next_ = chunks_.back().get();
    left_ = chunk_bytes;
    chunk_bytes_ += chunk_bytes;
    ASAN_POISON_MEMORY_REGION(next_, left_);
  }
  void* const memory = next_;
  next_ += bytes;
  left_ -= bytes;
  return memory;
}

Arena* ArenaSet::Borrow() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (free_.empty()) {
    auto arena = std::make_unique<Arena>(pooled_bytes_max_);
    if (free_.capacity() <= all_.size()) free_.reserve(2 * all_.size() + 1);
    all_.push_back(std::move(arena));
    return all_.back().get();
  }
  Arena* const arena = free_.back();
  free_.pop_back();
  return arena;
}

void ArenaSet::Return(Arena* arena) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  free_.push_back(arena);
}

}  // namespace storage_internal
}  // namespace glue_security
