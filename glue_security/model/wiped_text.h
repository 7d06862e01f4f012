// WipedText: a string whose memory is overwritten before it is freed, for texts
// that contain secrets, such as the body of a request. Unlike a Secret it can
// grow.

#ifndef GLUE_SECURITY_MODEL_WIPED_TEXT_H_
#define GLUE_SECURITY_MODEL_WIPED_TEXT_H_

#include <cstddef>
#include <memory>
#include <string>

#include "glue_security/model/secret.h"

namespace glue_security {

// An allocator that overwrites memory before it frees it.
template <typename T>
struct WipingAllocator {
  // NOLINTNEXTLINE(readability-identifier-naming): the standard's name.
  using value_type = T;

  WipingAllocator() = default;
  template <typename U>
  // NOLINTNEXTLINE(google-explicit-constructor): allocators convert.
  WipingAllocator(const WipingAllocator<U>&) noexcept {}

  // NOLINTNEXTLINE(readability-identifier-naming): the standard's name.
  T* allocate(size_t count) { return std::allocator<T>().allocate(count); }
  // NOLINTNEXTLINE(readability-identifier-naming): the standard's name.
  void deallocate(T* memory, size_t count) {
    WipeBytes(memory, count * sizeof(T));
    std::allocator<T>().deallocate(memory, count);
  }

  friend bool operator==(const WipingAllocator&, const WipingAllocator&) {
    return true;
  }
  friend bool operator!=(const WipingAllocator&, const WipingAllocator&) {
    return false;
  }
};

// Texts of less than 16 bytes are kept within the object and are not
// overwritten.
using WipedText =
    std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_WIPED_TEXT_H_
