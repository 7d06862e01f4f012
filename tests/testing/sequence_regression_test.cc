// What SequenceReport::code gave for a backend that left out an element at the
// start of a page, pasted as it was; sequence_test compares it. It passes,
// because it now runs on the engine.

#include "absl/time/time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/sequence_replay.h"
#include "glue_security/testing/tested_backend.h"
#include "gtest/gtest.h"
#include "tests/testing/broken_backends.h"

namespace glue_security {
namespace {

// clang-format off
// [generated]
// [generated end]
// clang-format on

}  // namespace
}  // namespace glue_security
