// Histories of concurrent clients. The engine's are legal; the checker finds
// the illegal ones of backends and storages with a planted defect.
//
// The seed is printed; GLUE_SECURITY_SEED=N sets it again. Histories of real
// threads still differ from run to run.

#include "glue_security/testing/histories/concurrent_clients.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/backend/fault_rules.h"
#include "glue_security/backend/history.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/state_machine/policy_hasher.h"
#include "glue_security/state_machine/step_types.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/histories/linearizability.h"
#include "glue_security/testing/histories/workload.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

const absl::Time kNow = absl::FromUnixMillis(1'700'000'000'123);

LinearizabilityOptions CheckerOptions() {
  LinearizabilityOptions options;
  options.behavior = LooseOptions().behavior;
  options.limits.security_configurations_max = 2;
  options.fixed_time = kNow;
  options.policy_hash = [](const std::string& text) {
    return PolicyHasher::Default()->Hash(text);
  };
  return options;
}

// An engine in memory with a fixed clock and room for two of the workload's
// three names.
struct World {
  explicit World(const std::function<Storage*(Storage*)>& decorate = nullptr)
      : engine(decorate ? decorate(&memory) : &memory, Options(&clock)) {}

  static EngineOptions Options(Clock* clock) {
    EngineOptions options = LooseOptions();
    options.limits.security_configurations_max = 2;
    options.clock = clock;
    return options;
  }

  FakeClock clock{kNow};
  MemoryStorage memory;
  Engine engine;
};

struct Tally {
  int legal = 0;
  uint64_t calls = 0;
  uint64_t overlapping = 0;  // calls that overlapped another
  uint64_t states = 0;
  double run_seconds = 0;
  double check_seconds = 0;

  void Print(const std::string& what) const {
    std::cout << what << ": " << legal << " legal histories, " << calls
              << " calls, " << overlapping << " of them overlapped another, "
              << states << " states visited; run " << run_seconds
              << " s, checked " << check_seconds << " s\n";
  }
};

uint64_t CountOverlapping(const History& history) {
  uint64_t count = 0;
  for (const HistoryEntry& a : history) {
    count +=
        std::any_of(history.begin(), history.end(),
                    [&](const HistoryEntry& b) {
                      return &a != &b && a.start < b.end && b.start < a.end;
                    })
            ? 1
            : 0;
  }
  return count;
}

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

// Makes a history, judges it and counts it; returns the verdict.
Verdict RunAndJudge(const std::function<History()>& run, Tally* tally,
                    const LinearizabilityOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const History history = run();
  tally->run_seconds += SecondsSince(start);
  const auto middle = std::chrono::steady_clock::now();
  const LinearizabilityResult result = CheckLinearizable(history, options);
  tally->check_seconds += SecondsSince(middle);
  tally->legal += result.verdict == Verdict::kOk ? 1 : 0;
  tally->calls += history.size();
  tally->overlapping += CountOverlapping(history);
  tally->states += result.states;
  if (result.verdict != Verdict::kOk) {
    std::cout << result.explanation;
  }
  return result.verdict;
}

// ---------------------------------------------------------------------------
// The engine

TEST(ConcurrentClientsTest, HistoriesOfTheEngineOnRealThreadsAreLegal) {
  const int histories = IsShortRun() ? 500 : 10'000;
  Tally tally;
  ConcurrentClientsOptions options;
  ASSERT_EQ(options.clients, 4);
  ASSERT_EQ(options.calls_per_client, 8);
  for (int n = 0; n < histories; ++n) {
    options.seed = RunSeed() + static_cast<uint64_t>(n);
    World world;
    ASSERT_EQ(
        RunAndJudge([&] { return RunConcurrently(&world.engine, options); },
                    &tally, CheckerOptions()),
        Verdict::kOk)
        << "seed " << options.seed;
  }
  tally.Print("engine, real threads");
  EXPECT_EQ(tally.legal, histories);
  EXPECT_EQ(tally.calls, static_cast<uint64_t>(histories) * 4 * 8);
}

// Returns one history of the core over a storage.
History Interleave(uint64_t seed, Storage* storage,
                   const Behavior& behavior = Behavior::Documented()) {
  CoreOptions core;
  core.behavior = Loose(behavior);
  core.limits.security_configurations_max = 2;
  FakeClock clock(kNow);
  SeededChoices choices(seed);
  ConcurrentClientsOptions options;
  options.generator = SmallWorkloadFor(behavior);
  return RunInterleaved(storage, core, &clock, choices, options);
}

