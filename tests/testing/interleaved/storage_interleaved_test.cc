// CheckStorageInterleaved: it passes correct storages, finds wrong ones,
// shrinks and repeats their runs, and keeps to its bounds.

#include "glue_security/testing/interleaved/storage_interleaved.h"

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/defects/defective_storages.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using Create = std::function<std::unique_ptr<Storage>()>;

StorageInterleavedOptions Seeded(uint64_t seed) {
  StorageInterleavedOptions options;
  options.seed = seed;
  options.runs = 1000;
  options.time_max = absl::InfiniteDuration();
  options.shrink.time_max = absl::InfiniteDuration();
  return options;
}

// For storages that pass: all runs are made.
StorageInterleavedOptions Passing(int runs = 1000) {
  StorageInterleavedOptions options = Seeded(RunSeed());
  options.runs = IsShortRun() ? runs / 10 : runs;
  return options;
}

std::unique_ptr<Storage> Memory() { return std::make_unique<MemoryStorage>(); }

StorageUnderTest Planted(const std::string& name) {
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    if (defect.name == name) return defect.target;
  }
  ADD_FAILURE() << "no such defect: " << name;
  return StorageWithoutDefect();
}

// Forwards to a MemoryStorage of its own; a test replaces single calls.
class TestStorage : public ForwardingStorage {
 public:
  struct Calls {
    std::function<absl::StatusOr<Snapshot>(Storage&, const ReadSet&)> read;
    std::function<absl::StatusOr<CommitResult>(Storage&, const WriteBatch&)>
        commit;
    std::function<absl::Status(Storage&, const CatalogKey&, const RecordKey&,
                               RecordVisitor)>
        visit;
  };

  explicit TestStorage(Calls calls)
      : ForwardingStorage(&memory_), calls_(std::move(calls)) {}

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    return calls_.read ? calls_.read(memory_, read_set)
                       : ForwardingStorage::Read(read_set);
  }
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    return calls_.commit ? calls_.commit(memory_, batch)
                         : ForwardingStorage::Commit(batch);
  }
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override {
    return calls_.visit ? calls_.visit(memory_, catalog, key, visitor)
                        : ForwardingStorage::VisitRecord(catalog, key, visitor);
  }

  static Create Maker(Calls calls) {
    return [calls] { return std::make_unique<TestStorage>(calls); };
  }

 private:
  MemoryStorage memory_;
  const Calls calls_;
};

// Commits whatever the preconditions are.
Create Careless() {
  TestStorage::Calls calls;
  calls.commit = [](Storage& memory, WriteBatch batch) {
    batch.preconditions.clear();
    return memory.Commit(batch);
  };
  return TestStorage::Maker(calls);
}

