#include "glue_security/storage/fault_injecting_storage.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage/copying_storage.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;

const CatalogKey kCatalog{"123456789012", "us-east-1"};
const RecordKey kKey{RecordKind::kResourcePolicy, ""};
const ReadSet kReadSet{kCatalog, {kKey}, {}};

class FaultInjectingStorageTest : public ::testing::Test {
 protected:
  // Returns the record in memory, bypassing the storage under test.
  std::optional<std::string> Stored() {
    const auto snapshot = memory_.Read(kReadSet);
    if (!snapshot->records[0].has_value()) return std::nullopt;
    return snapshot->records[0]->value;
  }

  // Returns a batch without preconditions.
  WriteBatch Batch(const std::string& value) {
    return {kCatalog, memory_.Read(kReadSet)->branch, {}, {{kKey, value}}};
  }
  // Returns a batch with the precondition that the record is unchanged.
  WriteBatch Guarded(const std::string& value) {
    WriteBatch batch = Batch(value);
    const auto snapshot = memory_.Read(kReadSet);
    std::optional<Revision> revision;
    if (snapshot->records[0].has_value()) {
      revision = snapshot->records[0]->revision;
    }
    batch.preconditions.push_back({kKey, revision});
    return batch;
  }

  // Returns "committed", "conflict", or the name of the status.
  std::string Commit(const WriteBatch& batch) {
    const auto result = storage_.Commit(batch);
    if (!result.ok()) return absl::StatusCodeToString(result.status().code());
    return *result == CommitResult::kCommitted ? "committed" : "conflict";
  }
  std::string Read() {
    return absl::StatusCodeToString(storage_.Read(kReadSet).status().code());
  }
  std::string Visit() {
    int calls = 0;
    const absl::Status status = storage_.VisitRecord(
        kCatalog, kKey, [&](BranchId, const RecordView*) { ++calls; });
    EXPECT_EQ(calls, status.ok() ? 1 : 0);
    return absl::StatusCodeToString(status.code());
  }

  FakeClock clock_{absl::UnixEpoch()};
  MemoryStorage memory_;
  FaultInjectingStorage storage_{
      &memory_, [this](absl::Duration d) { clock_.Advance(d); }};
};

TEST_F(FaultInjectingStorageTest, WithoutRules_ForwardsAndCounts) {
  EXPECT_EQ(storage_.base(), &memory_);
  EXPECT_EQ(storage_.durability(), memory_.durability());
  EXPECT_EQ(Commit(Guarded("one")), "committed");
  WriteBatch stale = Batch("two");
  stale.preconditions.push_back({kKey, std::nullopt});
  EXPECT_EQ(Commit(stale), "conflict");
  EXPECT_EQ(Read(), "OK");
  EXPECT_EQ(Read(), "OK");
  EXPECT_EQ(Visit(), "OK");
  EXPECT_EQ(Stored(), "one");
  const StorageCounts counts = storage_.counts();
  EXPECT_EQ(counts.reads, 3u);
  EXPECT_EQ(counts.commits, 2u);
  EXPECT_EQ(counts.failed, 0u);
  EXPECT_EQ(counts.committed, 1u);
  EXPECT_EQ(counts.conflicts, 1u);
  EXPECT_EQ(counts.committed_late, 0u);
}

TEST_F(FaultInjectingStorageTest, FailBefore_AppliesNothing) {
  for (const auto& status :
       {absl::UnavailableError("x"), absl::DeadlineExceededError("x"),
        absl::DataLossError("x")}) {
    storage_.ClearRules();
    storage_.Add({std::nullopt, 1, 1, StorageFault::FailBefore(status)});
    EXPECT_EQ(storage_.Commit(Batch("one")).status(), status);
    EXPECT_EQ(storage_.Read(kReadSet).status(), status);
    EXPECT_EQ(storage_.VisitRecord(kCatalog, kKey,
                                   [](BranchId, const RecordView*) { FAIL(); }),
              status);
    EXPECT_EQ(Stored(), std::nullopt);
  }
  EXPECT_EQ(storage_.counts().failed, 9u);
  EXPECT_EQ(storage_.counts().committed, 0u);
  EXPECT_EQ(storage_.DeliverLate(), 0u);
}

// Counts the calls that reach the storage below.
class CountingStorage : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    ++reads;
    return ForwardingStorage::Read(read_set);
  }
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override {
    ++visits;
    return ForwardingStorage::VisitRecord(catalog, key, visitor);
  }
  int reads = 0;
  int visits = 0;
};

