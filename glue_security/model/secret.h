// Secret: bytes that are overwritten before their memory is freed, for
// passwords in clear and data keys.

#ifndef GLUE_SECURITY_MODEL_SECRET_H_
#define GLUE_SECURITY_MODEL_SECRET_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace glue_security {

// Overwrites `size` bytes at `data` with zeros. Unlike memset before a free, it
// is not optimised away.
void WipeBytes(void* data, size_t size);
// Overwrites the bytes of `text`, and leaves its size.
void WipeText(std::string* text);

// Immutable, so that it never leaves a copy in a buffer that it outgrew. A
// moved-from Secret is empty.
class Secret {
 public:
  Secret() = default;
  explicit Secret(absl::string_view bytes)
      : bytes_(bytes.begin(), bytes.end()) {}
  // Returns a secret of `size` bytes. `fill` is called with the address of the
  // first, and writes them there.
  template <typename Fill>
  static Secret Filled(size_t size, Fill fill) {
    Secret secret;
    secret.bytes_.resize(size);
    fill(secret.bytes_.data());
    return secret;
  }
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) {
    other.bytes_.clear();
  }
  Secret& operator=(Secret other) noexcept {
    bytes_.swap(other.bytes_);
    return *this;
  }
  ~Secret() { WipeBytes(bytes_.data(), bytes_.size()); }

  absl::string_view view() const { return {bytes_.data(), bytes_.size()}; }
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

  friend bool operator==(const Secret& a, const Secret& b) {
    return a.bytes_ == b.bytes_;
  }

 private:
  // A string would keep short texts inside of itself, where a move leaves them.
  std::vector<char> bytes_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_SECRET_H_
