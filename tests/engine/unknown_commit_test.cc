// A storage that does not say what became of a commit. For every operation that
// writes, for every script of answers to its commits, and with another writer
// in between or without: nothing is applied twice, nothing comes back that was
// deleted, and the answer is the truth.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory_storage.h"
#include "glue_security/v1/stored_record.pb.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

const Caller kCaller{"123456789012", "us-east-1", ""};
constexpr CommitId kOurId = {1, 2, 3};

// What one commit comes to.
enum class Fault {
  kNone,
  kUnknownBeforeApplying,
  kUnknownAfterApplying,
  // It is applied, if it still can be, only when the next call arrives.
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

class FaultyStorage : public ForwardingStorage {
 public:
  // Beyond its end, the script's last fault goes on.
  FaultyStorage(Storage* base, std::vector<Fault> script)
      : ForwardingStorage(base), script_(std::move(script)) {}

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    ApplyLate();
    return ForwardingStorage::Read(read_set);
  }

  absl::StatusOr<CommitResult> Commit(WriteBatch batch) override {
    ApplyLate();
    const Fault fault = script_[std::min(commits_, script_.size() - 1)];
    ++commits_;
    const absl::StatusOr<CommitResult> result = CommitAs(fault, batch);
    if (after_commit) after_commit(commits_);
    return result;
  }

  void ApplyLate() {
    if (!late_.has_value()) return;
    Apply(*std::exchange(late_, std::nullopt)).IgnoreError();
  }

  int applied() const { return applied_; }
  size_t commits() const { return commits_; }
  // Called after the n-th commit, before its answer arrives.
  std::function<void(size_t)> after_commit;

 private:
  absl::StatusOr<CommitResult> CommitAs(Fault fault, const WriteBatch& batch) {
    switch (fault) {
      case Fault::kNone:
        return Apply(batch);
      case Fault::kUnknownBeforeApplying:
        return absl::DeadlineExceededError("lost on the way there");
      case Fault::kUnknownAfterApplying:
        Apply(batch).IgnoreError();
        return absl::UnknownError("lost on the way back");
      case Fault::kUnknownAppliedLate:
        late_ = batch;
        return absl::DeadlineExceededError("still under way");
      case Fault::kNotApplied:
        return absl::UnavailableError("not taken");
      case Fault::kConflict:
        return CommitResult::kConflict;
      case Fault::kDataLoss:
        return absl::DataLossError("checksum");
    }
    return absl::InternalError("no such fault");
  }

  absl::StatusOr<CommitResult> Apply(const WriteBatch& batch) {
    auto result = ForwardingStorage::Commit(batch);
    if (result.ok() && *result == CommitResult::kCommitted) ++applied_;
    return result;
  }

