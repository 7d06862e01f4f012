// EpochDomain: when may memory be freed that readers without a lock may still
// see?
//
// A reader claims a slot, a cache line of its own, and writes the present epoch
// into it before it follows any shared pointer. The one writer publishes a new
// state, tags what the old state alone held with the epoch, and moves the epoch
// on. What is tagged t is freed once every claimed slot shows an epoch above t:
// such readers came after the new state was published. A reader never waits for
// anybody; a reader that stays keeps memory, not the writer, waiting.
//
// All of it is sequentially consistent atomics, without fences: if the writer's
// look at the slots misses a reader, then that reader's look at the shared
// pointer comes later than the look at the slots in the one order of them all,
// and so later than the new state's publication.

#ifndef GLUE_SECURITY_STORAGE_INTERNAL_EPOCH_DOMAIN_H_
#define GLUE_SECURITY_STORAGE_INTERNAL_EPOCH_DOMAIN_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace glue_security {
namespace storage_internal {

// Something to free later.
struct Retired {
  void* object;
  void (*free)(void* object);
};

// Any number of readers; one writer at a time, which the caller sees to.
class EpochDomain {
 public:
  EpochDomain();

  // Frees all that is retired. REQUIRES: no readers.
  ~EpochDomain();

  EpochDomain(const EpochDomain&) = delete;
  EpochDomain& operator=(const EpochDomain&) = delete;

  // While it lives, nothing is freed that was reachable when it was made. Never
  // waits; allocates only when more readers than ever are inside at once.
  class Reader {
   public:
    explicit Reader(EpochDomain* domain) noexcept;
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // False when there was no memory to let it in: it holds nothing back.
    bool inside() const { return slot_ != nullptr; }

   private:
    std::atomic<uint64_t>* slot_;
  };

  // The writer: `item` is reachable no more once the state is published that it
  // is about to publish. Throws std::bad_alloc, nothing changed.
  void Add(const Retired& item) {
    waiting_.push_back({epoch_.load(std::memory_order_relaxed), item});
    ++added_;
  }

  // The writer: the state is published. Frees, now and then, what no reader can
  // see.
  void Publish() noexcept;

  // The writer: the state is not published. Forgets what was added since the
  // last one was.
  void Abandon() noexcept;

 private:
  static constexpr size_t kSlotsPerBlock = 32;
  // How many calls of `Publish` share one look at the slots.
  static constexpr size_t kBatchesPerScan = 8;

  struct alignas(64) Slot {
    // 0: free; else the epoch in which its reader came.
    std::atomic<uint64_t> epoch{0};
  };
  struct Block {
    std::array<Slot, kSlotsPerBlock> slots;
    std::atomic<Block*> next{nullptr};
  };
  // What was retired in `epoch`.
  struct Tagged {
    uint64_t epoch;
    Retired retired;
  };

  // nullptr when out of memory.
  std::atomic<uint64_t>* Claim() noexcept;
  uint64_t OldestReader() const;

  std::atomic<uint64_t> epoch_{1};
  // The blocks form a list that only grows.
  Block first_;
  // The writer's, oldest first.
  std::deque<Tagged> waiting_;
  // How many of them, at the end, are from the write under way.
  size_t added_ = 0;
  size_t batches_since_scan_ = 0;
};

}  // namespace storage_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_INTERNAL_EPOCH_DOMAIN_H_
