// Compares the checker with the engine: whatever the engine answers to one call
// after another is legal, also where a recorder has hidden values.
//
// The seed is printed; GLUE_SECURITY_SEED=N sets it again.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/backend/history.h"
#include "glue_security/backend/history_recorder.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/generators/request_generator.h"
#include "glue_security/testing/histories/linearizability.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/service.pb.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

constexpr int kCalls = 40;

Behavior SomeBehavior(ChoiceSource& choices) {
  Behavior behavior = choices.Pick(
      {Behavior::Documented(), Behavior::Observed(), Behavior::Current()});
  behavior.policy_checks = choices.Pick(
      {PolicyChecks::kNone, PolicyChecks::kJson, PolicyChecks::kGlue});
  behavior.password_protection =
      choices.Pick({PasswordProtection::kFlagOrKey, PasswordProtection::kFlag,
                    PasswordProtection::kKey});
  if (choices.OneIn(2)) {
    behavior.require_hash_to_overwrite = !behavior.require_hash_to_overwrite;
  }
  if (choices.OneIn(2)) {
    behavior.reprint_policies = !behavior.reprint_policies;
  }
  if (choices.OneIn(2)) {
    behavior.api_date =
        absl::CivilDay(2019, 9, 1) + static_cast<int>(choices.Below(2600));
  }
  return behavior;
}

Limits SomeLimits(ChoiceSource& choices) {
  Limits limits;
  if (choices.OneIn(2)) {
    limits.security_configurations_max = 2;
    limits.connections_max = 2;
  }
  if (choices.OneIn(2)) limits.page_size_default = 2;
  // The requests of the generator have some hundred bytes.
  if (choices.OneIn(4)) limits.request_bytes_max = 300;
  if (choices.OneIn(4)) limits.violations_max = 1;
  return limits;
}

// Keeps what later requests may refer to.
void Learn(const v1::Response& answer, GeneratorContext* context) {
  const auto learn = [context](const v1::Connection& connection) {
    const auto& properties = connection.connection_properties().elements();
    const auto found = properties.find("ENCRYPTED_PASSWORD");
    if (found != properties.end()) {
      context->ciphertexts.push_back(found->second);
    }
  };
  if (answer.has_put_resource_policy()) {
    context->hashes.push_back(answer.put_resource_policy().policy_hash());
  } else if (answer.has_get_connection()) {
    learn(answer.get_connection().connection());
  } else if (answer.has_get_connections()) {
    for (const auto& connection : answer.get_connections().connection_list()) {
      learn(connection);
    }
    context->tokens.push_back(answer.get_connections().next_token());
  } else if (answer.has_get_security_configurations()) {
    context->tokens.push_back(
        answer.get_security_configurations().next_token());
  }
}

// Makes calls, one after another, and judges them.
void CheckOneHistory(uint64_t seed) {
  SeededChoices choices(seed);
  EngineOptions options;
  options.behavior = SomeBehavior(choices);
  options.limits = SomeLimits(choices);
  FakeClock clock(absl::FromUnixSeconds(1'700'000'000));
  options.clock = &clock;
  MemoryStorage storage;
  Engine engine(&storage, options);
  HistoryRecorder recorder(&engine);
  const bool clock_stands_still = choices.OneIn(2);

  const RequestGenerator generator(options.behavior);
  GeneratorContext context;
  History history;
  for (uint64_t n = 0; n < kCalls; ++n) {
    if (!clock_stands_still) {
      clock.Advance(absl::Milliseconds(choices.Below(9)) -
                    absl::Milliseconds(3));
    }
    HistoryEntry entry;
    entry.caller = GenerateCaller(choices);
    context.caller = &entry.caller;
    generator.Generate(choices, context, &entry.request);
    entry.response = recorder.Execute(entry.caller, entry.request);
    entry.start = 2 * n;
    entry.end = 2 * n + 1;
    Learn(*entry.response, &context);
    history.push_back(std::move(entry));
  }

  LinearizabilityOptions rules;
  rules.behavior = options.behavior;
  rules.limits = options.limits;
  if (clock_stands_still) rules.fixed_time = clock.Now();
  for (const History& judged : {history, recorder.Snapshot()}) {
    const LinearizabilityResult result = CheckLinearizable(judged, rules);
    ASSERT_EQ(result.verdict, Verdict::kOk)
        << "seed " << seed << "\n"
        << result.explanation
        << history[result.violation->last_answer].request.ShortDebugString();
  }
}

TEST(SequentialHistories, OfAnEngineAreLegal) {
  const int histories = IsShortRun() ? 200 : 2'000;
  for (int n = 0; n < histories && !testing::Test::HasFailure(); ++n) {
    CheckOneHistory(RunSeed() + static_cast<uint64_t>(n));
  }
}

}  // namespace
}  // namespace glue_security
