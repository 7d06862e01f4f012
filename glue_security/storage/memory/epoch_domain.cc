#include "glue_security/storage/memory/epoch_domain.h"

#include <algorithm>
#include <limits>
#include <new>

namespace glue_security {
namespace storage_internal {
namespace {

// Spreads threads over the slots. The index is only a hint: a reader owns the
// slot that it claims.
size_t ThreadIndex() {
  static std::atomic<size_t> next{0};
  thread_local const size_t kIndex =
      next.fetch_add(1, std::memory_order_relaxed);
  return kIndex;
}

void Free(const Retired& retired) { retired.free(retired.object); }

}  // namespace

EpochDomain::EpochDomain() = default;

EpochDomain::~EpochDomain() {
  for (const Tagged& tagged : waiting_) Free(tagged.retired);
  Block* block = first_.next.load();
  while (block != nullptr) {
    Block* const next = block->next.load();
    delete block;
    block = next;
  }
}

EpochDomain::Reader::Reader(EpochDomain* domain) noexcept
    : slot_(domain->Claim()) {}

EpochDomain::Reader::~Reader() {
  if (inside()) slot_->store(0, std::memory_order_release);
}

std::atomic<uint64_t>* EpochDomain::Claim() noexcept {
  const size_t start = ThreadIndex() % kSlotsPerBlock;
  const uint64_t epoch = epoch_.load();
  for (Block* block = &first_;; block = block->next.load()) {
    for (size_t i = 0; i < kSlotsPerBlock; ++i) {
      std::atomic<uint64_t>& slot =
          block->slots[(start + i) % kSlotsPerBlock].epoch;
      uint64_t expected = 0;
      if (slot.compare_exchange_strong(expected, epoch)) return &slot;
    }
    if (block->next.load() == nullptr) {
      auto* const added = new (std::nothrow) Block();
      if (added == nullptr) return nullptr;
      Block* expected = nullptr;
      if (!block->next.compare_exchange_strong(expected, added)) delete added;
    }
  }
}

uint64_t EpochDomain::OldestReader() const {
  uint64_t oldest = std::numeric_limits<uint64_t>::max();
  for (const Block* block = &first_; block != nullptr;
       block = block->next.load()) {
    for (const Slot& slot : block->slots) {
      const uint64_t epoch = slot.epoch.load();
      if (epoch != 0) oldest = std::min(oldest, epoch);
    }
  }
  return oldest;
}

void EpochDomain::Abandon() noexcept {
  for (; added_ > 0; --added_) waiting_.pop_back();
}

void EpochDomain::Publish() noexcept {
  added_ = 0;
  epoch_.fetch_add(1);
  if (++batches_since_scan_ < kBatchesPerScan) return;
  batches_since_scan_ = 0;
  const uint64_t oldest = OldestReader();
  while (!waiting_.empty() && waiting_.front().epoch < oldest) {
    Free(waiting_.front().retired);
    waiting_.pop_front();
  }
}

}  // namespace storage_internal
}  // namespace glue_security
