// The seed and the size of a run, for randomized tests.

#ifndef GLUE_SECURITY_TESTS_SUPPORT_RANDOMIZED_TEST_H_
#define GLUE_SECURITY_TESTS_SUPPORT_RANDOMIZED_TEST_H_

#include <cstdint>

namespace glue_security {

// Returns the seed of this process: GLUE_SECURITY_SEED, or else a random one.
// The first call prints it in the form in which it can be set again.
uint64_t RunSeed();

// Returns the seed of a test that should do the same in each run:
// GLUE_SECURITY_SEED, or else `seed`.
uint64_t RunSeedOr(uint64_t seed);

// Returns true when GLUE_SECURITY_SHORT_TESTS is set, as under a sanitizer;
// tests then do fewer cases.
bool IsShortRun();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_SUPPORT_RANDOMIZED_TEST_H_