  const std::vector<Fault> script_;
  size_t commits_ = 0;
  int applied_ = 0;
  std::optional<WriteBatch> late_;
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

// An operation, what was there before, and what others do meanwhile.
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

// All that callers can see of the catalog.
std::string Visible(Storage& storage) {
  Engine engine(&storage);
  std::string visible;
  v1::Request request;
  request.mutable_get_resource_policy();
  auto policy = engine.Execute(kCaller, request);
  policy.mutable_get_resource_policy()->clear_create_time();
  policy.mutable_get_resource_policy()->clear_update_time();
  absl::StrAppend(&visible, policy.ShortDebugString(), "\n");
  request.mutable_get_data_catalog_encryption_settings();
  absl::StrAppend(&visible, engine.Execute(kCaller, request).ShortDebugString(),
                  "\n");
  request.mutable_get_security_configurations();
  const auto page = engine.Execute(kCaller, request);
  for (const auto& configuration :
       page.get_security_configurations().security_configurations()) {
    absl::StrAppend(&visible, configuration.name(), " ");
  }
  // The count is what guards the limit, so it must be right.
  ReadSet read_set;
  read_set.catalog = {kCaller.account_id, kCaller.region};
  read_set.keys.push_back({RecordKind::kConfigurationCount, ""});
  const auto snapshot = storage.Read(read_set);
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

struct Outcomes {
  int successes = 0;
  int timeouts = 0;
  int not_applied = 0;
  int data_loss = 0;
  int others = 0;
};

// One operation under one script, with one set of other writes after the n-th
// commit (0: none).
void RunOne(const Scenario& c, const std::vector<Fault>& script,
            const std::vector<v1::Request>& others, size_t others_after,
            Outcomes* outcomes) {
  MemoryStorage memory;
  Engine setup(&memory);
  for (const v1::Request& request : c.before) {
    ASSERT_FALSE(setup.Execute(kCaller, request).has_error());
  }
  FaultyStorage faulty(&memory, script);
  // What the state was before and after each thing that happened to it.
  bool others_ran = false;
  std::string before_others;
  std::string after_others;
  faulty.after_commit = [&](size_t n) {
    if (n != others_after || others.empty()) return;
    others_ran = true;
    before_others = Visible(memory);
    for (const v1::Request& request : others) {
      setup.Execute(kCaller, request);
    }
    after_others = Visible(memory);
  };
  EngineOptions options;
  options.limits.attempts_max = 6;
  options.wait = [](int) {};
  options.next_commit_id = [] { return kOurId; };
  Engine engine(&faulty, options);

  const std::string before = Visible(memory);
  const v1::Response response = engine.Execute(kCaller, c.operation);
  const std::string after = Visible(memory);
  EXPECT_LE(faulty.applied(), 1) << "applied twice";
  EXPECT_LE(faulty.commits(), 6u);

  if (!response.has_error()) {
    ++outcomes->successes;
    EXPECT_EQ(faulty.applied(), 1) << "a success that did not happen";
  } else if (response.error().code() == v1::ERROR_CODE_OPERATION_TIMEOUT) {
    ++outcomes->timeouts;
    EXPECT_EQ(response.error().detail(), v1::Error::DETAIL_OUTCOME_UNKNOWN);
  } else {
    EXPECT_EQ(faulty.applied(), 0)
        << "a failure that did happen: " << response.error().ShortDebugString();
    EXPECT_EQ(after, others_ran ? after_others : before);
    switch (response.error().detail()) {
      case v1::Error::DETAIL_NOT_APPLIED:
        ++outcomes->not_applied;
        break;
      case v1::Error::DETAIL_DATA_LOSS:
        ++outcomes->data_loss;
        break;
      default:
        // Another writer was first, and the conditions say no.
        ++outcomes->others;
        EXPECT_TRUE(others_ran) << response.error().ShortDebugString();
    }
  }
  // Nothing of ours comes back, whatever the network still holds.
  if (response.has_error() &&
      response.error().code() != v1::ERROR_CODE_OPERATION_TIMEOUT) {
    faulty.ApplyLate();
    EXPECT_EQ(faulty.applied(), 0);
  }
  if (others_ran && faulty.applied() == 1 &&
      before_others != before) {  // applied before the others wrote
    EXPECT_EQ(after, after_others) << "our write came back over theirs";
  }
}

TEST(UnknownCommit, EveryOperationUnderEveryScript_IsAppliedAtMostOnceAndTold) {
  Outcomes outcomes;
  int runs = 0;
  for (const Scenario& c : AllOperations()) {
    for (const Fault first : kAllFaults) {
      for (const Fault second : kAllFaults) {
        for (const Fault third : kAllFaults) {
          for (const Fault rest : {Fault::kNone, Fault::kUnknownBeforeApplying,
                                   Fault::kUnknownAfterApplying}) {
            for (const auto& others : c.others) {
              const size_t last = others.empty() ? 1 : 3;
              for (size_t after = 1; after <= last; ++after) {
                SCOPED_TRACE(absl::StrCat(
                    c.name, ": ", kFaultNames[static_cast<int>(first)], ", ",
                    kFaultNames[static_cast<int>(second)], ", ",
                    kFaultNames[static_cast<int>(third)], ", ",
                    kFaultNames[static_cast<int>(rest)], "...; ", others.size(),
                    " others after commit ", after));
                RunOne(c, {first, second, third, rest}, others, after,
                       &outcomes);
                if (testing::Test::HasFailure()) return;
                ++runs;
              }
            }
          }
        }
      }
    }
  }
  std::cout << runs << " runs: " << outcomes.successes << " successes, "
            << outcomes.timeouts << " timeouts, " << outcomes.not_applied
            << " not applied, " << outcomes.data_loss << " data loss, "
            << outcomes.others << " refused\n";
  EXPECT_GT(outcomes.successes, 1000);
  EXPECT_GT(outcomes.timeouts, 1000);
  EXPECT_GT(outcomes.not_applied, 100);
  EXPECT_GT(outcomes.data_loss, 100);
  EXPECT_GT(outcomes.others, 10);
}

TEST(UnknownCommit, ThatWasApplied_IsAnsweredWithItsResponse) {
  for (const Scenario& c : AllOperations()) {
    MemoryStorage memory;
    Engine setup(&memory);
    for (const v1::Request& request : c.before) {
      setup.Execute(kCaller, request);
    }
    const auto twin = memory.Fork();
    FaultyStorage faulty(&memory,
                         {Fault::kUnknownAfterApplying, Fault::kDataLoss});
    const v1::Response response = Engine(&faulty).Execute(kCaller, c.operation);
    EXPECT_FALSE(response.has_error()) << c.name;
    EXPECT_EQ(faulty.commits(), 1u) << c.name;
    Engine(twin.get()).Execute(kCaller, c.operation);
    EXPECT_EQ(Visible(memory), Visible(*twin)) << c.name;
  }
}

TEST(UnknownCommit, ThatNeverResolves_IsATimeoutWithinTheBound) {
  for (const Scenario& c : AllOperations()) {
    MemoryStorage memory;
    Engine setup(&memory);
    for (const v1::Request& request : c.before) {
      setup.Execute(kCaller, request);
    }
    FaultyStorage faulty(&memory, {Fault::kUnknownBeforeApplying});
    EngineOptions options;
    options.wait = [](int) {};
    const v1::Response response =
        Engine(&faulty, options).Execute(kCaller, c.operation);
    EXPECT_EQ(response.error().code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
    EXPECT_EQ(response.error().detail(), v1::Error::DETAIL_OUTCOME_UNKNOWN);
    EXPECT_LE(faulty.commits(),
              static_cast<size_t>(options.limits.attempts_max));
  }
}

}  // namespace
}  // namespace glue_security
