// BoundedMemo: values that took time to make, by a hash of what they were made
// of. It knows nothing of their keys: whoever finds a value compares it with
// the key in full, since different keys may have one hash.

#ifndef GLUE_SECURITY_ACCESS_BOUNDED_MEMO_H_
#define GLUE_SECURITY_ACCESS_BOUNDED_MEMO_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace glue_security {

// Thread-safe. Whoever asks holds its lock for a look-up in a table and no
// longer.
template <typename Value>
class BoundedMemo {
 public:
  // Holds at most `count_max` values of `bytes_max` bytes in all.
  BoundedMemo(size_t count_max, size_t bytes_max)
      : count_max_(count_max), bytes_max_(bytes_max) {}

  // The last value that was put under `hash` and is still held; else nullptr.
  std::shared_ptr<const Value> Find(size_t hash) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = entries_.find(hash);
    return found == entries_.end() ? nullptr : found->second.value;
  }

  // Holds `value`, of about `bytes` bytes, in the place of any other under
  // `hash`. Forgets all others where there would be too many: simple, and rare.
  // A value that is too large alone is not held. Throws std::bad_alloc, and
  // holds then nothing that it did not hold before.
  void Put(size_t hash, std::shared_ptr<const Value> value, size_t bytes) {
    if (bytes > bytes_max_) return;
    // What is replaced or forgotten ends when others may look up again.
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
  // Of all entries together.
  size_t bytes_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ACCESS_BOUNDED_MEMO_H_
