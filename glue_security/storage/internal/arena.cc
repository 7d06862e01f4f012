#include "glue_security/storage/internal/arena.h"

#include <algorithm>
#include <new>

namespace glue_security {
namespace storage_internal {
namespace {

constexpr size_t kChunkBytesMin = 4096;
constexpr size_t kChunkBytesMax = size_t{64} * 1024;

}  // namespace

void* Arena::Allocate(size_t bytes) {
  const size_t steps = StepsOf(bytes);
  if (steps > kStepsMax) return ::operator new(bytes);
  FreeList& list = free_[steps];
  if (list.ready == nullptr) {
    list.ready = list.freed.exchange(nullptr, std::memory_order_acquire);
    if (list.ready == nullptr) return Carve(steps * kStepBytes);
  }
  FreePiece* const piece = list.ready;
  list.ready = piece->next;
  return piece;
}

void Arena::Free(void* memory, size_t bytes) {
  const size_t steps = StepsOf(bytes);
  if (steps > kStepsMax) {
    ::operator delete(memory);
    return;
  }
  std::atomic<FreePiece*>& freed = free_[steps].freed;
  auto* const piece =
      new (memory) FreePiece{freed.load(std::memory_order_relaxed)};
  while (!freed.compare_exchange_weak(piece->next, piece,
                                      std::memory_order_release,
                                      std::memory_order_relaxed)) {
  }
}

void* Arena::Carve(size_t bytes) {
  if (left_ < bytes) {
    // A storage of a few records takes little.
    left_ = std::clamp(chunk_bytes_, kChunkBytesMin, kChunkBytesMax);
    chunk_bytes_ += left_;
    chunks_.emplace_back(new char[left_]);
    next_ = chunks_.back().get();
  }
  void* const memory = next_;
  next_ += bytes;
  left_ -= bytes;
  return memory;
}

Arena* ArenaSet::Borrow() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (free_.empty()) {
    all_.push_back(std::make_unique<Arena>());
    return all_.back().get();
  }
  Arena* const arena = free_.back();
  free_.pop_back();
  return arena;
}

void ArenaSet::Return(Arena* arena) {
  const std::lock_guard<std::mutex> lock(mutex_);
  free_.push_back(arena);
}

}  // namespace storage_internal
}  // namespace glue_security