class ScopedEnvironment {
 public:
  ScopedEnvironment(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~ScopedEnvironment() { unsetenv(name_); }

 private:
  const char* const name_;
};

// ---- Correct storages

TEST(CheckStorageInterleaved, MemoryPasses) {
  const StorageInterleavedOptions options = Passing();
  const StorageInterleavedReport report =
      CheckStorageInterleaved(Memory, options);
  EXPECT_TRUE(report.ok()) << report.text;
  EXPECT_EQ(report.seed, *options.seed);
  EXPECT_THAT(report.choices, IsEmpty());
  EXPECT_THAT(report.history, IsEmpty());
  EXPECT_THAT(report.timeline, IsEmpty());

  // Each operation of the contract succeeds, nearly all calls overlap, and
  // every call of the storage is one step.
  const InterleavedStatistics& counts = report.statistics;
  EXPECT_EQ(counts.runs, options.runs);
  EXPECT_GE(counts.overlapping, counts.calls * 3 / 4);
  EXPECT_GE(counts.conflicts, counts.commits / 50);
  EXPECT_GT(counts.visits, 0);
  EXPECT_EQ(counts.steps_inside, 0);
  EXPECT_EQ(counts.failures_made, 0);
  EXPECT_EQ(counts.reopenings, 0);
  EXPECT_EQ(counts.undecided, 0);
  EXPECT_EQ(counts.operations.size(), 15u);
  int64_t calls = 0;
  for (const auto& [name, operation] : counts.operations) {
    EXPECT_GT(operation.succeeded, 0) << name;
    EXPECT_EQ(operation.unknown, 0) << name;
    calls += operation.succeeded + operation.refused;
  }
  EXPECT_EQ(calls, counts.calls);
  EXPECT_THAT(counts.Table(),
              StartsWith(absl::StrCat(counts.runs, " runs, ", counts.calls,
                                      " calls, ")));
}

TEST(CheckStorageInterleaved, EveryPresetPasses) {
  for (const Behavior& behavior : {Behavior::Observed(), Behavior::Current()}) {
    StorageInterleavedOptions options = Passing(200);
    options.behavior = behavior;
    const StorageInterleavedReport report =
        CheckStorageInterleaved(Memory, options);
    EXPECT_TRUE(report.ok()) << report.text;
  }
}

TEST(CheckStorageInterleaved, AStorageWithEveryHookPasses) {
  const StorageInterleavedReport report =
      CheckStorageInterleaved(StorageWithoutDefect(), Passing());
  EXPECT_TRUE(report.ok()) << report.text;
  EXPECT_GT(report.statistics.failures_made, 0);
  EXPECT_GT(report.statistics.reopenings, 0);
  EXPECT_EQ(report.statistics.undecided, 0);
}

// Marks a point at the start of each call, where it holds no lock.
class SteppingStorage : public ForwardingStorage {
 public:
  SteppingStorage() : ForwardingStorage(&memory_) {}

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    Step();
    return ForwardingStorage::Read(read_set);
  }
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    Step();
    return ForwardingStorage::Commit(batch);
  }
  void SetStep(std::function<void()> step) { step_ = std::move(step); }

 private:
  void Step() {
    if (step_) step_();
  }

  MemoryStorage memory_;
  std::function<void()> step_;
};

TEST(CheckStorageInterleaved, StepsWithinACallAreNoFault) {
  StorageUnderTest target;
  target.name = "Stepping";
  target.create = [] { return std::make_unique<SteppingStorage>(); };
  target.set_step = [](Storage& storage, std::function<void()> step) {
    static_cast<SteppingStorage&>(storage).SetStep(std::move(step));
  };
  const StorageInterleavedReport report =
      CheckStorageInterleaved(target, Passing(200));
  EXPECT_TRUE(report.ok()) << report.text;
  EXPECT_GT(report.statistics.steps_inside, report.statistics.steps / 10);
}

TEST(CheckStorageInterleaved, AStorageWithoutVisitsPasses) {
  TestStorage::Calls calls;
  calls.visit = [](Storage&, const CatalogKey&, const RecordKey&,
                   RecordVisitor) { return absl::UnimplementedError(""); };
  const StorageInterleavedReport report =
      CheckStorageInterleaved(TestStorage::Maker(calls), Passing(200));
  EXPECT_TRUE(report.ok()) << report.text;
  EXPECT_EQ(report.statistics.visits, 0);
}

// ---- The failing run

TEST(CheckStorageInterleaved, AFailureIsShrunkToTheCallsThatMatter) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const StorageInterleavedReport report =
        CheckStorageInterleaved(Careless(), Seeded(seed));
    ASSERT_FALSE(report.ok());
    EXPECT_LE(report.history.size(), 4u) << report.text;
    EXPECT_LE(report.steps, 16) << report.text;
    ASSERT_TRUE(report.violation.has_value()) << report.text;
    EXPECT_THAT(
        report.text,
        testing::MatchesRegex(
            "failed in run [0-9]+ of GLUE_SECURITY_SEED=[0-9]+, shrunk from "
            "[0-9]+ calls of [0-9] clients? in [0-9]+ steps to [0-9] calls of "
            "[0-9] clients? in [0-9]+ steps: no order of the calls explains "
            "their answers\n"
            "Begin with S[0-9]+, which [A-Za-z]+ of StorageConformance breaks: "
            "(.|\n)*The steps:\n(.|\n)*not linearizable: (.|\n)*"
            "GLUE_SECURITY_REPLAY=[0-9.]+\n"))
        << report.text;
    // The clients are those with the smallest numbers.
    std::set<int> clients;
    for (const HistoryEntry& entry : report.history) {
      clients.insert(entry.client);
    }
    EXPECT_EQ(*clients.rbegin(), static_cast<int>(clients.size()) - 1);
  }
}

