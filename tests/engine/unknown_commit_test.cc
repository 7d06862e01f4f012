// Tests storages that do not report the outcome of a commit. For every
// operation that writes, for every script of answers to its commits, with and
// without another writer in between: nothing is applied twice, nothing that was
// deleted comes back, and the answer is true.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/engine/engine.h"
#include "glue_security/storage/fault_injecting_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/v1/stored_record.pb.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

const Caller kCaller{"123456789012", "us-east-1", ""};
constexpr CommitId kOurId = {1, 2, 3};
constexpr int kAttemptsMax = 6;

// The outcome of one commit.
enum class Fault {
  kNone,
  kUnknownBeforeApplying,
  kUnknownAfterApplying,
  // The batch is applied, if it still can be, only when a later call arrives.
  kUnknownAppliedLate,
  kNotApplied,
  kConflict,
  kDataLoss,
};
constexpr Fault kAllFaults[] = {Fault::kNone,
                                Fault::kUnknownBeforeApplying,
                                Fault::kUnknownAfterApplying,
                                Fault::kUnknownAppliedLate,
                                Fault::kNotApplied,
                                Fault::kConflict,
                                Fault::kDataLoss};
constexpr const char* kFaultNames[] = {
    "none",        "unknown-before", "unknown-after", "unknown-late",
    "not-applied", "conflict",       "data-loss"};

StorageFault ToStorageFault(Fault fault, size_t late_by) {
  switch (fault) {
    case Fault::kNone:
      return StorageFault::None();
    case Fault::kUnknownBeforeApplying:
      return StorageFault::FailBefore(
          absl::DeadlineExceededError("lost on the way there"));
    case Fault::kUnknownAfterApplying:
      return StorageFault::FailAfter(
          absl::UnknownError("lost on the way back"));
    case Fault::kUnknownAppliedLate:
      return StorageFault::ApplyLate(
          absl::DeadlineExceededError("still under way"), late_by);
    case Fault::kNotApplied:
      return StorageFault::FailBefore(absl::UnavailableError("not taken"));
    case Fault::kConflict:
      return StorageFault::Conflict();
    case Fault::kDataLoss:
      return StorageFault::FailBefore(absl::DataLossError("checksum"));
  }
  return StorageFault::None();
}

// A storage whose n-th commit meets the n-th fault of a script.
class FaultyStorage : public FaultInjectingStorage {
 public:
  // After the end of the script its last fault repeats. A late batch is applied
  // just before the call that is `late_by` calls after its own: 1 is the next
  // call.
  FaultyStorage(Storage* base, const std::vector<Fault>& script,
                size_t late_by = 1)
      : FaultInjectingStorage(base) {
    for (size_t i = 0; i < script.size(); ++i) {
      const bool is_last = i + 1 == script.size();
      Add({StorageCall::kCommit, i + 1, is_last ? 1u : 0u,
           ToStorageFault(script[i], late_by)});
    }
  }

  // The number of our batches that were applied, and how many of these arrived
  // late.
  uint64_t applied() const { return counts().committed; }
  uint64_t applied_late() const { return counts().committed_late; }
  uint64_t commits() const { return counts().commits; }
};

v1::Request Put(const std::string& text) {
  v1::Request request;
  request.mutable_put_resource_policy()->set_policy_in_json(text);
  return request;
}
v1::Request DeletePolicy() {
  v1::Request request;
  request.mutable_delete_resource_policy();
  return request;
}
v1::Request Create(const std::string& name) {
  v1::Request request;
  request.mutable_create_security_configuration()->set_name(name);
  request.mutable_create_security_configuration()
      ->mutable_encryption_configuration();
  return request;
}
v1::Request Remove(const std::string& name) {
  v1::Request request;
  request.mutable_delete_security_configuration()->set_name(name);
  return request;
}
v1::Request PutSettings(const std::string& key) {
  v1::Request request;
  auto* at_rest = request.mutable_put_data_catalog_encryption_settings()
                      ->mutable_data_catalog_encryption_settings()
                      ->mutable_encryption_at_rest();
  at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  at_rest->set_sse_aws_kms_key_id(key);
  return request;
}

// An operation, the calls before it, and the calls that others may make
// meanwhile.
struct Scenario {
  const char* name;
  std::vector<v1::Request> before;
  v1::Request operation;
  std::vector<std::vector<v1::Request>> others;
};

