// What randomized tests have in common: the seed and the size of a run.

#ifndef GLUE_SECURITY_TESTS_SUPPORT_RANDOMIZED_TEST_H_
#define GLUE_SECURITY_TESTS_SUPPORT_RANDOMIZED_TEST_H_

#include <cstdint>

namespace glue_security {

// The seed of this process: that of GLUE_SECURITY_SEED, else a new one. The
// first call prints it in the form in which it can be given again.
uint64_t RunSeed();

// The same for a test that is to do the same each time: without
// GLUE_SECURITY_SEED it is `seed`.
uint64_t RunSeedOr(uint64_t seed);

// GLUE_SECURITY_SHORT_TESTS is set, as under a sanitizer: less of the same.
bool IsShortRun();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_SUPPORT_RANDOMIZED_TEST_H_
