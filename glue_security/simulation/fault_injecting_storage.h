// FaultInjectingStorage: a storage that fails when it is told to. It stands
// before any other storage and changes the fate of chosen calls: refused, lost
// on the way there, lost on the way back, applied late, in conflict, delayed.
// It is for tests, and for mock servers that offer failures to their users.
//
//   MemoryStorage memory;
//   FaultInjectingStorage storage(&memory);
//   // The second commit is applied, and its answer is lost.
//   storage.Add({StorageCall::kCommit, /*first=*/2, /*every=*/0,
//                StorageFault::FailAfter(absl::UnknownError("lost"))});
//   // Of all calls, the third and each fifth from there on is refused.
//   storage.Add({std::nullopt, 3, 5,
//                StorageFault::FailBefore(absl::UnavailableError("busy"))});
//
// Over a storage that keeps the contract of storage.h it keeps it, too: it does
// what S14 and S15 allow, and never worse. A caller that cannot bear it has a
// defect. The exception is a status that lies, see `FailAfter`.
//
// It is deterministic: no clock, no random source. What meets which call
// depends on the order of calls alone.

#ifndef GLUE_SECURITY_SIMULATION_FAULT_INJECTING_STORAGE_H_
#define GLUE_SECURITY_SIMULATION_FAULT_INJECTING_STORAGE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

// A reader may take either way, so `Read` and `VisitRecord` are one kind.
enum class StorageCall { kRead, kCommit };

// What happens to a call. Made by the functions below.
class StorageFault {
 public:
  // Nothing. Keeps the place of a call in a list of faults.
  static StorageFault None();

  // The call does not reach the storage beneath and answers `status`: not
  // applied, unknown but not applied, or data loss, as `FailureOf` says.
  // REQUIRES: !status.ok().
  static StorageFault FailBefore(absl::Status status);

  // The call is made, then its answer is lost: `status` comes instead. A
  // visitor is not called. A status that `FailureOf` does not call unknown,
  // such as kUnavailable, is a lie about a commit and breaks S14: a way to see
  // whether a test notices.
  // REQUIRES: !status.ok().
  static StorageFault FailAfter(absl::Status status);

  // A commit is held back and answers `status`. It reaches the storage beneath
  // once: just before the `calls`-th later call of any kind, with 0 only when
  // `DeliverLate` is called, or never. It applies then if its preconditions
  // still hold (S15). On calls other than commits it is FailBefore. The status
  // may lie, as above.
  // REQUIRES: !status.ok().
  static StorageFault ApplyLate(absl::Status status, size_t calls = 0);

  // A commit does not reach the storage beneath and answers kConflict, as if
  // another writer had been faster and had gone again. On other calls: nothing.
  static StorageFault Conflict();

  // `hook` runs before the call, or when it is over and its answer has not yet
  // arrived. No lock is held: it may block, or call any storage, this one too
  // (that call is counted like any other, and may meet the same rule). Of a
  // visit, "over" is when the visitor has returned.
  static StorageFault RunBefore(std::function<void()> hook);
  static StorageFault RunAfter(std::function<void()> hook);

  // The same with a pause of `duration`, made by the sleeper of the storage.
  static StorageFault DelayBefore(absl::Duration duration);
  static StorageFault DelayAfter(absl::Duration duration);

 private:
  friend class FaultInjectingStorage;
  enum class Fate { kForward, kFailBefore, kFailAfter, kApplyLate, kConflict };

  Fate fate_ = Fate::kForward;
  absl::Status status_;
  size_t calls_ = 0;
  std::function<void()> before_;
  std::function<void()> after_;
  absl::Duration delay_before_;
  absl::Duration delay_after_;
};

// Which calls a fault meets. A rule counts, from 1, the calls that come after
// it was added.
struct StorageFaultRule {
  // The kind of calls that are counted; absent: all.
  std::optional<StorageCall> call;
  // It meets this one of them.
  uint64_t first = 1;
  // And each so-many-th after that one: 1 means all later ones, 0 none.
  uint64_t every = 1;
  StorageFault fault = StorageFault::None();
};

// What came so far.
struct StorageCounts {
  // Calls that were made here, by kind.
  uint64_t reads = 0;
  uint64_t commits = 0;
  // Calls whose answer was not that of the storage beneath.
  uint64_t failed = 0;
  // Batches that the storage beneath applied, the late ones included, and those
  // that it refused for a conflict.
  uint64_t committed = 0;
  uint64_t conflicts = 0;
  // Of `committed`, those that were held back.
  uint64_t committed_late = 0;
};

// It lends records whether or not the storage beneath does: where that does
// not, a visit shows a copy. A fault's kUnimplemented, which would say that
// there are no visits, is kUnknown to a visitor. Thread-safe as far as the
// storage beneath is, and as the hooks are.
class FaultInjectingStorage : public Storage {
 public:
  using Sleeper = std::function<void(absl::Duration)>;

  // Without rules it forwards every call. `sleeper` makes the pauses; a test
  // gives one that advances its clock. The default sleeps in real time.
  // REQUIRES: `base` is not null and outlives this object.
  explicit FaultInjectingStorage(Storage* base, Sleeper sleeper = nullptr);

  // Adds a rule behind the others. Where several meet one call, all of their
  // hooks and pauses run, in the order of the rules, a rule's pause before its
  // hook; of their fates, the first that is one counts.
  void Add(StorageFaultRule rule);

  // Adds rules for the next commits: the n-th meets the n-th fault. Beyond the
  // end of `script` they are left alone.
  void AddCommits(const std::vector<StorageFault>& script);

  // Removes all rules. What was held back stays.
  void ClearRules();

  // Commits that are held back are made now, in the order in which they came.
  // Returns how many of them applied. What the storage beneath refuses or fails
  // to do is lost for good.
  size_t DeliverLate();

  // How many are held back.
  size_t held_back() const;

  StorageCounts counts() const;

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override;
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override;
  Durability durability() const override;

  // The storage beneath.
  Storage* base() const { return base_; }

 private:
  using Fate = StorageFault::Fate;

  struct CountedRule {
    StorageFaultRule rule;
    uint64_t calls = 0;
  };
  struct HeldBack {
    WriteBatch batch;
    // 0: only on demand.
    size_t calls_left;
  };
  // What a call meets: faults whose hooks and pauses run, in the order of the
  // rules, and what becomes of it.
  struct Plan {
    std::vector<StorageFault> faults;
    StorageFault fate;
  };

  absl::Status VisitBeneath(const CatalogKey& catalog, const RecordKey& key,
                            RecordVisitor visitor);
  // Counts the call, delivers what is due, and runs what comes before it.
  Plan Begin(StorageCall call);
  void End(const Plan& plan);
  absl::StatusOr<CommitResult> CommitBeneath(const WriteBatch& batch);
  size_t CommitLate(const std::vector<WriteBatch>& batches);

  Storage* const base_;
  const Sleeper sleeper_;
  mutable std::mutex mutex_;
  std::vector<CountedRule> rules_;
  std::vector<HeldBack> held_back_;
  StorageCounts counts_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SIMULATION_FAULT_INJECTING_STORAGE_H_