TEST(ConcurrentClientsTest, InterleavedHistoriesOfTheCoreAreLegal) {
  const int histories = IsShortRun() ? 500 : 10'000;
  Tally tally;
  for (int n = 0; n < histories; ++n) {
    const uint64_t seed = RunSeed() + static_cast<uint64_t>(n);
    MemoryStorage memory;
    ASSERT_EQ(RunAndJudge([&] { return Interleave(seed, &memory); }, &tally,
                          CheckerOptions()),
              Verdict::kOk)
        << "seed " << seed;
  }
  tally.Print("core, interleaved");
  EXPECT_EQ(tally.legal, histories);
  EXPECT_GE(tally.overlapping, tally.calls * 9 / 10);
}

TEST(ConcurrentClientsTest, InterleavedHistoriesOfEveryPresetAreLegal) {
  const int histories = IsShortRun() ? 100 : 2'000;
  for (const Behavior& behavior : {Behavior::Observed(), Behavior::Current()}) {
    LinearizabilityOptions options = CheckerOptions();
    options.behavior = Loose(behavior);
    Tally tally;
    for (int n = 0; n < histories; ++n) {
      const uint64_t seed = RunSeed() + static_cast<uint64_t>(n);
      MemoryStorage memory;
      ASSERT_EQ(RunAndJudge([&] { return Interleave(seed, &memory, behavior); },
                            &tally, options),
                Verdict::kOk)
          << "seed " << seed;
    }
    EXPECT_EQ(tally.legal, histories);
  }
}

TEST(ConcurrentClientsTest, AnInterleavedHistoryFollowsFromItsChoices) {
  MemoryStorage first;
  MemoryStorage second;
  const auto in_full = [](const History& history) {
    std::string text = FormatHistory(history);
    for (const HistoryEntry& entry : history) {
      text += entry.request.ShortDebugString();
      text += entry.response->ShortDebugString();
    }
    return text;
  };
  EXPECT_EQ(in_full(Interleave(RunSeed(), &first)),
            in_full(Interleave(RunSeed(), &second)));
}

TEST(ConcurrentClientsDeathTest, AnInterleavedRunOnTheSystemsClockIsRefused) {
  const auto run_on = [](Clock* clock) {
    MemoryStorage memory;
    SeededChoices choices(1);
    RunInterleaved(&memory, CoreOptions(), clock, choices,
                   ConcurrentClientsOptions());
  };
  EXPECT_DEATH(run_on(Clock::System()),
               "the clock of RunInterleaved is the system's: .* Give a "
               "FakeClock that stands still until it is moved");
  FakeClock running;
  EXPECT_DEATH(run_on(&running),
               "the clock of RunInterleaved follows the system's: ");
}

// ---------------------------------------------------------------------------
// The engine, when answers get lost

// A storage that refuses some commits and does not know the outcome of others.
class LossyStorage : public ForwardingStorage {
 public:
  LossyStorage(Storage* base, uint64_t seed)
      : ForwardingStorage(base), choices_(seed) {}

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    if (choices_.OneIn(20)) return absl::UnavailableError("read");
    return ForwardingStorage::Read(read_set);
  }
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override {
    if (choices_.OneIn(20)) return absl::UnavailableError("visit");
    return ForwardingStorage::VisitRecord(catalog, key, visitor);
  }
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    switch (choices_.Below(8)) {
      case 0:
        return absl::UnavailableError("not applied");
      case 1:
        return absl::DeadlineExceededError("not applied, but nobody knows");
      case 2:
        (void)ForwardingStorage::Commit(batch);
        return absl::DeadlineExceededError("perhaps applied");
      default:
        return ForwardingStorage::Commit(batch);
    }
  }

 private:
  SeededChoices choices_;
};

TEST(ConcurrentClientsTest, HistoriesOfTheCoreOverALossyStorageAreLegal) {
  const int histories = IsShortRun() ? 200 : 3'000;
  Tally tally;
  int open = 0;
  for (int n = 0; n < histories; ++n) {
    const uint64_t seed = RunSeed() + static_cast<uint64_t>(n);
    MemoryStorage memory;
    LossyStorage lossy(&memory, seed);
    ASSERT_EQ(RunAndJudge(
                  [&] {
                    History history = Interleave(seed, &lossy);
                    for (const HistoryEntry& entry : history) {
                      open += IsUnknown(entry) ? 1 : 0;
                    }
                    return history;
                  },
                  &tally, CheckerOptions()),
              Verdict::kOk)
        << "seed " << seed;
  }
  tally.Print("core over a lossy storage");
  std::cout << open << " calls with open outcome\n";
  EXPECT_GE(open, histories / 10);
}