TEST(CheckStorageInterleaved, ASeedGivesTheSameReport) {
  const StorageInterleavedReport first =
      CheckStorageInterleaved(Careless(), Seeded(7));
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(CheckStorageInterleaved(Careless(), Seeded(7)).text, first.text);

  StorageInterleavedOptions options = Seeded(0);
  options.seed.reset();
  const ScopedEnvironment seed("GLUE_SECURITY_SEED", "7");
  EXPECT_EQ(CheckStorageInterleaved(Careless(), options).text, first.text);
}

// Returns `text` from its second line on.
std::string Rest(const std::string& text) {
  return text.substr(text.find('\n') + 1);
}

TEST(CheckStorageInterleaved, AReplayMakesTheSameRun) {
  const StorageInterleavedReport first =
      CheckStorageInterleaved(Careless(), Seeded(7));
  StorageInterleavedOptions options = Seeded(1);
  options.replay = FormatChoices(first.choices);
  const StorageInterleavedReport again =
      CheckStorageInterleaved(Careless(), options);
  EXPECT_EQ(Rest(again.text), Rest(first.text));
  EXPECT_THAT(again.text, StartsWith("failed in the replayed run of "));
  EXPECT_EQ(FormatHistory(again.history), FormatHistory(first.history));
  EXPECT_EQ(again.choices, first.choices);
  EXPECT_EQ(again.statistics.runs, 0);
  EXPECT_TRUE(CheckStorageInterleaved(Memory, options).ok());

  options.replay.clear();
  const ScopedEnvironment replay("GLUE_SECURITY_REPLAY",
                                 FormatChoices(first.choices));
  EXPECT_EQ(CheckStorageInterleaved(Careless(), options).text, again.text);
}

TEST(CheckStorageInterleaved, AReplayThatIsNoChoicesFails) {
  StorageInterleavedOptions options = Seeded(1);
  options.replay = "1,2";
  EXPECT_EQ(CheckStorageInterleaved(Memory, options).text, "no choices: 1,2\n");
}

TEST(CheckStorageInterleaved, ARunThatDoesNotRepeatIsReportedAsSuch) {
  // The first or the second of all storages throws, and no other.
  for (const int wrong : {1, 2}) {
    TestStorage::Calls throws;
    throws.read = [](Storage&, const ReadSet&) -> absl::StatusOr<Snapshot> {
      throw std::runtime_error("once");
    };
    int made = 0;
    const StorageInterleavedReport report = CheckStorageInterleaved(
        [&]() -> std::unique_ptr<Storage> {
          return ++made == wrong ? TestStorage::Maker(throws)() : Memory();
        },
        Seeded(1));
    ASSERT_FALSE(report.ok());
    EXPECT_THAT(report.text, HasSubstr("`Read` threw an exception: once\n"));
    EXPECT_THAT(report.text, HasSubstr("The same choices did not fail again"));
  }
}

