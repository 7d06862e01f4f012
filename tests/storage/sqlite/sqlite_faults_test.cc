// Every call of the system that an operation of SqliteStorage makes fails once,
// in every way, after every sequence of up to two other operations; every sync
// also in the way of Linux, which forgets what it had to write. Whatever
// happens, the answer says what became of the call, what was acknowledged is
// there after a crash or a loss of power, and the file is sound.
//
// GLUE_SECURITY_FAULTS_EVERY=1 in the environment does all runs; the default
// is one in some. tools/sqlite_exhaustive.sh does so.

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glue_security/storage/sqlite/sqlite_storage.h"
#include "gtest/gtest.h"
#include "tests/storage/sqlite/restarting_sqlite.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

using Fault = FaultVfs::Fault;

const CatalogKey kCatalog{"123456789012", "us-east-1"};

RecordKey Key(const std::string& id) {
  return {RecordKind::kSecurityConfiguration, id};
}

enum class Operation { kOpen, kPut, kPutTwo, kRemove, kRead, kReplace, kClose };
constexpr Operation kOperations[] = {Operation::kOpen,   Operation::kPut,
                                     Operation::kPutTwo, Operation::kRemove,
                                     Operation::kRead,   Operation::kReplace,
                                     Operation::kClose};

constexpr Fault kFaults[] = {Fault::kError,     Fault::kShort,
                             Fault::kFull,      Fault::kLostSync,
                             Fault::kTornCrash, Fault::kCrash};

using Contents = std::map<std::string, std::string>;

// A storage in a system that fails, and what may be in it.
class Machine {
 public:
  Machine() {
    vfs_.TrackPower();
    options_.vfs = vfs_.name();
    options_.read_connections = 1;
    // Some commits are followed by a checkpoint.
    options_.checkpoint_bytes = 16'384;
  }

  FaultVfs& vfs() { return vfs_; }
  const std::string& problem() const { return problem_; }

  void Run(Operation operation) {
    ++step_;
    switch (operation) {
      case Operation::kOpen:
        storage_ = nullptr;
        return Open();
      case Operation::kClose:
        storage_ = nullptr;
        return;
      case Operation::kRead:
        return Read();
      case Operation::kPut:
        return Commit({{"a", absl::StrCat(step_)}});
      case Operation::kPutTwo:
        return Commit(
            {{"a", absl::StrCat(step_)}, {"b", std::string(6000, 'b')}});
      case Operation::kRemove:
        return Commit({{"a", std::nullopt}});
      case Operation::kReplace:
        return Replace();
    }
  }

  // The object goes on after the failure, unless its commits are refused.
  void GoOn() {
    vfs_.FailCall(0, Fault::kError);
    if (storage_ == nullptr) return;
    Read();
    Commit({{"c", "later"}});
  }

  // The process ends, or the power does, and the file is opened again.
  void RestartAndCheck(std::optional<uint64_t> power_seed) {
    vfs_.FailCall(0, Fault::kError);
    vfs_.SetCrashed(true);
    storage_ = nullptr;
    vfs_.SetCrashed(false);
    if (power_seed.has_value()) vfs_.LosePower(*power_seed);
    Open();
    if (storage_ == nullptr) return Fail("the file cannot be opened again");
    Read();
    absl::Status status = storage_->Verify(
        [this](const StorageProblem& problem) { Fail(problem.what); },
        [](uint64_t, uint64_t) {});
    if (!status.ok()) Fail(status.ToString());
    const Revision before = greatest_;
    Commit({{"d", "after"}});
    Read();
    if (greatest_ <= before) Fail("a revision was given again");
  }

 private:
  void Fail(const std::string& what) {
    if (problem_.empty()) problem_ = what;
  }

  void Open() {
    auto storage = SqliteStorage::Open(path_, options_);
    if (storage.ok()) {
      storage_ = *std::move(storage);
    } else {
      Judge(storage.status(), {}, "open");
    }
  }

