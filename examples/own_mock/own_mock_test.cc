// A mock that shares no code with this library, and its test: the contract,
// check by check; random sequences of calls; calls of several threads.
//
//   ./bazelw test //examples/own_mock:own_mock_test

#include "examples/own_mock/own_mock.h"

#include <cstdint>
#include <memory>

#include "examples/own_mock/own_mock_target.h"
#include "glue_security/backend/backend.h"
#include "glue_security/testing/backend_suite/backend_conformance.h"
#include "glue_security/testing/histories/concurrent_clients.h"
#include "glue_security/testing/histories/linearizability.h"
#include "glue_security/testing/sequences/sequence.h"
#include "gtest/gtest.h"

namespace own_mock {
namespace {

using namespace glue_security;

// [test]
INSTANTIATE_TEST_SUITE_P(
    OwnMock, BackendConformance,
    testing::ValuesIn(BackendConformanceCases(OwnMockUnderTest())),
    BackendConformanceCaseName);

TEST(OwnMock, AnswersLikeTheModel) {
  SequenceOptions options = OwnMockSequences();
  options.calls = 100'000;
  const SequenceReport report = CheckSequences(Factory(), options);
  EXPECT_TRUE(report.ok()) << report.text;
}

TEST(OwnMock, IsSafeToCallFromManyThreads) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const std::unique_ptr<Backend> mock = MakeOwnMock();
    const LinearizabilityResult result = CheckLinearizable(
        RunConcurrently(mock.get(), OwnMockClients(seed)), OwnMockHistories());
    ASSERT_EQ(result.verdict, Verdict::kOk) << result.explanation;
  }
}
// [test end]

}  // namespace
}  // namespace own_mock
