// Arena: the memory of the nodes and records of one storage, apart from the
// heap of the rest of the process. Records live long. If they shared the heap
// with the short-lived pieces of requests and answers, a large storage would
// scatter the memory of every answer, and reading a page would take three times
// as long.

#ifndef GLUE_SECURITY_STORAGE_MEMORY_ARENA_H_
#define GLUE_SECURITY_STORAGE_MEMORY_ARENA_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace glue_security {
namespace storage_internal {

// The caller ensures that only one thread allocates at a time. Any thread may
// free at any time: the other storages of a family free pieces that they
// shared. A freed piece is reused for pieces of its size; the memory returns to
// the system with the arena. Under the address sanitizer, memory that is not
// allocated is poisoned.
class Arena {
 public:
  // Larger pieces are allocated on the heap, each by itself.
  static constexpr size_t kPooledBytesMax = 4096;

  // REQUIRES: pooled_bytes_max <= kPooledBytesMax.
  explicit Arena(size_t pooled_bytes_max = kPooledBytesMax)
      : steps_max_(pooled_bytes_max / kStepBytes) {}

  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Returns `bytes` bytes, aligned for pointers and 64-bit integers. Throws
  // std::bad_alloc, which changes nothing. REQUIRES: bytes > 0.
  void* Allocate(size_t bytes);

  // Frees memory that `Allocate` returned for the same `bytes`.
  void Free(void* memory, size_t bytes) noexcept;

 private:
  // A link of a free list. There is one list for each size, so no piece is ever
  // searched for; a pool of the standard library searches at each `Free`.
  struct FreePiece {
    FreePiece* next;
  };
  struct FreeList {
    // Used by the allocating thread only.
    FreePiece* ready = nullptr;
    // Any thread adds to it. The allocating thread takes the whole list when
    // `ready` is empty.
    std::atomic<FreePiece*> freed{nullptr};
  };
  static constexpr size_t kStepBytes = 16;
  static constexpr size_t kStepsMax = kPooledBytesMax / kStepBytes;

  // Returns the size of a piece in steps.
  static size_t StepsOf(size_t bytes) {
    return (bytes + kStepBytes - 1) / kStepBytes;
  }

  // Returns memory that was never allocated before. REQUIRES: `bytes` is a
  // multiple of kStepBytes.
  void* Carve(size_t bytes);

  const size_t steps_max_;
  std::array<FreeList, kStepsMax + 1> free_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  // The unused rest of the last chunk, and the bytes of all chunks.
  char* next_ = nullptr;
  size_t left_ = 0;
  size_t chunk_bytes_ = 0;
};

// The arenas of a family of storages. Each storage that writes borrows one.
// Pieces that remain in it after its return belong to the other storages that
// still refer to them. Thread-safe. REQUIRES: outlives everything in its
// arenas.
class ArenaSet {
 public:
  explicit ArenaSet(size_t pooled_bytes_max = Arena::kPooledBytesMax)
      : pooled_bytes_max_(pooled_bytes_max) {}

  // Returns an arena that no other storage has borrowed. Throws std::bad_alloc,
  // which changes nothing.
  Arena* Borrow();

  // Takes back a borrowed arena. Pieces that are still allocated stay valid.
  void Return(Arena* arena) noexcept;

 private:
  const size_t pooled_bytes_max_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Arena>> all_;
  // Has capacity for all arenas, so that `Return` never allocates.
  std::vector<Arena*> free_;
};

}  // namespace storage_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_MEMORY_ARENA_H_
