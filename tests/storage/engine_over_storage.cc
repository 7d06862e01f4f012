#include "tests/storage/engine_over_storage.h"

#include <cstddef>
#include <iostream>

#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/backend/history.h"
#include "glue_security/model/behavior.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/histories/concurrent_clients.h"
#include "glue_security/testing/histories/linearizability.h"
#include "glue_security/testing/sequences/sequence.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"
#include "tests/testing/loose.h"

namespace glue_security {

void ExpectAnswersOfTheModel(const StorageFactory& create, int64_t calls) {
  const auto make = [&create](const BackendSetup& setup) {
    return EngineOver(create(), setup);
  };
  SequenceOptions options;
  options.seed = RunSeed();
  options.hashes = AnswerRules::Hashes::kExact;
  options.calls = calls;
  options.length = 100;
  // Pages and their bounds are met by few records.
  options.limits.security_configurations_max = 3;
  options.limits.connections_max = 3;
  options.limits.page_size_default = 2;
  for (const Behavior& behavior :
       {Behavior::Documented(), Behavior::Observed(), Behavior::Current()}) {
    options.behavior = Loose(behavior);
    const SequenceReport report = CheckSequences(make, options);
    ASSERT_TRUE(report.ok()) << report.text;
    EXPECT_GE(report.calls, calls);
  }
}

void ExpectLegalHistoriesOfThreads(const StorageFactory& create,
                                   int histories) {
  FakeClock clock(absl::FromUnixSeconds(1'700'000'000));
  BackendSetup setup;
  setup.behavior = Loose(setup.behavior);
  // Reached by the few names of the calls.
  setup.limits.security_configurations_max = 2;
  setup.clock = &clock;
  LinearizabilityOptions checker;
  checker.behavior = setup.behavior;
  checker.limits = setup.limits;
  ConcurrentClientsOptions options;
  size_t calls = 0;
  for (int i = 0; i < histories; ++i) {
    options.seed = RunSeed() + static_cast<uint64_t>(i);
    const TestedBackend engine = EngineOver(create(), setup);
    const History history = RunConcurrently(engine.backend.get(), options);
    calls += history.size();
    const LinearizabilityResult result = CheckLinearizable(history, checker);
    ASSERT_EQ(result.verdict, Verdict::kOk) << "seed " << options.seed << "\n"
                                            << result.explanation;
  }
  std::cout << histories << " legal histories of " << calls << " calls\n";
}

}  // namespace glue_security