  void Commit(
      std::vector<std::pair<std::string, std::optional<std::string>>> changes) {
    if (storage_ == nullptr) Open();
    if (storage_ == nullptr) return;
    WriteBatch batch{kCatalog, 0, {}, {}};
    std::set<Contents> after;
    for (Contents contents : possible_) {
      for (const auto& [id, value] : changes) {
        if (value.has_value()) {
          contents[id] = *value;
        } else {
          contents.erase(id);
        }
      }
      after.insert(std::move(contents));
    }
    for (auto& [id, value] : changes) {
      batch.mutations.push_back({Key(id), std::move(value)});
    }
    Judge(storage_->Commit(batch).status(), after, "commit");
  }

  void Replace() {
    if (storage_ == nullptr) Open();
    if (storage_ == nullptr) return;
    NamedRecord record{kCatalog, Key("r"), 0, "replaced"};
    bool done = false;
    const auto source = [&]() -> const NamedRecord* {
      return std::exchange(done, true) ? nullptr : &record;
    };
    Judge(storage_->ReplaceAll(ReplaceMode::kAll, source).status(),
          {{{"r", "replaced"}}}, "replacement");
  }

  // Takes note of what may be there after a call.
  void Judge(const absl::Status& status, const std::set<Contents>& after,
             const char* what) {
    if (status.ok()) {
      possible_ = after;
      return;
    }
    switch (FailureOf(status)) {
      case StorageFailure::kNotApplied:
        return;
      case StorageFailure::kUnknown:
        possible_.insert(after.begin(), after.end());
        storage_ = nullptr;
        return;
      case StorageFailure::kDataLoss:
        Fail(absl::StrCat("damage: ", what, ": ", status.ToString()));
    }
  }