std::vector<Scenario> AllOperations() {
  return {
      {"create policy",
       {},
       Put(R"({"Id":"ours"})"),
       {{}, {Put(R"({"Id":"theirs"})")}, {Put("{}"), DeletePolicy()}}},
      {"replace policy",
       {Put(R"({"Id":"old"})")},
       Put(R"({"Id":"ours"})"),
       {{}, {Put(R"({"Id":"theirs"})")}, {DeletePolicy()}}},
      {"create policy after a deletion",
       {Put("{}"), DeletePolicy()},
       Put(R"({"Id":"ours"})"),
       {{}, {Put(R"({"Id":"theirs"})")}}},
      {"delete policy",
       {Put(R"({"Id":"old"})")},
       DeletePolicy(),
       {{}, {Put(R"({"Id":"theirs"})")}, {DeletePolicy()}}},
      {"put settings, first",
       {},
       PutSettings("ours"),
       {{}, {PutSettings("theirs")}}},
      {"put settings, again",
       {PutSettings("old")},
       PutSettings("ours"),
       {{}, {PutSettings("theirs")}}},
      {"create configuration, first",
       {},
       Create("n"),
       {{}, {Create("n")}, {Create("m")}, {Remove("n")}}},
      {"create configuration beside others",
       {Create("a"), Create("b")},
       Create("n"),
       {{}, {Create("n")}, {Create("m")}, {Remove("n")}, {Remove("a")}}},
      {"delete configuration",
       {Create("n"), Create("b")},
       Remove("n"),
       {{}, {Remove("n")}, {Remove("n"), Create("n")}, {Create("m")}}},
  };
}

// Returns everything that callers can see of the catalog, times included.
std::string VisibleIn(Engine* engine, Storage* storage) {
  std::string visible;
  v1::Request request;
  request.mutable_get_resource_policy();
  (void)engine->Execute(kCaller, request).AppendToString(&visible);
  request.mutable_get_data_catalog_encryption_settings();
  (void)engine->Execute(kCaller, request).AppendToString(&visible);
  request.mutable_get_security_configurations();
  const v1::Response page = engine->Execute(kCaller, request);
  (void)page.AppendToString(&visible);
  // The count guards the limit, so it must be right.
  ReadSet read_set;
  read_set.catalog = {kCaller.account_id, kCaller.region};
  read_set.keys.push_back({RecordKind::kConfigurationCount, ""});
  const auto snapshot = storage->Read(read_set);
  int64_t count = 0;
  if (snapshot->records[0].has_value()) {
    v1::StoredRecord record;
    EXPECT_TRUE(record.ParseFromString(snapshot->records[0]->value));
    count = record.configuration_count().count();
  }
  EXPECT_EQ(count,
            page.get_security_configurations().security_configurations_size());
  return visible;
}

// A storage with the records of a scenario, and the clock of all engines over
// it.
class World {
 public:
  explicit World(const std::vector<v1::Request>& before)
      : engine_(&memory_, Options()) {
    for (const v1::Request& request : before) Do(request);
    scene_ = memory_.Fork();
    before_ = Visible();
    Reset();
  }

  // Restores the state before the operation, and sets a later time.
  void Reset() {
    ASSERT_EQ(memory_.Restore(*scene_), absl::OkStatus());
    clock_.Set(kStart + absl::Seconds(1));
  }

  // Makes a call without faults.
  v1::Response Do(const v1::Request& request) {
    return engine_.Execute(kCaller, request);
  }

  EngineOptions Options() {
    EngineOptions options = LooseOptions();
    options.clock = &clock_;
    options.limits.attempts_max = kAttemptsMax;
    // A second attempt has another time.
    options.wait = [this](int) { clock_.Advance(absl::Seconds(1)); };
    return options;
  }

  std::string Visible() { return VisibleIn(&engine_, &memory_); }
  const std::string& before() const { return before_; }

  MemoryStorage& memory() { return memory_; }

 private:
  const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

  FakeClock clock_{kStart};
  MemoryStorage memory_;
  Engine engine_;
  std::unique_ptr<MemoryStorage> scene_;
  std::string before_;
};

