// DescriptorSet: the open descriptors of a listener, to be closed in the child
// of a fork.

#ifndef GLUE_SECURITY_HTTP_DESCRIPTOR_SET_H_
#define GLUE_SECURITY_HTTP_DESCRIPTOR_SET_H_

#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace glue_security {

// Thread-safe, and correct at any instant at which a thread forks: a descriptor
// is in the set only while it is open.
class DescriptorSet {
 public:
  // Ignores descriptors from `end` on.
  explicit DescriptorSet(size_t end)
      : words_(end / 64), bits_(std::make_unique<Word[]>(end / 64)) {}

  // Adds a descriptor. Call this after it was opened.
  void Insert(int descriptor) {
    if (Word* word = Find(descriptor)) word->fetch_or(Bit(descriptor));
  }
  // Removes a descriptor. Call this before it is closed.
  void Erase(int descriptor) {
    if (Word* word = Find(descriptor)) word->fetch_and(~Bit(descriptor));
  }
  // Closes all descriptors of the set. REQUIRES: no other thread uses them.
  void CloseAll() {
    for (size_t i = 0; i < words_; ++i) {
      const uint64_t open = bits_[i].exchange(0);
      for (int bit = 0; bit < 64; ++bit) {
        if ((open >> bit & 1) != 0) close(static_cast<int>(i) * 64 + bit);
      }
    }
  }

 private:
  using Word = std::atomic<uint64_t>;

  static uint64_t Bit(int descriptor) { return uint64_t{1} << descriptor % 64; }
  Word* Find(int descriptor) const {
    const auto word = static_cast<size_t>(descriptor) / 64;
    return descriptor >= 0 && word < words_ ? &bits_[word] : nullptr;
  }

  const size_t words_;
  const std::unique_ptr<Word[]> bits_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_DESCRIPTOR_SET_H_
