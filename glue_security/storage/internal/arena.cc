#include "glue_security/storage/internal/arena.h"

namespace glue_security {
namespace storage_internal {
namespace {

// Larger pieces come from the heap, each alone.
constexpr size_t kPooledBytesMax = 4096;
constexpr size_t kBlocksPerChunkMax = 1024;

std::pmr::pool_options Options() {
  std::pmr::pool_options options;
  options.max_blocks_per_chunk = kBlocksPerChunkMax;
  options.largest_required_pool_block = kPooledBytesMax;
  return options;
}

}  // namespace

Arena::Arena() : pool_(Options(), std::pmr::new_delete_resource()) {}

void* Arena::Allocate(size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return pool_.allocate(bytes);
}

void Arena::Free(void* memory, size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  pool_.deallocate(memory, bytes);
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