// The result of the operation without faults.
struct Twin {
  Twin(World* world, const v1::Request& operation)
      : storage(world->memory().Fork()),
        engine(storage.get(), world->Options()),
        response(engine.Execute(kCaller, operation)),
        visible(VisibleIn(&engine, storage.get())) {}

  const std::unique_ptr<MemoryStorage> storage;
  Engine engine;
  const v1::Response response;
  const std::string visible;
};

struct Outcomes {
  int successes = 0;
  int timeouts = 0;
  int not_applied = 0;
  int data_loss = 0;
  int others = 0;
  // The number of batches that were applied late, before the answer and after
  // it.
  uint64_t applied_late = 0;
  uint64_t applied_after_the_answer = 0;
};

// The plan of one run: the script, the writes of others after the n-th commit,
// and how many calls later a late batch arrives.
struct Plan {
  std::vector<Fault> script;
  std::vector<v1::Request> others;
  size_t others_after = 1;
  size_t late_by = 1;
};

void Count(const v1::Response& response, Outcomes* outcomes) {
  if (!response.has_error()) {
    ++outcomes->successes;
  } else if (response.error().code() == v1::ERROR_CODE_OPERATION_TIMEOUT) {
    ++outcomes->timeouts;
  } else if (response.error().detail() == v1::Error::DETAIL_NOT_APPLIED) {
    ++outcomes->not_applied;
  } else if (response.error().detail() == v1::Error::DETAIL_DATA_LOSS) {
    ++outcomes->data_loss;
  } else {
    // Another writer was first, and the conditions of the request fail.
    ++outcomes->others;
  }
}

// Runs one operation under one plan.
void RunOne(const v1::Request& operation, const Plan& plan, World& world,
            Outcomes* outcomes) {
  world.Reset();
  FaultyStorage faulty(&world.memory(), plan.script, plan.late_by);
  // The state before and after the writes of the others.
  bool others_ran = false;
  std::string before_others;
  std::string after_others;
  if (!plan.others.empty()) {
    faulty.Add({StorageCall::kCommit, plan.others_after, /*every=*/0,
                StorageFault::RunAfter([&] {
                  others_ran = true;
                  before_others = world.Visible();
                  for (const v1::Request& request : plan.others) {
                    world.Do(request);
                  }
                  after_others = world.Visible();
                })});
  }
  EngineOptions options = world.Options();
  options.next_commit_id = [] { return kOurId; };
  Engine engine(&faulty, options);

  const v1::Response response = engine.Execute(kCaller, operation);
  Count(response, outcomes);
  outcomes->applied_late += faulty.applied_late();
  const uint64_t applied = faulty.applied();
  const std::string after = world.Visible();
  EXPECT_LE(applied, 1u) << "applied twice";
  EXPECT_LE(faulty.commits(), static_cast<uint64_t>(kAttemptsMax));

  const bool timeout =
      response.error().code() == v1::ERROR_CODE_OPERATION_TIMEOUT;
  if (!response.has_error()) {
    EXPECT_EQ(applied, 1u) << "a success that did not happen";
  } else if (timeout) {
    EXPECT_EQ(response.error().detail(), v1::Error::DETAIL_OUTCOME_UNKNOWN);
  } else {
    EXPECT_EQ(applied, 0u) << "a failure that did happen: "
                           << response.error().ShortDebugString();
    if (response.error().detail() == v1::Error::DETAIL_UNSPECIFIED) {
      EXPECT_TRUE(others_ran) << response.error().ShortDebugString();
    }
  }
  if (applied == 0) {
    EXPECT_EQ(after, others_ran ? after_others : world.before());
  }
  if (others_ran && applied == 1 && before_others != world.before()) {
    EXPECT_EQ(after, after_others) << "our write came back over theirs";
  }

  // Delivers all late batches.
  faulty.DeliverLate();
  outcomes->applied_after_the_answer += faulty.applied() - applied;
  EXPECT_LE(faulty.applied(), 1u) << "applied twice, once after the answer";
  if (!timeout) {
    EXPECT_EQ(faulty.applied(), applied) << "after an answer that was final";
  }
}

// Calls `run` with every script of three faults and one that repeats.
void ForEveryScript(const std::function<void(const std::vector<Fault>&)>& run) {
  for (const Fault first : kAllFaults) {
    for (const Fault second : kAllFaults) {
      for (const Fault third : kAllFaults) {
        for (const Fault rest : {Fault::kNone, Fault::kUnknownBeforeApplying,
                                 Fault::kUnknownAfterApplying}) {
          run({first, second, third, rest});
        }
      }
    }
  }
}