TEST_F(FaultInjectingStorageTest, FailAfter_AppliesAndLosesTheAnswer) {
  CountingStorage counting(&memory_);
  FaultInjectingStorage storage(&counting);
  const absl::Status lost = absl::UnknownError("lost");
  storage.Add({std::nullopt, 1, 1, StorageFault::FailAfter(lost)});
  EXPECT_EQ(storage.Commit(Batch("one")).status(), lost);
  EXPECT_EQ(Stored(), "one");
  EXPECT_EQ(storage.Read(kReadSet).status(), lost);
  EXPECT_EQ(counting.reads, 1);
  // An error means that the visitor was not called.
  EXPECT_EQ(storage.VisitRecord(kCatalog, kKey,
                                [](BranchId, const RecordView*) { FAIL(); }),
            lost);
  EXPECT_EQ(counting.visits, 1);
  EXPECT_EQ(storage.counts().committed, 1u);
  EXPECT_EQ(storage.counts().failed, 3u);
}

// A visit counts as one call and shows the records, whether the storage below
// lends records or not.
TEST_F(FaultInjectingStorageTest, Visit_OverAStorageThatLendsNothing_IsACopy) {
  CountingStorage counting(&memory_);
  CopyingStorage copying(&counting);
  FaultInjectingStorage storage(&copying);
  storage.Add({StorageCall::kRead, 2, 0,
               StorageFault::FailBefore(absl::UnavailableError("busy"))});
  std::vector<std::string> shown;
  const auto visit = [&] {
    return storage.VisitRecord(
        kCatalog, kKey, [&](BranchId branch, const RecordView* record) {
          EXPECT_EQ(branch, memory_.Read(kReadSet)->branch);
          shown.push_back(record == nullptr ? "none"
                                            : std::string(record->value));
          if (record == nullptr) return;
          EXPECT_EQ(record->revision,
                    memory_.Read(kReadSet)->records[0]->revision);
        });
  };
  EXPECT_EQ(visit(), absl::OkStatus());
  EXPECT_EQ(visit(), absl::UnavailableError("busy"));
  EXPECT_EQ(Commit(Batch("one")), "committed");
  EXPECT_EQ(visit(), absl::OkStatus());
  EXPECT_THAT(shown, ElementsAre("none", "one"));
  EXPECT_EQ(storage.counts().reads, 3u);
  EXPECT_EQ(counting.reads, 2);
}

// The storage below gets exactly the calls that were made above.
TEST_F(FaultInjectingStorageTest, OneFaultBeneath_MeetsTheFirstVisit) {
  for (const bool lends : {true, false}) {
    CopyingStorage copying(&memory_);
    FaultInjectingStorage beneath(lends ? static_cast<Storage*>(&memory_)
                                        : &copying);
    FaultInjectingStorage storage(&beneath);
    const absl::Status busy = absl::UnavailableError("busy");
    beneath.Add({StorageCall::kRead, 1, 0, StorageFault::FailBefore(busy)});
    const auto visit = [&] {
      return storage.VisitRecord(kCatalog, kKey,
                                 [](BranchId, const RecordView*) {});
    };
    EXPECT_EQ(visit(), busy);
    EXPECT_EQ(visit(), absl::OkStatus());
    EXPECT_EQ(beneath.counts().reads, 2u);
    EXPECT_EQ(storage.counts().reads, 2u);
  }
}

// A hook after a visit runs once the visitor has returned.
TEST_F(FaultInjectingStorageTest, HooksOfAVisit_StandAroundTheVisitor) {
  std::vector<std::string> events;
  const auto note = [&](const char* event) {
    return [&events, event] { events.emplace_back(event); };
  };
  storage_.Add(
      {StorageCall::kRead, 1, 1, StorageFault::RunBefore(note("before"))});
  storage_.Add(
      {StorageCall::kRead, 1, 1, StorageFault::RunAfter(note("after"))});
  EXPECT_EQ(storage_.VisitRecord(kCatalog, kKey,
                                 [&](BranchId, const RecordView*) {
                                   events.emplace_back("visitor");
                                 }),
            absl::OkStatus());
  EXPECT_THAT(events, ElementsAre("before", "visitor", "after"));
}

