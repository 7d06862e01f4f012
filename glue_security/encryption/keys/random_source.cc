#include "glue_security/encryption/keys/random_source.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/escaping.h"

namespace glue_security {
namespace {

// The most that getentropy returns at once.
constexpr size_t kEntropyBytesMax = 256;

class SystemRandom : public RandomSource {
 public:
  void Fill(char* bytes, size_t size) override {
    while (size > 0) {
      const size_t piece = std::min(size, kEntropyBytesMax);
      // UNCOVERED-BEGIN: fails only on a kernel without the call, and then no
      // key can be made.
      if (getentropy(bytes, piece) != 0) std::abort();
      // UNCOVERED-END
      bytes += piece;
      size -= piece;
    }
  }
};

}  // namespace

RandomSource* RandomSource::System() {
  static auto* const kSource = new SystemRandom();
  return kSource;
}

void SeededRandom::Fill(char* bytes, size_t size) {
  const std::lock_guard<std::mutex> lock(mutex_);
  while (size > 0) {
    uint64_t word = engine_();
    for (size_t i = 0; i < sizeof(word) && size > 0; ++i) {
      *bytes++ = static_cast<char>(word & 0xFF);
      word >>= 8;
      --size;
    }
  }
}

std::string RandomUuid(RandomSource* source) {
  constexpr size_t kUuidBytes = 16;
  std::string bytes(kUuidBytes, '\0');
  source->Fill(bytes.data(), bytes.size());
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  std::string uuid = absl::BytesToHexString(bytes);
  for (const size_t dash : {8, 13, 18, 23}) uuid.insert(dash, "-");
  return uuid;
}

}  // namespace glue_security