std::string ToString(const Plan& plan) {
  std::string text = absl::StrCat("late by ", plan.late_by, "; ");
  for (const Fault fault : plan.script) {
    absl::StrAppend(&text, kFaultNames[static_cast<int>(fault)], ", ");
  }
  return absl::StrCat(text, "...; ", plan.others.size(),
                      " others after commit ", plan.others_after);
}

bool HasLate(const std::vector<Fault>& script) {
  return std::find(script.begin(), script.end(), Fault::kUnknownAppliedLate) !=
         script.end();
}

TEST(UnknownCommit,
     EveryOperationUnderEveryScript_S15_IsAppliedAtMostOnceAndTold) {
  const bool few = IsShortRun();
  Outcomes outcomes;
  int runs = 0;
  int cases = 0;
  for (const Scenario& c : AllOperations()) {
    World world(c.before);
    ForEveryScript([&](const std::vector<Fault>& script) {
      // A late batch arrives before the next read, between that read and the
      // second commit, before the read after that, or later, even after the
      // answer.
      const size_t late_by_max = HasLate(script) ? 4 : 1;
      for (const auto& others : c.others) {
        const size_t last = others.empty() ? 1 : 3;
        for (size_t after = 1; after <= last; ++after) {
          for (size_t late_by = 1; late_by <= late_by_max; ++late_by) {
            if (few && ++cases % 5 != 0) continue;
            const Plan plan = {script, others, after, late_by};
            RunOne(c.operation, plan, world, &outcomes);
            if (testing::Test::HasFailure()) {
              FAIL() << c.name << ": " << ToString(plan);
            }
            ++runs;
          }
        }
      }
    });
    if (testing::Test::HasFailure()) return;
  }
  std::cout << runs << " runs: " << outcomes.successes << " successes, "
            << outcomes.timeouts << " timeouts, " << outcomes.not_applied
            << " not applied, " << outcomes.data_loss << " data loss, "
            << outcomes.others << " refused; " << outcomes.applied_late
            << " late batches applied, " << outcomes.applied_after_the_answer
            << " more after the answer\n";
  EXPECT_GT(outcomes.successes, 1000);
  EXPECT_GT(outcomes.timeouts, 1000);
  EXPECT_GT(outcomes.not_applied, 100);
  EXPECT_GT(outcomes.data_loss, 100);
  EXPECT_GT(outcomes.others, 10);
  EXPECT_GT(outcomes.applied_late, 1000u);
  EXPECT_GT(outcomes.applied_after_the_answer, 100u);
}

// A run whose first commit is unknown calls commit, read, commit. A batch that
// arrives between the read, which did not see it, and the second commit makes
// the second one a conflict, and the next read finds it.
TEST(UnknownCommit, ThatArrivesBetweenTheReadAndTheResend_S15_IsFound) {
  for (const Scenario& c : AllOperations()) {
    World world(c.before);
    const Twin twin(&world, c.operation);
    FaultyStorage faulty(&world.memory(),
                         {Fault::kUnknownAppliedLate, Fault::kNone},
                         /*late_by=*/2);
    const v1::Response response =
        Engine(&faulty, world.Options()).Execute(kCaller, c.operation);
    EXPECT_EQ(faulty.commits(), 2u) << c.name;
    EXPECT_EQ(faulty.applied(), 1u) << c.name;
    EXPECT_EQ(faulty.applied_late(), 1u) << c.name;
    EXPECT_EQ(response.ShortDebugString(), twin.response.ShortDebugString());
    EXPECT_EQ(world.Visible(), twin.visible) << c.name;
  }
}

