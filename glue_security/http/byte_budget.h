// ByteBudget: bounds the bytes that all connections of a listener hold
// together.

#ifndef GLUE_SECURITY_HTTP_BYTE_BUDGET_H_
#define GLUE_SECURITY_HTTP_BYTE_BUDGET_H_

#include <atomic>
#include <cstddef>

namespace glue_security {

// Only counts bytes; it allocates none. Thread-safe.
class ByteBudget {
 public:
  // A holder of more than this gets nothing from the last quarter.
  static constexpr size_t kSmall = size_t{32} * 1024;

  ByteBudget(size_t max, size_t reserve) : max_(max), reserve_(reserve) {}

  // Takes `bytes` for a holder that then has `total` bytes. Returns false and
  // takes nothing when they are not available.
  bool Take(size_t bytes, size_t total) {
    const size_t limit = total > kSmall ? max_ - max_ / 4 : max_;
    size_t held = held_.load(std::memory_order_relaxed);
    do {
      if (held > limit || bytes > limit - held) return false;
    } while (!held_.compare_exchange_weak(held, held + bytes,
                                          std::memory_order_relaxed));
    NoteMost();
    return true;
  }
  void Return(size_t bytes) {
    held_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  // Takes any number of bytes from the reserve unless it is used up, so that
  // one answer of any size can be sent. Returns false when it is used up.
  bool TakeReserved(size_t bytes) {
    size_t held = reserved_held_.load(std::memory_order_relaxed);
    do {
      if (held >= reserve_) return false;
    } while (!reserved_held_.compare_exchange_weak(held, held + bytes,
                                                   std::memory_order_relaxed));
    NoteMost();
    return true;
  }
  void ReturnReserved(size_t bytes) {
    reserved_held_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  // The bytes of both together: now, and the maximum so far.
  size_t held() const {
    return held_.load(std::memory_order_relaxed) +
           reserved_held_.load(std::memory_order_relaxed);
  }
  size_t held_max() const { return held_max_.load(std::memory_order_relaxed); }

 private:
  void NoteMost() {
    const size_t now = held();
    size_t most = held_max_.load(std::memory_order_relaxed);
    while (most < now && !held_max_.compare_exchange_weak(
                             most, now, std::memory_order_relaxed)) {
    }
  }

  const size_t max_;
  const size_t reserve_;
  std::atomic<size_t> held_{0};
  std::atomic<size_t> reserved_held_{0};
  std::atomic<size_t> held_max_{0};
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_BYTE_BUDGET_H_
