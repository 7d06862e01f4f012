// RandomSource: where a key service takes its keys, nonces and ids from.
//
//   SeededRandom random(7);
//   std::string bytes(4, '\0');
//   random.Fill(bytes.data(), bytes.size());  // the same in every run
//
// Whoever knows the seed knows every key that comes from it:
//
//   LocalKmsOptions options;
//   options.random = &random;  // in tests only

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_RANDOM_SOURCE_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_RANDOM_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>

namespace glue_security {

// Thread-safe.
class RandomSource {
 public:
  virtual ~RandomSource() = default;

  // Overwrites `size` bytes at `bytes` with random ones. Must not call whoever
  // asks for them.
  virtual void Fill(char* bytes, size_t size) = 0;

  // Returns the operating system's source, which is fit for keys. It lives
  // forever. Ends the program if the system has no random bytes.
  static RandomSource* System();
};

// Gives the same bytes to the same sequence of calls, in every run and on every
// machine. Not fit for keys that protect anything.
class SeededRandom : public RandomSource {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}

  void Fill(char* bytes, size_t size) override;

 private:
  std::mutex mutex_;
  // Specified to the bit by the standard.
  std::mt19937_64 engine_;
};

// Returns a random UUID (RFC 4122, version 4).
std::string RandomUuid(RandomSource* source);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_RANDOM_SOURCE_H_