TEST_F(FaultInjectingStorageTest, Conflict_AppliesNothingAndLeavesReadsAlone) {
  storage_.Add({std::nullopt, 1, 1, StorageFault::Conflict()});
  EXPECT_EQ(Commit(Guarded("one")), "conflict");
  EXPECT_EQ(Read(), "OK");
  EXPECT_EQ(Visit(), "OK");
  EXPECT_EQ(Stored(), std::nullopt);
  EXPECT_EQ(storage_.counts().failed, 1u);
  EXPECT_EQ(storage_.counts().conflicts, 0u);
}

TEST_F(FaultInjectingStorageTest, Rules_CountTheCallsOfTheirKindFromWhenAdded) {
  EXPECT_EQ(Read(), "OK");
  const auto refuse = StorageFault::FailBefore(absl::UnavailableError("x"));
  storage_.Add({StorageCall::kRead, 2, 3, refuse});
  std::vector<std::string> answers;
  for (int i = 0; i < 8; ++i) {
    answers.push_back(i % 2 == 0 ? Read() : Visit());
    EXPECT_EQ(Commit(Batch("x")), "committed");  // not counted
  }
  EXPECT_THAT(answers, ElementsAre("OK", "UNAVAILABLE", "OK", "OK",
                                   "UNAVAILABLE", "OK", "OK", "UNAVAILABLE"));

  storage_.ClearRules();
  storage_.Add({std::nullopt, 3, 0, refuse});
  EXPECT_EQ(Read(), "OK");
  EXPECT_EQ(Visit(), "OK");
  EXPECT_EQ(Commit(Batch("x")), "UNAVAILABLE");
  EXPECT_EQ(Commit(Batch("x")), "committed");
}

TEST_F(FaultInjectingStorageTest, AddCommits_GivesEachCommitItsOwnFault) {
  storage_.AddCommits({StorageFault::None(),
                       StorageFault::FailBefore(absl::UnavailableError("x")),
                       StorageFault::Conflict(),
                       StorageFault::FailAfter(absl::UnknownError("x"))});
  EXPECT_EQ(Commit(Batch("1")), "committed");
  EXPECT_EQ(Commit(Batch("2")), "UNAVAILABLE");
  EXPECT_EQ(Read(), "OK");
  EXPECT_EQ(Commit(Batch("3")), "conflict");
  EXPECT_EQ(Stored(), "1");
  EXPECT_EQ(Commit(Batch("4")), "UNKNOWN");
  EXPECT_EQ(Stored(), "4");
  EXPECT_EQ(Commit(Batch("5")), "committed");
}

// The hooks and pauses of all matching rules run; of their fates, the first one
// that changes the call applies.
TEST_F(FaultInjectingStorageTest, SeveralRules_OneFateAndAllHooksInOrder) {
  std::vector<std::string> events;
  const auto note = [&](std::string event) {
    return [&, event] {
      events.push_back(absl::StrCat(event, " at ",
                                    absl::ToUnixSeconds(clock_.Now()), ", ",
                                    Stored().value_or("none")));
    };
  };
  const auto add = [&](StorageFault fault) {
    storage_.Add({StorageCall::kCommit, 1, 1, std::move(fault)});
  };
  add(StorageFault::RunAfter(note("after")));
  add(StorageFault::DelayBefore(absl::Seconds(5)));
  add(StorageFault::FailAfter(absl::UnknownError("first")));
  add(StorageFault::FailBefore(absl::UnavailableError("second")));
  add(StorageFault::RunBefore(note("before")));
  add(StorageFault::DelayAfter(absl::Seconds(2)));
  add(StorageFault::RunAfter(note("later")));
  EXPECT_EQ(storage_.Commit(Batch("one")).status(),
            absl::UnknownError("first"));
  EXPECT_THAT(events, ElementsAre("before at 5, none", "after at 5, one",
                                  "later at 7, one"));
}

