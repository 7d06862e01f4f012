// Backends over the engine with one defect each, for tests of the kit.

#ifndef GLUE_SECURITY_TESTS_TESTING_BROKEN_BACKENDS_H_
#define GLUE_SECURITY_TESTS_TESTING_BROKEN_BACKENDS_H_

#include "glue_security/testing/backend_setup.h"

namespace glue_security {

// Ignores a hash condition of one character.
TestedBackend TakesShortHashes(const BackendSetup& setup);

// Omits the first element of each page after the first.
TestedBackend SkipsAtPages(const BackendSetup& setup);

// Refuses a name of 255 bytes, which is legal.
TestedBackend TakesShorterNames(const BackendSetup& setup);

// Answers wrongly once in a thousand calls of the process, whatever they are.
TestedBackend IsMoody(const BackendSetup& setup);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_TESTING_BROKEN_BACKENDS_H_
