// Tests the options of an engine: the observer, the hasher, the wait and the
// commit ids.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/engine/engine.h"
#include "glue_security/engine/observer.h"
#include "glue_security/model/error.h"
#include "glue_security/model/operation.h"
#include "glue_security/state_machine/policy_hasher.h"
#include "glue_security/storage/fault_injecting_storage.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RecordingObserver : public Observer {
 public:
  void OnOperation(const OperationEvent& event) override {
    events.push_back(
        absl::StrCat(OperationName(event.operation), " ", event.caller->region,
                     " ", ErrorCodeName(event.error_code), " ", event.attempts,
                     event.had_unknown_commit ? " unknown" : ""));
  }
  std::vector<std::string> events;
};

TEST_F(EngineTest, Observer_IsToldOfEveryOperationOnce) {
  RecordingObserver observer;
  EngineOptions options = LooseOptions();
  options.observer = &observer;
  Restart(options);
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  Put("x").status().IgnoreError();
  engine_->GetResourcePolicy(kOtherRegion, {}).status().IgnoreError();
  engine_->OpenCatalog(kCaller)
      .VisitResourcePolicy([](const ResourcePolicyView&) {})
      .IgnoreError();
  engine_->Execute(kCaller, v1::Request());
  EXPECT_THAT(
      observer.events,
      ElementsAre("PutResourcePolicy us-east-1  1",
                  "PutResourcePolicy us-east-1 InvalidInputException 0",
                  "GetResourcePolicy us-west-2 EntityNotFoundException 0",
                  "GetResourcePolicy us-east-1  0",
                  " us-east-1 InvalidInputException 0"));
}

// Observer: "More than 1 means conflicts or unknown commits"; "A commit of this
// call got no answer."
TEST_F(EngineTest, Observer_IsToldOfAttemptsAndUnknownCommits) {
  const StorageFault conflict = StorageFault::Conflict();
  const StorageFault lost_there =
      StorageFault::FailBefore(absl::DeadlineExceededError("no answer"));
  const StorageFault lost_back =
      StorageFault::FailAfter(absl::UnknownError("no answer"));
  const struct {
    // The faults of the first commits, in order. Later commits go through.
    std::vector<StorageFault> faults;
    std::string event;
  } kCases[] = {
      {{}, "PutResourcePolicy us-east-1  1"},
      {{conflict}, "PutResourcePolicy us-east-1  2"},
      {{conflict, conflict}, "PutResourcePolicy us-east-1  3"},
      {{lost_back}, "PutResourcePolicy us-east-1  1 unknown"},
      {{lost_there}, "PutResourcePolicy us-east-1  2 unknown"},
      {{conflict, lost_there}, "PutResourcePolicy us-east-1  3 unknown"},
      {{4, conflict}, "PutResourcePolicy us-east-1 InternalServiceException 4"},
      {{4, lost_there},
       "PutResourcePolicy us-east-1 OperationTimeoutException 2 unknown"},
  };
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json("{}");
  for (const auto& c : kCases) {
    FaultInjectingStorage faulty(&storage_);
    faulty.AddCommits(c.faults);
    RecordingObserver observer;
    EngineOptions options = LooseOptions();
    options.observer = &observer;
    options.limits.attempts_max = 4;
    options.wait = [](int) {};
    Engine(&faulty, options)
        .PutResourcePolicy(kCaller, put)
        .status()
        .IgnoreError();
    EXPECT_THAT(observer.events, ElementsAre(c.event));
  }
}

class ConstantHasher : public PolicyHasher {
 public:
  std::string Hash(absl::string_view /*text*/) const override { return "same"; }
};