// The examples in docs/testing_kit/storage.md.
TEST(FaultInjectingStorage, ExamplesOfThePage) {
  // [rules]
  MemoryStorage memory;
  FaultInjectingStorage storage(&memory);
  // The second commit is applied, and its answer is lost.
  storage.Add({StorageCall::kCommit, /*first=*/2, /*every=*/0,
               StorageFault::FailAfter(absl::UnknownError("lost"))});
  // The third call, and each fifth one from there on, is refused.
  storage.Add({std::nullopt, 3, 5,
               StorageFault::FailBefore(absl::UnavailableError("busy"))});
  // [rules end]

  const WriteBatch first{
      kCatalog, memory.Read(kReadSet)->branch, {}, {{kKey, "first"}}};
  std::vector<absl::StatusCode> codes;
  for (int i = 0; i < 9; ++i) {
    codes.push_back(storage.Commit(first).status().code());
  }
  EXPECT_THAT(codes,
              ElementsAre(absl::StatusCode::kOk, absl::StatusCode::kUnknown,
                          absl::StatusCode::kUnavailable, absl::StatusCode::kOk,
                          absl::StatusCode::kOk, absl::StatusCode::kOk,
                          absl::StatusCode::kOk, absl::StatusCode::kUnavailable,
                          absl::StatusCode::kOk));

  storage.ClearRules();
  WriteBatch batch = first;
  batch.preconditions = {{kKey, memory.Read(kReadSet)->records[0]->revision}};
  // [late]
  storage.AddCommits(
      {StorageFault::ApplyLate(absl::DeadlineExceededError("under way"))});
  EXPECT_EQ(storage.Commit(batch).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(storage.Commit(batch).value(), CommitResult::kCommitted);
  // The first arrives. It finds that its preconditions hold no longer.
  EXPECT_EQ(storage.DeliverLate(), 0u);
  // [late end]
}

// ---- Applied late

TEST_F(FaultInjectingStorageTest, ApplyLate_OnDemand_AppliesOnce) {
  const absl::Status late = absl::DeadlineExceededError("under way");
  storage_.AddCommits({StorageFault::ApplyLate(late)});
  EXPECT_EQ(storage_.Commit(Guarded("one")).status(), late);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Read(), "OK");
  EXPECT_EQ(Stored(), std::nullopt);
  EXPECT_EQ(storage_.held_back(), 1u);
  EXPECT_EQ(storage_.DeliverLate(), 1u);
  EXPECT_EQ(Stored(), "one");
  EXPECT_EQ(storage_.held_back(), 0u);
  EXPECT_EQ(storage_.DeliverLate(), 0u);
  EXPECT_EQ(storage_.counts().committed, 1u);
  EXPECT_EQ(storage_.counts().committed_late, 1u);
}

TEST_F(FaultInjectingStorageTest, ApplyLate_OnlyWhilePreconditionsHold) {
  storage_.AddCommits(
      {StorageFault::ApplyLate(absl::DeadlineExceededError("x"))});
  const WriteBatch batch = Guarded("one");
  EXPECT_EQ(Commit(batch), "DEADLINE_EXCEEDED");
  EXPECT_EQ(Commit(batch), "committed");
  const Revision revision = memory_.Read(kReadSet)->records[0]->revision;
  EXPECT_EQ(storage_.DeliverLate(), 0u);
  EXPECT_EQ(memory_.Read(kReadSet)->records[0]->revision, revision);
  EXPECT_EQ(storage_.counts().conflicts, 1u);
}

TEST_F(FaultInjectingStorageTest, ApplyLate_JustBeforeALaterCallOfAnyKind) {
  for (size_t calls = 1; calls <= 3; ++calls) {
    storage_.ClearRules();
    const std::string value = absl::StrCat(calls);
    storage_.AddCommits(
        {StorageFault::ApplyLate(absl::DeadlineExceededError("x"), calls)});
    EXPECT_EQ(Commit(Guarded(value)), "DEADLINE_EXCEEDED");
    for (size_t call = 1; call <= calls; ++call) {
      EXPECT_NE(Stored(), value) << call;
      EXPECT_EQ(call % 2 == 0 ? Visit() : Read(), "OK");
    }
    EXPECT_EQ(Stored(), value);
  }
}

// The late commit is visible to the call that it precedes.
TEST_F(FaultInjectingStorageTest, ApplyLate_IsSeenByTheCallItPrecedes) {
  storage_.AddCommits(
      {StorageFault::ApplyLate(absl::DeadlineExceededError("x"), 1)});
  EXPECT_EQ(Commit(Guarded("one")), "DEADLINE_EXCEEDED");
  const auto snapshot = storage_.Read(kReadSet);
  ASSERT_TRUE(snapshot->records[0].has_value());
  EXPECT_EQ(snapshot->records[0]->value, "one");
}

TEST_F(FaultInjectingStorageTest, ApplyLate_OfAReadFailsAndHoldsNothing) {
  storage_.Add({std::nullopt, 1, 1,
                StorageFault::ApplyLate(absl::DeadlineExceededError("x"))});
  EXPECT_EQ(Read(), "DEADLINE_EXCEEDED");
  EXPECT_EQ(Visit(), "DEADLINE_EXCEEDED");
  EXPECT_EQ(storage_.held_back(), 0u);
}