TEST(CheckStorageInterleaved, TheTimelineIsMadeWhenItIsAskedFor) {
  StorageInterleavedOptions options = Seeded(1);
  EXPECT_EQ(CheckStorageInterleaved(Careless(), options).timeline, "");
  options.timeline = true;
  const std::string timeline =
      CheckStorageInterleaved(Careless(), options).timeline;
  EXPECT_THAT(timeline, StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(timeline, HasSubstr("Not linearizable: "));
}

TEST(CheckStorageInterleaved, AGeneratorOfOnesOwnIsUsed) {
  StorageInterleavedOptions options = Seeded(1);
  options.generator = [](ChoiceSource& choices, const ClientKnowledge&) {
    Call call;
    call.caller = {"111111111111", "us-east-1", ""};
    if (choices.OneIn(2)) {
      call.request.mutable_get_resource_policy();
    } else {
      call.request.mutable_put_resource_policy()->set_policy_in_json("{}");
    }
    return call;
  };
  const StorageInterleavedReport report =
      CheckStorageInterleaved(Memory, options);
  EXPECT_TRUE(report.ok()) << report.text;
  EXPECT_EQ(report.statistics.operations.size(), 2u);

  options.generator = [](ChoiceSource&, const ClientKnowledge&) -> Call {
    throw std::runtime_error("no call");
  };
  EXPECT_THAT(CheckStorageInterleaved(Memory, options).text,
              HasSubstr("`StorageInterleavedOptions::generator` threw an "
                        "exception: no call"));
}

// ---- What no storage may do

TEST(CheckStorageInterleaved, AnExceptionOfCreateIsNamed) {
  const StorageInterleavedReport report = CheckStorageInterleaved(
      []() -> std::unique_ptr<Storage> {
        throw std::runtime_error("no database");
      },
      Seeded(1));
  EXPECT_EQ(report.text,
            "failed in run 1 of GLUE_SECURITY_SEED=1: `create` threw an "
            "exception: no database\n");
  EXPECT_EQ(CheckStorageInterleaved([] { return nullptr; }, Seeded(1)).text,
            "failed in run 1 of GLUE_SECURITY_SEED=1: `create` returned no "
            "storage\n");
}

TEST(CheckStorageInterleaved, AnExceptionOfTheStorageIsNamed) {
  TestStorage::Calls calls;
  calls.read = [](Storage&, const ReadSet&) -> absl::StatusOr<Snapshot> {
    throw std::runtime_error("broken pipe");
  };
  StorageInterleavedReport report =
      CheckStorageInterleaved(TestStorage::Maker(calls), Seeded(1));
  EXPECT_THAT(report.text,
              HasSubstr("`Read` threw an exception: broken pipe\n"));
  EXPECT_EQ(report.history.size(), 1u) << report.text;
  EXPECT_LE(report.steps, 2);

  calls = {};
  calls.commit = [](Storage&, const WriteBatch&) -> CommitResult { throw 1; };
  report = CheckStorageInterleaved(TestStorage::Maker(calls), Seeded(1));
  EXPECT_THAT(report.text, HasSubstr("`Commit` threw an exception that is no "
                                     "std::exception\n"));
  EXPECT_EQ(report.history.size(), 1u) << report.text;

  calls = {};
  calls.visit = [](Storage&, const CatalogKey&, const RecordKey&,
                   RecordVisitor) -> absl::Status {
    throw std::runtime_error("gone");
  };
  EXPECT_THAT(
      CheckStorageInterleaved(TestStorage::Maker(calls), Seeded(1)).text,
      HasSubstr("`VisitRecord` threw an exception: gone\n"));
}

TEST(CheckStorageInterleaved, AnExceptionOfAHookIsNamed) {
  const auto thrower = [] { throw std::runtime_error("no hook"); };
  StorageUnderTest target = StorageWithoutDefect();
  target.set_step = [&](Storage&, const std::function<void()>&) { thrower(); };
  EXPECT_THAT(CheckStorageInterleaved(target, Seeded(1)).text,
              HasSubstr("`set_step` threw an exception: no hook"));
  target = StorageWithoutDefect();
  target.fail_next_commit = [&](Storage&, int) {
    thrower();
    return false;
  };
  EXPECT_THAT(CheckStorageInterleaved(target, Seeded(1)).text,
              HasSubstr("`fail_next_commit` threw an exception: no hook"));
  target = StorageWithoutDefect();
  target.settle = [&](Storage&) { thrower(); };
  EXPECT_THAT(CheckStorageInterleaved(target, Seeded(1)).text,
              HasSubstr("`settle` threw an exception: no hook"));
  target = StorageWithoutDefect();
  target.reopen = [&](std::unique_ptr<Storage>) -> std::unique_ptr<Storage> {
    thrower();
    return nullptr;
  };
  EXPECT_THAT(CheckStorageInterleaved(target, Seeded(1)).text,
              HasSubstr("`reopen` threw an exception: no hook"));
  target.reopen = [](std::unique_ptr<Storage>) { return nullptr; };
  EXPECT_THAT(CheckStorageInterleaved(target, Seeded(1)).text,
              HasSubstr("`reopen` returned no storage"));
}

TEST(CheckStorageInterleaved, AStatusFailsUnlessTheStorageMayFail) {
  // Refuses each third read.
  TestStorage::Calls calls;
  const auto reads = std::make_shared<int>(0);
  calls.read = [reads](Storage& memory,
                       const ReadSet& read_set) -> absl::StatusOr<Snapshot> {
    if (++*reads % 3 == 0) return absl::UnavailableError("busy");
    return memory.Read(read_set);
  };
  StorageInterleavedOptions options = Seeded(1);
  options.shrink.runs_max = 100;
  EXPECT_THAT(CheckStorageInterleaved(TestStorage::Maker(calls), options).text,
              HasSubstr("`Read` answered UNAVAILABLE: busy, though nothing was "
                        "made to fail; set "
                        "StorageInterleavedOptions::may_fail when it may"));
  options.may_fail = true;
  const StorageInterleavedReport report =
      CheckStorageInterleaved(TestStorage::Maker(calls), options);
  EXPECT_TRUE(report.ok()) << report.text;
  int64_t unknown = 0;
  for (const auto& [name, operation] : report.statistics.operations) {
    unknown += operation.unknown;
  }
  EXPECT_GT(unknown, 0);
}

TEST(CheckStorageInterleaved, ASnapshotOfTheWrongShapeFails) {
  TestStorage::Calls calls;
  calls.read = [](Storage& memory, const ReadSet& read_set) {
    auto snapshot = memory.Read(read_set);
    snapshot->records.clear();
    return snapshot;
  };
  EXPECT_THAT(
      CheckStorageInterleaved(TestStorage::Maker(calls), Seeded(1)).text,
      HasSubstr("`Read` broke S1: it answered 0 elements for 2 keys\n"));
  calls.read = [](Storage& memory, const ReadSet& read_set) {
    auto snapshot = memory.Read(read_set);
    snapshot->range.reset();
    return snapshot;
  };
  EXPECT_THAT(
      CheckStorageInterleaved(TestStorage::Maker(calls), Seeded(1)).text,
      HasSubstr("`Read` broke S3: it answered no range\n"));
  calls.read = [](Storage& memory, const ReadSet& read_set) {
    auto snapshot = memory.Read(read_set);
    if (!snapshot->range.has_value()) snapshot->range.emplace();
    return snapshot;
  };
  EXPECT_THAT(
      CheckStorageInterleaved(TestStorage::Maker(calls), Seeded(1)).text,
      HasSubstr("it answered a range that was not asked for\n"));
  calls.read = [](Storage& memory, const ReadSet& read_set) {
    auto snapshot = memory.Read(read_set);
    if (snapshot->range.has_value()) snapshot->range = RangeResult{{}, true};
    return snapshot;
  };
  EXPECT_THAT(
      CheckStorageInterleaved(TestStorage::Maker(calls), Seeded(1)).text,
      HasSubstr("`Read` broke S4: it answered an empty range, and that more "
                "records follow\n"));
}

TEST(CheckStorageInterleaved, AVisitOfTheWrongShapeFails) {
  for (const auto& [name, what] :
       {std::pair<const char*, const char*>{
            "AbsentNotShown", "it answered OK and did not call its visitor"},
        {"ShownTwice", "it called its visitor twice"}}) {
    EXPECT_THAT(CheckStorageInterleaved(Planted(name), Seeded(1)).text,
                HasSubstr(absl::StrCat("`VisitRecord` broke S18: ", what)));
  }
  TestStorage::Calls calls;
  calls.visit = [](Storage& memory, const CatalogKey& catalog,
                   const RecordKey& key, RecordVisitor visitor) {
    if (key.kind != RecordKind::kResourcePolicy) {
      return absl::UnimplementedError("policies only");
    }
    return memory.VisitRecord(catalog, key, visitor);
  };
  EXPECT_THAT(
      CheckStorageInterleaved(TestStorage::Maker(calls), Seeded(1)).text,
      HasSubstr("it is supported for some records and not for others"));
  calls.visit = [](Storage& memory, const CatalogKey& catalog,
                   const RecordKey& key, RecordVisitor visitor) {
    (void)memory.VisitRecord(catalog, key, visitor);
    return absl::UnavailableError("too late");
  };
  EXPECT_THAT(
      CheckStorageInterleaved(TestStorage::Maker(calls), Seeded(1)).text,
      HasSubstr("it called its visitor and answered an error"));
}

TEST(CheckStorageInterleaved, AConflictNeedsAReason) {
  // Each third commit of a storage.
  const Create create = [] {
    TestStorage::Calls calls;
    calls.commit =
        [commits = 0](
            Storage& memory,
            const WriteBatch& batch) mutable -> absl::StatusOr<CommitResult> {
      if (++commits % 3 == 0) return CommitResult::kConflict;
      return memory.Commit(batch);
    };
    return std::make_unique<TestStorage>(calls);
  };
  const StorageInterleavedReport report =
      CheckStorageInterleaved(create, Seeded(1));
  EXPECT_THAT(
      report.text,
      HasSubstr("`Commit` answered kConflict to client 0, though no other "
                "commit has written its records since it read them"));
  EXPECT_LE(report.history.size(), 3u) << report.text;
}

TEST(CheckStorageInterleaved, ADamagedRecordIsNamed) {
  TestStorage::Calls calls;
  calls.commit = [](Storage& memory, WriteBatch batch) {
    for (Mutation& mutation : batch.mutations) {
      if (mutation.value.has_value()) *mutation.value += '\x07';
    }
    return memory.Commit(batch);
  };
  const StorageInterleavedReport report =
      CheckStorageInterleaved(TestStorage::Maker(calls), Seeded(1));
  EXPECT_THAT(report.text, HasSubstr("a record that the storage returned is "
                                     "none that was written"));
  EXPECT_THAT(report.text, HasSubstr("Begin with S"));
  EXPECT_LE(report.history.size(), 2u) << report.text;
}

// ---- The cause

TEST(CheckStorageInterleaved, TheBrokenClauseIsNamedFirst) {
  EXPECT_THAT(
      Rest(CheckStorageInterleaved(Planted("FirstWriteStays"), Seeded(1)).text),
      StartsWith("Begin with S1, which WhatTheLastMutationLeft of "
                 "StorageConformance breaks: \"`Read` answers one "
                 "element per key"));
  // A clause that is not kept on purpose is nothing to begin with.
  StorageUnderTest target = Planted("FirstWriteStays");
  for (int clause = 1; clause <= 19; ++clause) {
    target.deviations.push_back({clause, "on purpose"});
  }
  EXPECT_THAT(Rest(CheckStorageInterleaved(target, Seeded(1)).text),
              StartsWith("StorageConformance finds no broken clause on one "
                         "thread, so look at the order of the steps.\n"));
}

// ---- Bounds

TEST(CheckStorageInterleaved, TheBoundOfRunsIsKept) {
  int made = 0;
  const Create create = [&made] {
    ++made;
    return Memory();
  };
  StorageInterleavedOptions options = Seeded(1);
  options.runs = 17;
  EXPECT_EQ(CheckStorageInterleaved(create, options).statistics.runs, 17);
  EXPECT_EQ(made, 17);
  options.runs = 0;
  EXPECT_EQ(CheckStorageInterleaved(create, options).statistics.runs, 1);
  const ScopedEnvironment runs("GLUE_SECURITY_RUNS", "3");
  EXPECT_EQ(CheckStorageInterleaved(create, options).statistics.runs, 3);
}

TEST(CheckStorageInterleaved, NoRunStartsAfterTheTime) {
  FakeClock stopwatch(absl::UnixEpoch());
  const Create create = [&stopwatch] {
    stopwatch.Advance(absl::Seconds(1));
    return Memory();
  };
  StorageInterleavedOptions options = Seeded(1);
  options.shrink.clock = &stopwatch;
  options.time_max = absl::Seconds(5);
  options.runs = 5;
  testing::internal::CaptureStdout();
  EXPECT_EQ(CheckStorageInterleaved(create, options).statistics.runs, 5);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  // Whoever trusts the number of runs has to know that fewer were made.
  options.runs = 2000;
  testing::internal::CaptureStdout();
  const StorageInterleavedReport cut = CheckStorageInterleaved(create, options);
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "CheckStorageInterleaved: 5 of 2000 runs, cut by time_max = 5s\n");
  EXPECT_EQ(cut.statistics.runs, 5);
  EXPECT_EQ(cut.statistics.runs_wanted, 2000);
  options.time_max = absl::ZeroDuration();
  EXPECT_EQ(CheckStorageInterleaved(create, options).statistics.runs, 1);
}

