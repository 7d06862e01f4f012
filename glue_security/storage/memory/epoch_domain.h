// EpochDomain: decides when memory can be freed that readers without a lock may
// still see.
//
// A reader claims a slot, a cache line of its own, and writes the current epoch
// into it before it follows any shared pointer. The one writer tags objects
// that only the old state holds with the epoch, publishes the new state, and
// increments the epoch. An object with tag t is freed once every claimed slot
// shows an epoch above t: such readers started after the new state was
// published. A reader never waits. A slow reader delays the freeing of memory,
// not the writer.
//
// It uses sequentially consistent atomics and no fences. If the writer's scan
// of the slots misses a reader, then that reader loads the shared pointer after
// the scan in the single total order, and so after the new state was published.

#ifndef GLUE_SECURITY_STORAGE_MEMORY_EPOCH_DOMAIN_H_
#define GLUE_SECURITY_STORAGE_MEMORY_EPOCH_DOMAIN_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace glue_security {
namespace storage_internal {

// An object to free later.
struct Retired {
  void* object;
  void (*free)(void* object);
};

// Thread-safe for any number of readers. The caller ensures that there is one
// writer at a time.
class EpochDomain {
 public:
  EpochDomain();

  // Frees all retired objects. REQUIRES: no readers.
  ~EpochDomain();

  EpochDomain(const EpochDomain&) = delete;
  EpochDomain& operator=(const EpochDomain&) = delete;

  // Keeps everything that was reachable at its construction from being freed.
  // Never waits. Allocates only when more readers than ever before exist at
  // once.
  class Reader {
   public:
    explicit Reader(EpochDomain* domain) noexcept;
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // False when there was no memory for a slot; such a reader protects
    // nothing.
    bool inside() const { return slot_ != nullptr; }

   private:
    std::atomic<uint64_t>* slot_;
  };

  // Called by the writer. `item` becomes unreachable with the state that the
  // writer publishes next. Throws std::bad_alloc, which changes nothing.
  void Add(const Retired& item) {
    waiting_.push_back({epoch_.load(std::memory_order_relaxed), item});
    ++added_;
  }

  // Called by the writer when the state is published. Every few calls, frees
  // the objects that no reader can see.
  void Publish() noexcept;

  // Called by the writer when the state will not be published. Forgets
  // everything that was added since the last `Publish`.
  void Abandon() noexcept;

 private:
  static constexpr size_t kSlotsPerBlock = 32;
  // The number of calls of `Publish` for each scan of the slots.
  static constexpr size_t kBatchesPerScan = 8;

  struct alignas(64) Slot {
    // 0 when free, else the epoch in which its reader started.
    std::atomic<uint64_t> epoch{0};
  };
  struct Block {
    std::array<Slot, kSlotsPerBlock> slots;
    std::atomic<Block*> next{nullptr};
  };
  // An object that was retired in `epoch`.
  struct Tagged {
    uint64_t epoch;
    Retired retired;
  };

  // Returns a slot for a new reader, or nullptr when out of memory.
  std::atomic<uint64_t>* Claim() noexcept;
  uint64_t OldestReader() const;

  std::atomic<uint64_t> epoch_{1};
  // The blocks form a list that only grows.
  Block first_;
  // Used by the writer only. Oldest first.
  std::deque<Tagged> waiting_;
  // How many of them, at the end, belong to the current write.
  size_t added_ = 0;
  size_t batches_since_scan_ = 0;
};

}  // namespace storage_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_MEMORY_EPOCH_DOMAIN_H_
