// DefectiveBackends: engines with one planted defect each. The defects are
// those that mocks of this API have. They show what a checker of the kit finds:
//
//   for (const DefectiveBackend& defect : DefectiveBackends()) {
//     BackendUnderTest target;
//     target.name = defect.name;
//     target.create = defect.create;
//     if (RunBackendConformance(target).failed == 0) { ... }  // a blind spot
//   }
//
// Most are a few lines around an engine over memory, which alter the request or
// the answer. Constructing one takes microseconds.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_DEFECTIVE_BACKENDS_H_
#define GLUE_SECURITY_TESTING_DEFECTS_DEFECTIVE_BACKENDS_H_

#include <memory>
#include <vector>

#include "glue_security/backend/backend.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/defects/defective_backend.h"

namespace glue_security {

// Returns all of them in a fixed order, with unique names. Lives forever.
const std::vector<DefectiveBackend>& DefectiveBackends();

// Makes the same backend without a defect.
std::unique_ptr<Backend> BackendWithoutDefect(const BackendSetup& setup);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_DEFECTS_DEFECTIVE_BACKENDS_H_
