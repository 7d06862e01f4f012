// ByteChoices: choices from the bytes of a fuzzer.

#ifndef GLUE_SECURITY_TESTING_CHOICES_BYTE_CHOICES_H_
#define GLUE_SECURITY_TESTING_CHOICES_BYTE_CHOICES_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "glue_security/testing/choices/choice_source.h"

namespace glue_security {

// Takes as many bytes for a number as its bound needs, the most significant
// first. After the last byte every number is 0.
//
//   extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
//     ByteChoices choices({reinterpret_cast<const char*>(data), size});
//     ...
//   }
class ByteChoices : public ChoiceSource {
 public:
  // REQUIRES: `bytes` outlives this.
  explicit ByteChoices(absl::string_view bytes) : bytes_(bytes) {}

  // Returns true when all bytes are used up.
  bool at_end() const { return bytes_.empty(); }

 protected:
  uint64_t Draw(uint64_t bound) override;

 private:
  absl::string_view bytes_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_CHOICES_BYTE_CHOICES_H_
