// BoundedMemo: a bounded cache of values by a hash of their keys. It does not
// have the keys: a caller that finds a value compares it with the key in full,
// since different keys may have the same hash. ThreadedMemo: one for many
// threads.

#ifndef GLUE_SECURITY_ACCESS_BOUNDED_MEMO_H_
#define GLUE_SECURITY_ACCESS_BOUNDED_MEMO_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace glue_security {

// Thread-safe. A caller holds the lock for one table look-up and no longer.
template <typename Value>
class BoundedMemo {
 public:
  // Holds at most `count_max` values of `bytes_max` bytes in all.
  BoundedMemo(size_t count_max, size_t bytes_max)
      : count_max_(count_max), bytes_max_(bytes_max) {}

  // Returns the last value that was put under `hash`, or nullptr if it is not
  // held.
  std::shared_ptr<const Value> Find(size_t hash) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = entries_.find(hash);
    return found == entries_.end() ? nullptr : found->second.value;
  }

  // Holds `value`, of about `bytes` bytes, in the place of any other under
  // `hash`. Forgets all others when a bound would be exceeded, which is simple,
  // and rare. Does not hold a value that exceeds `bytes_max` alone. Throws
  // std::bad_alloc, and then holds nothing that it did not hold before.
  void Put(size_t hash, std::shared_ptr<const Value> value, size_t bytes) {
    if (bytes > bytes_max_) return;
    // The replaced and forgotten values are destroyed after the lock is
    // released.
    Entry entry = {std::move(value), bytes};
    Entries forgotten;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (entries_.size() >= count_max_ || bytes > bytes_max_ - bytes_) {
      forgotten.swap(entries_);
      bytes_ = 0;
    }
    Entry& place = entries_[hash];
    bytes_ += bytes - place.bytes;
    std::swap(place, entry);
  }

 private:
  struct Entry {
    std::shared_ptr<const Value> value;
    size_t bytes = 0;
  };
  using Entries = std::unordered_map<size_t, Entry>;

  const size_t count_max_;
  const size_t bytes_max_;
  mutable std::mutex mutex_;
  Entries entries_;
  // The sum over all entries.
  size_t bytes_ = 0;
};

// A BoundedMemo for threads that look up the same values: each thread has one
// of a few memos, so that threads seldom share a lock or a reference count. A
// value that one thread has put may be unknown to another. Thread-safe.
template <typename Value>
class ThreadedMemo {
 public:
  // Holds at most `count_max` values of `bytes_max` bytes in all.
  ThreadedMemo(size_t count_max, size_t bytes_max) {
    for (std::optional<Part>& part : parts_) {
      part.emplace(count_max / kParts, bytes_max / kParts);
    }
  }

  // See BoundedMemo.
  std::shared_ptr<const Value> Find(size_t hash) const {
    return OfThread().Find(hash);
  }
  void Put(size_t hash, std::shared_ptr<const Value> value, size_t bytes) {
    OfThread().Put(hash, std::move(value), bytes);
  }

 private:
  static constexpr size_t kParts = 8;
  // In a cache line of its own.
  struct alignas(64) Part {
    Part(size_t count_max, size_t bytes_max) : memo(count_max, bytes_max) {}
    BoundedMemo<Value> memo;
  };

  BoundedMemo<Value>& OfThread() const {
    static std::atomic<size_t> threads{0};
    static thread_local const size_t kThread =
        threads.fetch_add(1, std::memory_order_relaxed);
    return parts_[kThread % kParts]->memo;
  }

  mutable std::array<std::optional<Part>, kParts> parts_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ACCESS_BOUNDED_MEMO_H_