TEST(CheckStorageInterleaved, TheBoundOfShrinkingIsKept) {
  int made = 0;
  const Create create = [&made, careless = Careless()] {
    ++made;
    return careless();
  };
  StorageInterleavedOptions options = Seeded(7);
  CheckStorageInterleaved(create, options);
  const int in_full = made;
  made = 0;
  options.shrink.runs_max = 5;
  const StorageInterleavedReport report =
      CheckStorageInterleaved(create, options);
  EXPECT_FALSE(report.ok());
  EXPECT_LT(made, in_full);
}

TEST(CheckStorageInterleaved, ClientsAndCallsAreBounded) {
  StorageInterleavedOptions options = Seeded(1);
  options.clients = 1;
  options.calls_per_client = 2;
  options.runs = 20;
  const StorageInterleavedReport one = CheckStorageInterleaved(Memory, options);
  EXPECT_TRUE(one.ok()) << one.text;
  EXPECT_LE(one.statistics.calls, 40);
  EXPECT_EQ(one.statistics.overlapping, 0);
  options.clients = 0;
  options.calls_per_client = -1;
  EXPECT_EQ(CheckStorageInterleaved(Memory, options).statistics.calls, 20);
}

// ---- The clock

// Notes the times of the clock at each commit.
Create Noting(Clock* clock, std::set<absl::Time>* times) {
  TestStorage::Calls calls;
  calls.commit = [clock, times](Storage& memory, const WriteBatch& batch) {
    times->insert(clock->Now());
    return memory.Commit(batch);
  };
  return TestStorage::Maker(calls);
}

