// The snippets of docs/testing_kit/histories.md, between marks.

#include <string>

#include "absl/status/statusor.h"
#include "glue_security/backend/fault_rules.h"
#include "glue_security/backend/history_recorder.h"
#include "glue_security/engine/engine.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/histories/concurrent_clients.h"
#include "glue_security/testing/histories/linearizability.h"
#include "gtest/gtest.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

// [generator]
Call ReadOrReplace(ChoiceSource& choices, const ClientKnowledge& known) {
  Call call;
  call.caller = {"111111111111", "us-east-1", ""};
  if (known.policy_hashes.empty() || choices.OneIn(2)) {
    call.request.mutable_get_resource_policy();
    return call;
  }
  auto* put = call.request.mutable_put_resource_policy();
  put->set_policy_in_json(choices.Pick<std::string>({"{}", "{ }"}));
  put->set_policy_hash_condition(known.policy_hashes.back());
  return call;
}
// [generator end]

LinearizabilityOptions LooseChecks() {
  LinearizabilityOptions options;
  options.behavior = LooseOptions().behavior;
  return options;
}

TEST(HistoriesSnippets, LostAnswersAreRecordedAsOpenAndTheHistoryIsLegal) {
  MemoryStorage storage;
  Engine backend(&storage, LooseOptions());
  // [lost answers]
  FaultRules faults(&backend);
  FaultRule rule;
  rule.operation = v1::Request::kPutResourcePolicy;
  rule.fault = FaultRule::Fault::kLoseAnswer;
  rule.every = 3;
  rule.count = FaultRule::kForever;
  const absl::StatusOr<int> id = faults.Add(rule);
  // [lost answers end]
  ASSERT_TRUE(id.ok());
  HistoryRecorder recorder(&faults);
  for (int n = 0; n < 4; ++n) {
    v1::Request request;
    request.mutable_put_resource_policy()->set_policy_in_json("{}");
    recorder.Execute({"111111111111", "us-east-1", ""}, request);
    request.mutable_get_resource_policy();
    EXPECT_FALSE(recorder.Execute({"111111111111", "us-east-1", ""}, request)
                     .has_error());
  }
  const History history = recorder.Snapshot();
  ASSERT_EQ(history.size(), 8u);
  EXPECT_TRUE(IsUnknown(history[0]));
  EXPECT_FALSE(IsUnknown(history[2]));
  EXPECT_FALSE(IsUnknown(history[4]));
  EXPECT_TRUE(IsUnknown(history[6]));
  EXPECT_EQ(CheckLinearizable(history, LooseChecks()).verdict, Verdict::kOk);
}

TEST(HistoriesSnippets, AGeneratorOfOnesOwnMakesTheCalls) {
  MemoryStorage storage;
  Engine backend(&storage, LooseOptions());
  v1::Request first;
  first.mutable_put_resource_policy()->set_policy_in_json("{}");
  ConcurrentClientsOptions run;
  run.generator = ReadOrReplace;
  HistoryRecorder recorder(&backend);
  recorder.Execute({"111111111111", "us-east-1", ""}, first);
  History history = recorder.Snapshot();
  const uint64_t offset = history[0].end + 1;
  int puts = 0;
  for (HistoryEntry entry : RunConcurrently(&backend, run)) {
    puts += entry.request.has_put_resource_policy() ? 1 : 0;
    entry.start += offset;
    entry.end += offset;
    history.push_back(entry);
  }
  EXPECT_EQ(history.size(), 33u);
  EXPECT_GE(puts, 1);
  EXPECT_EQ(CheckLinearizable(history, LooseChecks()).verdict, Verdict::kOk);
}

}  // namespace
}  // namespace glue_security