// Put, Get, the view and the conditions use the hasher that is given.
TEST_F(EngineTest, Hasher_Given_MakesEveryHash) {
  const ConstantHasher hasher;
  EngineOptions options = LooseOptions();
  options.hasher = &hasher;
  Restart(options);
  const auto put_if = [&](const std::string& text, const std::string& hash) {
    v1::PutResourcePolicyRequest put;
    put.set_policy_in_json(text);
    put.set_policy_hash_condition(hash);
    return engine_->PutResourcePolicy(kCaller, put);
  };
  const auto delete_if = [&](const std::string& hash) {
    v1::DeleteResourcePolicyRequest remove;
    remove.set_policy_hash_condition(hash);
    return engine_->DeleteResourcePolicy(kCaller, remove).status();
  };
  const std::string usual = PolicyHasher::Default()->Hash("{}");

  EXPECT_EQ(Put("{}")->policy_hash(), "same");
  EXPECT_EQ(engine_->GetResourcePolicy(kCaller, {})->policy_hash(), "same");
  std::string shown;
  EXPECT_EQ(engine_->OpenCatalog(kCaller).VisitResourcePolicy(
                [&](const ResourcePolicyView& view) {
                  shown = std::string(view.policy_hash);
                }),
            absl::OkStatus());
  EXPECT_EQ(shown, "same");

  Fails(v1::ERROR_CODE_CONDITION_CHECK_FAILURE,
        [&] { return put_if("{ }", usual).status(); });
  Fails(v1::ERROR_CODE_CONDITION_CHECK_FAILURE,
        [&] { return delete_if(usual); });
  // Another text has the same hash, so the old condition still holds.
  EXPECT_EQ(put_if("{ }", "same").status(), absl::OkStatus());
  EXPECT_EQ(put_if("{  }", "same").status(), absl::OkStatus());
  EXPECT_EQ(engine_->GetResourcePolicy(kCaller, {})->policy_in_json(), "{  }");
  EXPECT_EQ(delete_if("same"), absl::OkStatus());
}

// The hash is stored with its policy. An engine with another hasher shows the
// stored hash and compares with it.
TEST_F(EngineTest, Hasher_Changed_LeavesTheHashesThatAreStored) {
  const ConstantHasher hasher;
  EngineOptions options = LooseOptions();
  options.hasher = &hasher;
  Restart(options);
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  Restart(LooseOptions());
  EXPECT_EQ(engine_->GetResourcePolicy(kCaller, {})->policy_hash(), "same");
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json("{}");
  put.set_policy_hash_condition("same");
  const auto answer = engine_->PutResourcePolicy(kCaller, put);
  ASSERT_EQ(answer.status(), absl::OkStatus());
  EXPECT_EQ(answer->policy_hash(), PolicyHasher::Default()->Hash("{}"));
}

// "Waits before a call tries again; `attempts` counts from 1."
TEST_F(EngineTest, Wait_Given_IsCalledBetweenAttempts) {
  FaultInjectingStorage faulty(&storage_);
  faulty.AddCommits({3, StorageFault::Conflict()});
  std::vector<int> waits;
  EngineOptions options = LooseOptions();
  options.wait = [&](int attempts) { waits.push_back(attempts); };
  Engine engine(&faulty, options);
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json("{}");
  ASSERT_EQ(engine.PutResourcePolicy(kCaller, put).status(), absl::OkStatus());
  EXPECT_THAT(waits, ElementsAre(1, 2, 3));
  waits.clear();
  ASSERT_EQ(engine.PutResourcePolicy(kCaller, put).status(), absl::OkStatus());
  EXPECT_THAT(waits, IsEmpty());
}

// "Give your own to make the stored bytes of a run repeatable."
TEST_F(EngineTest, CommitIds_Given_MakeTheStoredBytesRepeatable) {
  const auto scene = storage_.Fork();
  const auto bytes = [&](bool given) {
    EXPECT_EQ(storage_.Restore(*scene), absl::OkStatus());
    EngineOptions options = LooseOptions();
    uint8_t next = 1;
    if (given) options.next_commit_id = [&next] { return CommitId{next++}; };
    Restart(options);
    EXPECT_EQ(Put("{}").status(), absl::OkStatus());
    EXPECT_EQ(Create("a"), absl::OkStatus());
    ReadSet read_set;
    read_set.catalog = {kCaller.account_id, kCaller.region};
    read_set.keys = {{RecordKind::kResourcePolicy, ""},
                     {RecordKind::kSecurityConfiguration, "a"}};
    const auto snapshot = storage_.Read(read_set);
    return absl::StrCat(snapshot->records[0]->value,
                        snapshot->records[1]->value);
  };
  EXPECT_EQ(bytes(true), bytes(true));
  // Two engines have different random starts.
  EXPECT_NE(bytes(false), bytes(false));
}

}  // namespace
}  // namespace glue_security