TEST(CheckStorageInterleaved, TheClockIsMovedAndSetBack) {
  const absl::Time start = absl::FromUnixSeconds(1'000'000'000);
  FakeClock clock(start);
  std::set<absl::Time> times;
  StorageInterleavedOptions options = Seeded(1);
  options.runs = 50;
  options.clock = &clock;
  const StorageInterleavedReport report =
      CheckStorageInterleaved(Noting(&clock, &times), options);
  EXPECT_TRUE(report.ok()) << report.text;
  EXPECT_EQ(clock.Now(), start);
  EXPECT_LT(*times.begin(), start);
  EXPECT_GT(*times.rbegin(), start);
  EXPECT_LT(*times.rbegin() - *times.begin(), absl::Seconds(1));
}

TEST(CheckStorageInterleaved, AClockThatFollowsTheSystemsIsRefused) {
  FakeClock running;
  int made = 0;
  StorageInterleavedOptions options = Seeded(1);
  options.clock = &running;
  const StorageInterleavedReport report = CheckStorageInterleaved(
      [&made] {
        ++made;
        return Memory();
      },
      options);
  EXPECT_THAT(report.text,
              StartsWith("StorageInterleavedOptions::clock follows the "
                         "system's: the same run would have other times"));
  EXPECT_THAT(report.text, HasSubstr("Give a FakeClock that stands still"));
  EXPECT_EQ(made, 0);
  running.Freeze();
  options.runs = 2;
  EXPECT_TRUE(CheckStorageInterleaved(Memory, options).ok());
}

}  // namespace
}  // namespace glue_security