FaultRule LoseAnswers(uint64_t every) {
  FaultRule rule;
  rule.fault = FaultRule::Fault::kLoseAnswer;
  rule.every = every;
  rule.count = FaultRule::kForever;
  return rule;
}

TEST(ConcurrentClientsTest, HistoriesOfAnEngineUnderFaultRulesAreLegal) {
  const int histories = IsShortRun() ? 100 : 1'000;
  Tally tally;
  ConcurrentClientsOptions options;
  for (int n = 0; n < histories; ++n) {
    options.seed = RunSeed() + static_cast<uint64_t>(n);
    World world;
    FaultRules faults(&world.engine);
    ASSERT_TRUE(faults.Add(LoseAnswers(5)).ok());
    FaultRule lost = LoseAnswers(7);
    lost.fault = FaultRule::Fault::kLoseRequest;
    ASSERT_TRUE(faults.Add(lost).ok());
    FaultRule error = LoseAnswers(6);
    error.fault = FaultRule::Fault::kError;
    ASSERT_TRUE(faults.Add(error).ok());
    ASSERT_EQ(RunAndJudge([&] { return RunConcurrently(&faults, options); },
                          &tally, CheckerOptions()),
              Verdict::kOk)
        << "seed " << options.seed;
  }
  tally.Print("engine under fault rules, real threads");
}

// ---------------------------------------------------------------------------
// Planted defects; each must be found within this many histories

constexpr int kHistoriesMax = 2000;

// Returns how many histories were needed, the illegal one included.
int HistoriesUntilFound(const std::function<History(uint64_t)>& run) {
  for (int n = 1; n <= kHistoriesMax; ++n) {
    const History history = run(RunSeed() + static_cast<uint64_t>(n));
    const LinearizabilityResult result =
        CheckLinearizable(history, CheckerOptions());
    EXPECT_NE(result.verdict, Verdict::kUnknown);
    if (result.verdict != Verdict::kIllegal) continue;
    EXPECT_FALSE(result.violation->orders.empty());
    std::cout << "found in history " << n << "\n" << result.explanation;
    return n;
  }
  return kHistoriesMax + 1;
}

// Commits regardless of the preconditions.
class CarelessStorage : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    WriteBatch forced = batch;
    forced.preconditions.clear();
    return ForwardingStorage::Commit(forced);
  }
};

TEST(ConcurrentClientsTest, AStorageWithoutPreconditionsIsFound) {
  EXPECT_LE(HistoriesUntilFound([](uint64_t seed) {
              MemoryStorage memory;
              CarelessStorage careless(&memory);
              return Interleave(seed, &careless);
            }),
            200);
}

// Sometimes shows an old state, either to readers that get copies or to readers
// that get borrowed records.
class StaleStorage : public ForwardingStorage {
 public:
  StaleStorage(MemoryStorage* base, uint64_t seed, bool lends)
      : ForwardingStorage(base),
        memory_(*base),
        lends_(lends),
        choices_(seed) {}

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    absl::StatusOr<Snapshot> now = ForwardingStorage::Read(read_set);
    if (lends_ || !IsStale()) return now;
    absl::StatusOr<Snapshot> before = old_->Read(read_set);
    before->branch = now->branch;
    return before;
  }

  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override {
    if (!lends_) return absl::UnimplementedError("");
    if (!IsStale()) {
      return ForwardingStorage::VisitRecord(catalog, key, visitor);
    }
    const BranchId now = memory_.Read({catalog, {}, {}})->branch;
    return old_->VisitRecord(
        catalog, key,
        [&](BranchId, const RecordView* record) { visitor(now, record); });
  }

 private:
  bool IsStale() {
    if (old_ == nullptr || choices_.OneIn(10)) old_ = memory_.Fork();
    return choices_.OneIn(5);
  }

  MemoryStorage& memory_;
  const bool lends_;
  std::unique_ptr<MemoryStorage> old_;
  SeededChoices choices_;
};

