#include "tests/support/randomized_test.h"

#include <cstdlib>
#include <iostream>
#include <optional>
#include <random>

namespace glue_security {
namespace {

std::optional<uint64_t> GivenSeed() {
  const char* const text = std::getenv("GLUE_SECURITY_SEED");
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

uint64_t NewSeed() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

uint64_t Print(uint64_t seed) {
  std::cout << "GLUE_SECURITY_SEED=" << seed << std::endl;
  return seed;
}

}  // namespace

uint64_t RunSeed() {
  static const uint64_t seed = Print(GivenSeed().value_or(NewSeed()));
  return seed;
}

uint64_t RunSeedOr(uint64_t seed) { return Print(GivenSeed().value_or(seed)); }

bool IsShortRun() {
  return std::getenv("GLUE_SECURITY_SHORT_TESTS") != nullptr;
}

}  // namespace glue_security
