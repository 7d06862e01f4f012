// A few backends with one defect each, over the engine, for tests of the kit.

#ifndef GLUE_SECURITY_TESTS_TESTING_BROKEN_BACKENDS_H_
#define GLUE_SECURITY_TESTS_TESTING_BROKEN_BACKENDS_H_

#include "glue_security/testing/backend_setup.h"

namespace glue_security {

// A hash condition of one character is as good as none.
TestedBackend TakesShortHashes(const BackendSetup& setup);

// A page after the first leaves out its first element.
TestedBackend SkipsAtPages(const BackendSetup& setup);

// A name of 255 bytes is one too long.
TestedBackend TakesShorterNames(const BackendSetup& setup);

// Answers wrongly once in a thousand calls of the process, whatever the calls.
TestedBackend IsMoody(const BackendSetup& setup);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_TESTING_BROKEN_BACKENDS_H_