// After a timeout the write may still be applied, at most once, and only if
// nobody has written since.
TEST(UnknownCommit, ThatArrivesAfterATimeout_S15_AppliesAtMostOnce) {
  for (const Scenario& c : AllOperations()) {
    for (const auto& others : c.others) {
      World world(c.before);
      FaultyStorage faulty(&world.memory(), {Fault::kUnknownAppliedLate},
                           /*late_by=*/0);
      const v1::Response response =
          Engine(&faulty, world.Options()).Execute(kCaller, c.operation);
      ASSERT_EQ(response.error().code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
      EXPECT_GT(faulty.commits(), 1u) << "nothing was sent twice";
      EXPECT_EQ(world.Visible(), world.before()) << c.name;
      for (const v1::Request& request : others) world.Do(request);
      const std::string after_others = world.Visible();
      faulty.DeliverLate();
      EXPECT_LE(faulty.applied(), 1u) << c.name;
      if (others.empty()) {
        EXPECT_EQ(faulty.applied(), 1u) << c.name;
      } else if (after_others != world.before()) {
        EXPECT_EQ(faulty.applied(), 0u) << c.name;
        EXPECT_EQ(world.Visible(), after_others) << c.name;
      }
    }
  }
}

TEST(UnknownCommit, ThatWasApplied_IsAnsweredWithItsResponse) {
  for (const Scenario& c : AllOperations()) {
    World world(c.before);
    const Twin twin(&world, c.operation);
    FaultyStorage faulty(&world.memory(),
                         {Fault::kUnknownAfterApplying, Fault::kDataLoss});
    const v1::Response response =
        Engine(&faulty, world.Options()).Execute(kCaller, c.operation);
    EXPECT_FALSE(response.has_error()) << c.name;
    EXPECT_EQ(faulty.commits(), 1u) << c.name;
    EXPECT_EQ(response.outcome_case(), twin.response.outcome_case()) << c.name;
    EXPECT_EQ(response.SerializeAsString(), twin.response.SerializeAsString())
        << response.ShortDebugString() << " "
        << twin.response.ShortDebugString();
    EXPECT_EQ(world.Visible(), twin.visible) << c.name;
  }
}

// The batch that is sent again is identical, its time included, so the response
// describes the stored record.
TEST(UnknownCommit, ThatWasLost_IsSentAgainAsItWas) {
  for (const Scenario& c : AllOperations()) {
    World world(c.before);
    const Twin twin(&world, c.operation);
    FaultyStorage faulty(&world.memory(),
                         {Fault::kUnknownBeforeApplying, Fault::kNone});
    const v1::Response response =
        Engine(&faulty, world.Options()).Execute(kCaller, c.operation);
    EXPECT_EQ(faulty.commits(), 2u) << c.name;
    EXPECT_EQ(response.SerializeAsString(), twin.response.SerializeAsString())
        << response.ShortDebugString();
    EXPECT_EQ(world.Visible(), twin.visible) << c.name;
  }
}

TEST(UnknownCommit, ThatNeverResolves_IsATimeoutWithinTheBound) {
  for (const Scenario& c : AllOperations()) {
    World world(c.before);
    FaultyStorage faulty(&world.memory(), {Fault::kUnknownBeforeApplying});
    const v1::Response response =
        Engine(&faulty, world.Options()).Execute(kCaller, c.operation);
    EXPECT_EQ(response.error().code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
    EXPECT_EQ(response.error().detail(), v1::Error::DETAIL_OUTCOME_UNKNOWN);
    EXPECT_LE(faulty.commits(), static_cast<uint64_t>(kAttemptsMax));
    EXPECT_EQ(faulty.applied(), 0u);
    EXPECT_EQ(world.Visible(), world.before()) << c.name;
  }
}

// The storage fails all calls after the commit. The call still ends.
TEST(UnknownCommit, ThenReadsThatAllFail_IsATimeoutWithinTheBound) {
  for (const Scenario& c : AllOperations()) {
    World world(c.before);
    FaultyStorage faulty(&world.memory(), {Fault::kUnknownBeforeApplying});
    faulty.Add({StorageCall::kRead, 2, 1,
                StorageFault::FailBefore(absl::UnavailableError("down"))});
    const v1::Response response =
        Engine(&faulty, world.Options()).Execute(kCaller, c.operation);
    EXPECT_EQ(response.error().code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
    EXPECT_EQ(response.error().detail(), v1::Error::DETAIL_OUTCOME_UNKNOWN);
    EXPECT_EQ(faulty.commits(), 1u) << c.name;
    EXPECT_EQ(faulty.counts().reads - 1, kAttemptsMax - 1u) << c.name;
    EXPECT_EQ(world.Visible(), world.before()) << c.name;
  }
}

}  // namespace
}  // namespace glue_security