TEST(ConcurrentClientsTest, AStorageWithStaleReadsOrVisitsIsFound) {
  for (const bool lends : {false, true}) {
    EXPECT_LE(HistoriesUntilFound([&](uint64_t seed) {
                MemoryStorage memory;
                StaleStorage stale(&memory, seed, lends);
                return Interleave(seed, &stale);
              }),
              200)
        << lends;
  }
}

// Applies some batches a second time when the next one comes, regardless of the
// changes since.
class RepeatingStorage : public ForwardingStorage {
 public:
  RepeatingStorage(Storage* base, uint64_t seed)
      : ForwardingStorage(base), choices_(seed) {}

  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    if (late_.has_value()) {
      late_->preconditions.clear();
      (void)ForwardingStorage::Commit(*std::move(late_));
      late_.reset();
    }
    if (choices_.OneIn(6)) late_ = batch;
    return ForwardingStorage::Commit(batch);
  }

 private:
  SeededChoices choices_;
  std::optional<WriteBatch> late_;
};

TEST(ConcurrentClientsTest, AWriteThatIsAppliedTwiceIsFound) {
  EXPECT_LE(HistoriesUntilFound([](uint64_t seed) {
              MemoryStorage memory;
              RepeatingStorage repeating(&memory, seed);
              return Interleave(seed, &repeating);
            }),
            200);
}

// The base class of a backend with a defect.
class Wrapped : public Backend {
 public:
  explicit Wrapped(Backend* base) : base_(*base) {}

 protected:
  // Returns the policy's hash, if there is a policy.
  std::optional<std::string> CurrentHash(const Caller& caller) {
    v1::Request get;
    get.mutable_get_resource_policy();
    const v1::Response response = base_.Execute(caller, get);
    if (response.has_error()) return std::nullopt;
    return response.get_resource_policy().policy_hash();
  }

  Backend& base_;
};

// Checks the hash condition itself, then writes without it.
class CheckThenAct : public Wrapped {
 public:
  using Wrapped::Wrapped;
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    if (!request.put_resource_policy().has_policy_hash_condition()) {
      std::this_thread::yield();
      return base_.Execute(caller, request);
    }
    v1::Request put = request;
    put.mutable_put_resource_policy()->clear_policy_hash_condition();
    if (CurrentHash(caller) !=
        request.put_resource_policy().policy_hash_condition()) {
      return base_.Execute(caller, request);  // Says why not.
    }
    for (int n = 0; n < 20; ++n) std::this_thread::yield();
    return base_.Execute(caller, put);
  }
};

History RunOn(uint64_t seed, Backend* backend) {
  ConcurrentClientsOptions options;
  options.seed = seed;
  return RunConcurrently(backend, options);
}

TEST(ConcurrentClientsTest,
     ABackendThatChecksAndThenWritesIsFoundOnRealThreads) {
  EXPECT_LE(HistoriesUntilFound([](uint64_t seed) {
              World world;
              CheckThenAct racy(&world.engine);
              return RunOn(seed, &racy);
            }),
            kHistoriesMax);
}

// Calls again when an answer is lost, and trusts the second answer.
class BlindRetry : public Wrapped {
 public:
  using Wrapped::Wrapped;
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    v1::Response response;
    for (int attempt = 0; attempt < 5; ++attempt) {
      response = base_.Execute(caller, request);
      if (response.error().code() != v1::ERROR_CODE_OPERATION_TIMEOUT) break;
    }
    return response;
  }
};

TEST(ConcurrentClientsTest, ARetryThatForgetsTheFirstAttemptIsFound) {
  EXPECT_LE(HistoriesUntilFound([](uint64_t seed) {
              World world;
              FaultRules faults(&world.engine);
              EXPECT_TRUE(faults.Add(LoseAnswers(4)).ok());
              BlindRetry retry(&faults);
              return RunOn(seed, &retry);
            }),
            200);
}

// Makes one page from several reads.
class TornPages : public Wrapped {
 public:
  using Wrapped::Wrapped;
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    if (!request.has_get_security_configurations() ||
        request.get_security_configurations().has_max_results()) {
      std::this_thread::yield();
      return base_.Execute(caller, request);
    }
    v1::Request one = request;
    v1::Response all;
    auto& page = *all.mutable_get_security_configurations();
    do {
      one.mutable_get_security_configurations()->set_max_results(1);
      const v1::Response next = base_.Execute(caller, one);
      if (next.has_error()) return next;
      page.MergeFrom(next.get_security_configurations());
      one.mutable_get_security_configurations()->set_next_token(
          next.get_security_configurations().next_token());
      for (int n = 0; n < 20; ++n) std::this_thread::yield();
    } while (!one.get_security_configurations().next_token().empty());
    page.clear_next_token();
    return all;
  }
};

