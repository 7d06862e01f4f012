// Arena: where the nodes and records of one storage live, apart from the heap
// of the rest of the process. Records live long; were they strewn among the
// short-lived pieces of requests and answers, a large storage would scatter
// every answer's memory, and a page of it would take three times as long.

#ifndef GLUE_SECURITY_STORAGE_INTERNAL_ARENA_H_
#define GLUE_SECURITY_STORAGE_INTERNAL_ARENA_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace glue_security {
namespace storage_internal {

// One thread at a time allocates, which the caller sees to; any thread frees at
// any time: the relatives of a storage free what they shared with it. What is
// freed is used again for pieces of its size; the memory goes back to the
// system with the arena. Under the address sanitizer, memory that is not given
// out is poisoned.
class Arena {
 public:
  // Larger pieces come from the heap, each alone.
  static constexpr size_t kPooledBytesMax = 4096;

  // REQUIRES: pooled_bytes_max <= kPooledBytesMax.
  explicit Arena(size_t pooled_bytes_max = kPooledBytesMax)
      : steps_max_(pooled_bytes_max / kStepBytes) {}

  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `bytes` bytes, at least one, aligned for pointers and 64-bit integers.
  // Throws std::bad_alloc, nothing changed.
  void* Allocate(size_t bytes);

  // Gives back what `Allocate` gave for the same `bytes`.
  void Free(void* memory, size_t bytes) noexcept;

 private:
  // A list of what is free for each size: no piece is searched for, which a
  // pool of the standard library does at each `Free`.
  struct FreePiece {
    FreePiece* next;
  };
  struct FreeList {
    // The allocating thread's.
    FreePiece* ready = nullptr;
    // Everybody adds to it; it is taken as a whole, when nothing is ready.
    std::atomic<FreePiece*> freed{nullptr};
  };
  static constexpr size_t kStepBytes = 16;
  static constexpr size_t kStepsMax = kPooledBytesMax / kStepBytes;

  // How many steps a piece takes.
  static size_t StepsOf(size_t bytes) {
    return (bytes + kStepBytes - 1) / kStepBytes;
  }

  // Memory that was never given out. REQUIRES: a multiple of kStepBytes.
  void* Carve(size_t bytes);

  const size_t steps_max_;
  std::array<FreeList, kStepsMax + 1> free_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  // What is left of the last chunk, and the bytes of all chunks.
  char* next_ = nullptr;
  size_t left_ = 0;
  size_t chunk_bytes_ = 0;
};

// The arenas of a family of storages. Each storage that writes borrows one, and
// what it leaves in it belongs to whoever of its relatives still holds it.
// Thread-safe. REQUIRES: outlives everything in its arenas.
class ArenaSet {
 public:
  explicit ArenaSet(size_t pooled_bytes_max = Arena::kPooledBytesMax)
      : pooled_bytes_max_(pooled_bytes_max) {}

  // An arena that no other storage has borrowed. Throws std::bad_alloc, nothing
  // changed.
  Arena* Borrow();

  // Ends `Borrow`. What lives in the arena lives on.
  void Return(Arena* arena) noexcept;

 private:
  const size_t pooled_bytes_max_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Arena>> all_;
  // Has room for all, so that `Return` allocates nothing.
  std::vector<Arena*> free_;
};

}  // namespace storage_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_INTERNAL_ARENA_H_
