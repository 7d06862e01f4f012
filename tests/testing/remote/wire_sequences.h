// Sequences of calls over HTTP.

#ifndef TESTS_TESTING_REMOTE_WIRE_SEQUENCES_H_
#define TESTS_TESTING_REMOTE_WIRE_SEQUENCES_H_

#include <vector>

#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/sequences/sequence_options.h"

namespace glue_security {

// Returns what is compared of our server over HTTP: everything but violations
// and what does not reach it, with the usual limits and with small ones.
std::vector<SequenceOptions> WireSequenceOptions(BackendPreset preset);

}  // namespace glue_security

#endif  // TESTS_TESTING_REMOTE_WIRE_SEQUENCES_H_