TEST(ConcurrentClientsTest, APageThatIsNotOneInstantIsFoundOnRealThreads) {
  EXPECT_LE(
      HistoriesUntilFound([](uint64_t seed) {
        World world;
        TornPages torn(&world.engine);
        ConcurrentClientsOptions options;
        options.seed = seed;
        // Only calls for configurations are made.
        options.generator = [](ChoiceSource& choices,
                               const ClientKnowledge& known) {
          while (true) {
            Call call = SmallWorkload(choices, known);
            if (GetOperationInfo(call.request.operation_case()).resource() ==
                v1::RESOURCE_SECURITY_CONFIGURATION) {
              return call;
            }
          }
        };
        return RunConcurrently(&torn, options);
      }),
      kHistoriesMax);
}

// Caches settings and does not notice later puts.
class StaleCache : public Wrapped {
 public:
  using Wrapped::Wrapped;
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    if (!request.has_get_data_catalog_encryption_settings()) {
      return base_.Execute(caller, request);
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!cached_.has_value()) cached_ = base_.Execute(caller, request);
    return *cached_;
  }

 private:
  std::mutex mutex_;
  std::optional<v1::Response> cached_;
};

TEST(ConcurrentClientsTest, ACacheThatIsNeverEmptiedIsFound) {
  EXPECT_LE(HistoriesUntilFound([](uint64_t seed) {
              World world;
              StaleCache cache(&world.engine);
              return RunOn(seed, &cache);
            }),
            50);
}

// ---------------------------------------------------------------------------
// The workload

TEST(WorkloadTest, TheSmallWorkloadCallsAllOperationsAndUsesWhatItLearned) {
  for (const Behavior& behavior :
       {Behavior::Documented(), Behavior::Current()}) {
    std::array<int, kOperationNumberEnd> calls = {};
    int hashes = 0;
    int tokens = 0;
    for (uint64_t seed = 0; seed < 600; ++seed) {
      MemoryStorage storage;
      for (const HistoryEntry& entry : Interleave(seed, &storage, behavior)) {
        const v1::Request& request = entry.request;
        ++calls[static_cast<size_t>(request.operation_case())];
        hashes +=
            request.put_resource_policy().has_policy_hash_condition() ? 1 : 0;
        tokens += request.get_security_configurations().has_next_token() ||
                          request.get_connections().has_next_token()
                      ? 1
                      : 0;
      }
    }
    EXPECT_EQ(calls[0], 0);
    for (const Operation operation : kAllOperations) {
      const bool in_force = behavior.api_date == kNewestApiDate ||
                            GetOperationInfo(operation).since().empty();
      const int count = calls[static_cast<size_t>(operation)];
      EXPECT_EQ(count >= 200, in_force) << OperationName(operation);
      EXPECT_EQ(count > 0, in_force) << OperationName(operation);
    }
    EXPECT_GE(hashes, 80);
    EXPECT_GE(tokens, 5);
  }
}

TEST(WorkloadTest, TheSmallWorkloadIsTheOneOfTheContract) {
  const CallGenerator documented = SmallWorkloadFor(Behavior::Documented());
  ClientKnowledge known;
  known.policy_hashes = {"h", "i"};
  known.page_tokens = {"t"};
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SeededChoices choices(seed);
    SeededChoices same_choices(seed);
    for (int n = 0; n < 8; ++n) {
      EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
          SmallWorkload(choices, known).request,
          documented(same_choices, known).request));
    }
  }
}

TEST(WorkloadTest, AClientLearnsTheHashesOfAList) {
  ClientKnowledge known;
  v1::Response response;
  response.mutable_get_resource_policies();
  known.Learn(response);
  EXPECT_TRUE(known.policy_hashes.empty());
  response.mutable_get_resource_policies()->add_policies()->set_policy_hash(
      "h");
  known.Learn(response);
  EXPECT_EQ(known.policy_hashes, std::vector<std::string>{"h"});
}

}  // namespace
}  // namespace glue_security
