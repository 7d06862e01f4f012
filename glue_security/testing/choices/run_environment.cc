#include "glue_security/testing/choices/run_environment.h"

#include <cstdlib>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace glue_security {

std::string Environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

uint64_t SeedOr(const std::optional<uint64_t>& seed) {
  if (seed.has_value()) return *seed;
  uint64_t given = 0;
  if (absl::SimpleAtoi(Environment("GLUE_SECURITY_SEED"), &given)) {
    return given;
  }
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

int RunsOr(int runs) {
  int given = 0;
  return absl::SimpleAtoi(Environment("GLUE_SECURITY_RUNS"), &given) ? given
                                                                     : runs;
}

std::string ReplayOr(const std::string& replay) {
  return replay.empty() ? Environment("GLUE_SECURITY_REPLAY") : replay;
}

bool PrintsStatistics(bool wanted) {
  return wanted || Environment("GLUE_SECURITY_STATS") == "1";
}

// SplitMix64.
uint64_t SeedOfRun(uint64_t seed, int64_t run) {
  uint64_t z =
      seed + (static_cast<uint64_t>(run) + 1) * uint64_t{0x9E3779B97F4A7C15};
  z = (z ^ (z >> 30)) * uint64_t{0xBF58476D1CE4E5B9};
  z = (z ^ (z >> 27)) * uint64_t{0x94D049BB133111EB};
  return z ^ (z >> 31);
}

std::string ReplayAssignment(const Choices& choices) {
  return absl::StrCat("GLUE_SECURITY_REPLAY=",
                      choices.empty() ? "0" : FormatChoices(choices));
}

}  // namespace glue_security