  void Read() {
    if (storage_ == nullptr) Open();
    if (storage_ == nullptr) return;
    ReadSet read_set{kCatalog, {Key("a")}, std::nullopt};
    read_set.range = RangeRead{RecordKind::kSecurityConfiguration, std::nullopt,
                               100, 1'000'000};
    const auto snapshot = storage_->Read(read_set);
    if (!snapshot.ok()) return Judge(snapshot.status(), possible_, "read");
    Contents contents;
    for (const RangeRecord& record : snapshot->range->records) {
      contents[record.id] = record.value;
      greatest_ = std::max(greatest_, record.revision);
    }
    if (possible_.count(contents) == 0) {
      return Fail("the records are not those that were acknowledged");
    }
    possible_ = {contents};
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.File("db");
  FaultVfs vfs_;
  SqliteStorageOptions options_;
  std::unique_ptr<SqliteStorage> storage_;
  std::set<Contents> possible_{Contents()};
  Revision greatest_ = 0;
  int step_ = 0;
  std::string problem_;
};

struct Counts {
  int64_t runs = 0;
  int64_t failures = 0;
};

std::string TextOf(const std::vector<Operation>& sequence) {
  std::string text;
  for (const Operation operation : sequence) {
    absl::StrAppend(&text, static_cast<int>(operation), " ");
  }
  return text;
}

// Runs a sequence whose last operation meets `fault` at its `call`-th call; 0:
// none. Returns the number of calls of that operation.
int64_t RunSequence(const std::vector<Operation>& sequence, Fault fault,
                    int64_t call, int64_t number, Counts* counts) {
  Machine machine;
  for (size_t i = 0; i + 1 < sequence.size(); ++i) machine.Run(sequence[i]);
  machine.vfs().FailCall(call, fault);
  machine.Run(sequence.back());
  const int64_t calls = machine.vfs().calls();
  const bool ended = fault == Fault::kCrash || fault == Fault::kTornCrash;
  counts->failures += machine.vfs().has_failed() ? 1 : 0;
  ++counts->runs;
  if (!ended) machine.GoOn();
  // The power would take what a sync that lied had to save.
  const uint64_t end =
      fault == Fault::kLostSync ? 0 : static_cast<uint64_t>(number) % 3;
  std::optional<uint64_t> power;
  if (end == 1) power = 0;
  if (end == 2) power = 1 + static_cast<uint64_t>(number);
  machine.RestartAndCheck(power);
  EXPECT_EQ(machine.problem(), "")
      << "operations " << TextOf(sequence) << "fault "
      << static_cast<int>(fault) << " at call " << call << ", end " << end
      << ", run " << number;
  return calls;
}

// Makes each call of the last operation fail, or one in `every` of them.
void FailEachCall(const std::vector<Operation>& sequence, int64_t every,
                  int64_t* number, Counts* counts) {
  const int64_t calls = RunSequence(sequence, Fault::kError, 0, 0, counts);
  for (int64_t call = 1; call <= calls; ++call) {
    for (const Fault fault : kFaults) {
      if (++*number % every != 0) continue;
      RunSequence(sequence, fault, call, *number, counts);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

// Returns every sequence of one to three operations.
std::vector<std::vector<Operation>> AllSequences() {
  std::vector<std::vector<Operation>> sequences = {{}};
  for (size_t i = 0; i < sequences.size(); ++i) {
    if (sequences[i].size() == 3) break;
    for (const Operation operation : kOperations) {
      sequences.push_back(sequences[i]);
      sequences.back().push_back(operation);
    }
  }
  sequences.erase(sequences.begin());
  return sequences;
}

// Returns the part of the runs to do: one in this many.
int64_t OneIn(int64_t usual, int64_t in_short_runs) {
  const char* const given = std::getenv("GLUE_SECURITY_FAULTS_EVERY");
  if (given != nullptr) return std::max(1, std::atoi(given));
  return IsShortRun() ? in_short_runs : usual;
}

TEST(SqliteFaults, EveryCallOfEverySequenceFailsOnce) {
  const int64_t every = OneIn(61, 997);
  int64_t number = 0;
  Counts counts;
  const auto sequences = AllSequences();
  for (const auto& sequence : sequences) {
    FailEachCall(sequence, every, &number, &counts);
    if (HasFailure()) return;
  }
  std::cout << sequences.size() << " sequences, " << counts.runs << " runs, "
            << counts.failures << " failures\n";
  EXPECT_GT(counts.failures, 0);
}

// Runs a sequence whose `sync`-th sync in its last operation fails, while the
// system takes what it had to write for written. The storage goes on, or, with
// `restarts`, the process ends and a new one opens the file; then the power
// fails. With `sync` 0 no sync fails. Returns the number of syncs of the last
// operation.
int64_t ForgetWrites(const std::vector<Operation>& sequence, int64_t sync,
                     bool restarts, uint64_t power_seed, Counts* counts) {
  Machine machine;
  for (size_t i = 0; i + 1 < sequence.size(); ++i) machine.Run(sequence[i]);
  machine.vfs().FailCall(sync, Fault::kForgottenWrites, FaultVfs::Call::kSync);
  machine.Run(sequence.back());
  const int64_t syncs = machine.vfs().calls();
  ++counts->runs;
  counts->failures += machine.vfs().has_failed() ? 1 : 0;
  if (restarts) {
    machine.RestartAndCheck(std::nullopt);
  } else {
    machine.GoOn();
  }
  machine.RestartAndCheck(power_seed);
  EXPECT_EQ(machine.problem(), "")
      << "operations " << TextOf(sequence) << "sync " << sync << ", restarts "
      << restarts << ", seed " << power_seed;
  return syncs;
}

TEST(SqliteFaults, NothingIsLostAfterASyncThatForgetsItsWrites) {
  const int64_t every = OneIn(17, 199);
  int64_t number = 0;
  Counts counts;
  for (const auto& sequence : AllSequences()) {
    if (sequence.size() > 1 && ++number % every != 0) continue;
    const int64_t syncs = ForgetWrites(sequence, 0, false, 0, &counts);
    for (int64_t sync = 1; sync <= syncs; ++sync) {
      for (const bool restarts : {false, true}) {
        for (const uint64_t seed : {0, 1}) {
          ForgetWrites(sequence, sync, restarts, seed, &counts);
          if (HasFailure()) return;
        }
      }
    }
  }
  std::cout << counts.runs << " runs, " << counts.failures << " failures\n";
  EXPECT_GT(counts.failures, 0);
}

}  // namespace
}  // namespace glue_security
