// MarkedSecret: a secret that can be looked for in the memory of the process,
// without the search finding itself.

#ifndef GLUE_SECURITY_TESTS_SUPPORT_MEMORY_SCAN_H_
#define GLUE_SECURITY_TESTS_SUPPORT_MEMORY_SCAN_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace glue_security {

// A text of 96 random letters. The object holds it masked.
class MarkedSecret {
 public:
  static constexpr size_t kBytes = 96;

  MarkedSecret();

  // Writes the secret to `text`, whose capacity is exactly used.
  void CopyTo(std::string* text) const;

  // Returns how often the middle of the secret, 48 bytes, is in the memory that
  // the process may write, freed memory included. malloc overwrites the first
  // bytes of what is freed. Call it while no other thread runs.
  size_t CountInMemory() const;

 private:
  static constexpr unsigned char kMask = 0xA5;

  unsigned char masked_[kBytes];
};

// Overwrites the bytes of `text`, in place.
void Overwrite(std::string* text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_SUPPORT_MEMORY_SCAN_H_
