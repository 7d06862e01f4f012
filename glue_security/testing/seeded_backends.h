// SeededBackends: the engine with one defect each, as they are made in mocks of
// this API. They show what a checker of the kit finds:
//
//   for (const SeededBackend& seed : SeededBackends()) {
//     BackendUnderTest target;
//     target.name = seed.name;
//     target.create = seed.create;
//     if (RunBackendConformance(target).failed == 0) { ... }  // a blind spot
//   }
//
// Most are a few lines around an engine over memory, which alter the request
// or the answer. Constructing one takes microseconds.

#ifndef GLUE_SECURITY_TESTING_SEEDED_BACKENDS_H_
#define GLUE_SECURITY_TESTING_SEEDED_BACKENDS_H_

#include <memory>
#include <vector>

#include "glue_security/backend/backend.h"
#include "glue_security/testing/backend_under_test.h"
#include "glue_security/testing/seeded_backend.h"

namespace glue_security {

// All of them, in a fixed order; names are unique. Lives forever.
const std::vector<SeededBackend>& SeededBackends();

// The one without a defect.
std::unique_ptr<Backend> UnseededBackend(const BackendSetup& setup);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEEDED_BACKENDS_H_