TEST_F(FaultInjectingStorageTest, ApplyLate_ManyArriveInTheirOrder) {
  storage_.Add({StorageCall::kCommit, 1, 1,
                StorageFault::ApplyLate(absl::DeadlineExceededError("x"))});
  for (const char* value : {"1", "2", "3"}) Commit(Batch(value));
  EXPECT_EQ(storage_.DeliverLate(), 3u);
  EXPECT_EQ(Stored(), "3");
}

// ---- Threads

// A hook blocks one call while another is made, which fixes an interleaving.
TEST_F(FaultInjectingStorageTest, RunBefore_BlocksOneCallWhileOthersAreMade) {
  std::mutex mutex;
  std::condition_variable changed;
  bool arrived = false;
  bool go_on = false;
  storage_.Add({StorageCall::kCommit, 1, 0, StorageFault::RunBefore([&] {
                  std::unique_lock<std::mutex> lock(mutex);
                  arrived = true;
                  changed.notify_all();
                  changed.wait(lock, [&] { return go_on; });
                })});
  const WriteBatch slow = Guarded("slow");
  const WriteBatch fast = Guarded("fast");
  std::string answer;
  std::thread thread([&] { answer = Commit(slow); });
  {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return arrived; });
  }
  EXPECT_EQ(Commit(fast), "committed");
  {
    const std::lock_guard<std::mutex> lock(mutex);
    go_on = true;
    changed.notify_all();
  }
  thread.join();
  EXPECT_EQ(answer, "conflict");
  EXPECT_EQ(Stored(), "fast");
}

// A hook may use the storage that it is attached to.
TEST_F(FaultInjectingStorageTest, RunBefore_MayCallTheStorageItself) {
  const WriteBatch slow = Guarded("slow");
  storage_.Add({StorageCall::kCommit, 1, 0, StorageFault::RunBefore([&] {
                  EXPECT_EQ(Commit(Guarded("fast")), "committed");
                  storage_.ClearRules();
                })});
  EXPECT_EQ(Commit(slow), "conflict");
}

// An injected UNIMPLEMENTED must not look like a storage without visits: the
// reader would then fall back to Read, a second call.
TEST_F(FaultInjectingStorageTest, AReader_MeetsTheRulesOnce_WhateverTheStatus) {
  CopyingStorage copying(&memory_);
  for (const bool lends : {true, false}) {
    for (const auto& status :
         {absl::UnavailableError("refused"), absl::UnimplementedError("x")}) {
      FaultInjectingStorage storage(lends ? static_cast<Storage*>(&memory_)
                                          : &copying);
      storage.Add({StorageCall::kRead, 2, 0, StorageFault::FailBefore(status)});
      storage.Add({StorageCall::kRead, 4, 0, StorageFault::FailAfter(status)});
      std::vector<bool> answers;
      for (int i = 0; i < 5; ++i) {
        int shown = 0;
        const absl::Status answer = VisitSnapshot(
            &storage, kReadSet, [&](const SnapshotView&) { ++shown; });
        EXPECT_EQ(shown, answer.ok() ? 1 : 0);
        answers.push_back(answer.ok());
      }
      EXPECT_THAT(answers, ElementsAre(true, false, true, false, true));
      EXPECT_EQ(storage.counts().reads, 5u);
    }
  }
}

TEST_F(FaultInjectingStorageTest, FromManyThreads_EveryCallIsCountedOnce) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 300;
  storage_.Add({StorageCall::kRead, 1, 3,
                StorageFault::FailBefore(absl::UnavailableError("x"))});
  storage_.Add({StorageCall::kCommit, 2, 4,
                StorageFault::ApplyLate(absl::DeadlineExceededError("x"), 3)});
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        storage_.Read(kReadSet).status().IgnoreError();
        storage_.Commit(Batch("v")).status().IgnoreError();
        storage_.VisitRecord(kCatalog, kKey, [](BranchId, const RecordView*) {})
            .IgnoreError();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  storage_.DeliverLate();
  constexpr uint64_t kCalls = kThreads * kRounds;
  const StorageCounts counts = storage_.counts();
  EXPECT_EQ(counts.reads, 2 * kCalls);
  EXPECT_EQ(counts.commits, kCalls);
  EXPECT_EQ(counts.failed, 2 * kCalls / 3 + kCalls / 4);
  EXPECT_EQ(counts.committed, kCalls);
  EXPECT_EQ(counts.committed_late, kCalls / 4);
}

}  // namespace
}  // namespace glue_security
