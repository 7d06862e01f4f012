// FaultInjectingStorage: a decorator that makes chosen calls of a storage fail.
// A call can be refused, lost on the way there or back, applied late, made to
// conflict, or delayed. It is for tests, and for mock servers that offer
// failures to their users.
//
//   MemoryStorage memory;
//   FaultInjectingStorage storage(&memory);
//   // The second commit is applied, but its result is lost.
//   storage.Add({StorageCall::kCommit, /*first=*/2, /*every=*/0,
//                StorageFault::FailAfter(absl::UnknownError("lost"))});
//   // The third call, and every fifth call after it, is refused.
//   storage.Add({std::nullopt, 3, 5,
//                StorageFault::FailBefore(absl::UnavailableError("busy"))});
//
// It keeps the contract of storage.h if its base storage does: its faults stay
// within S14 and S15, so a caller that cannot handle them has a defect. The
// exception is a misleading status; see `FailAfter`.
//
// It is deterministic: it has no clock and no random source. The calls that a
// fault hits depend only on the order of calls.

#ifndef GLUE_SECURITY_STORAGE_FAULT_INJECTING_STORAGE_H_
#define GLUE_SECURITY_STORAGE_FAULT_INJECTING_STORAGE_H_

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

// The kinds of calls. `Read` and `VisitRecord` are one kind, because a caller
// may use either.
enum class StorageCall { kRead, kCommit };

// A fault that can hit a call. Made by the functions below.
class StorageFault {
 public:
  // No fault. Fills the place of a call in a script of faults.
  static StorageFault None();

  // The call does not reach the base storage and returns `status`, by which
  // `FailureOf` classifies it: not applied, unknown (but not applied), or data
  // loss. REQUIRES: !status.ok().
  static StorageFault FailBefore(absl::Status status);

  // The call is made, but its result is lost: the caller gets `status` instead.
  // A visitor is not called. For a commit, a status that `FailureOf` does not
  // classify as unknown, such as kUnavailable, misleads the caller and breaks
  // S14. Use it to see whether a test notices. REQUIRES: !status.ok().
  static StorageFault FailAfter(absl::Status status);

  // A commit is held back and returns `status`. It reaches the base storage at
  // most once: just before the `calls`-th later call of any kind, or, when
  // `calls` is 0, when `DeliverLate` is called. It then applies if its
  // preconditions still hold (S15). On a read this is FailBefore. The status
  // may be misleading, as above. REQUIRES: !status.ok().
  static StorageFault ApplyLate(absl::Status status, size_t calls = 0);

  // A commit does not reach the base storage and returns kConflict, as if
  // another writer had been faster and had then undone its write. On a read
  // this is None.
  static StorageFault Conflict();

  // `hook` runs before the call, or after it and before its result is returned.
  // No lock is held: the hook may block, or call any storage, this one included
  // (that call is counted like any other, and the same rule may hit it). A
  // visit is over when the visitor has returned.
  static StorageFault RunBefore(std::function<void()> hook);
  static StorageFault RunAfter(std::function<void()> hook);

  // The storage's sleeper pauses for `duration` before or after the call.
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

// The calls that a fault hits. A rule counts, from 1, the calls that come after
// it was added.
struct StorageFaultRule {
  // The kind of calls that are counted; absent for all calls.
  std::optional<StorageCall> call;
  // The number of the first call that is hit.
  uint64_t first = 1;
  // Every `every`-th call after the first is also hit: 1 for all, 0 for none.
  uint64_t every = 1;
  StorageFault fault = StorageFault::None();
};

// The counts of calls so far.
struct StorageCounts {
  // The calls of this object, by kind.
  uint64_t reads = 0;
  uint64_t commits = 0;
  // The calls that did not return the result of the base storage.
  uint64_t failed = 0;
  // The batches that the base storage applied, late ones included, and those
  // that it refused with a conflict.
  uint64_t committed = 0;
  uint64_t conflicts = 0;
  // The batches of `committed` that were held back.
  uint64_t committed_late = 0;
};

// Always supports `VisitRecord`: when the base storage does not, the visitor is
// shown a copy. A fault with kUnimplemented, which would mean that visits are
// not supported, is kUnknown from `VisitRecord`. Thread-safe if the base
// storage and the hooks are.
class FaultInjectingStorage : public Storage {
 public:
  using Sleeper = std::function<void(absl::Duration)>;

  // Starts without rules, forwarding every call. `sleeper` makes the pauses; a
  // test can pass one that advances its clock. The default sleeps in real time.
  // REQUIRES: `base` is not null and outlives this object.
  explicit FaultInjectingStorage(Storage* base, Sleeper sleeper = nullptr);

  // Adds a rule after the others. When several rules hit one call, all of their
  // pauses and hooks run in the order of the rules, a rule's pause before its
  // hook. The first of them that changes the result decides it.
  void Add(StorageFaultRule rule);

  // Adds rules for the next commits: the n-th fault of `script` hits the n-th
  // commit. Later commits are not affected.
  void AddCommits(const std::vector<StorageFault>& script);

  // Removes all rules. Commits that are held back stay.
  void ClearRules();

  // Makes the commits that are held back, in the order in which they came.
  // Returns how many of them applied. A commit that the base storage refuses or
  // fails is dropped.
  size_t DeliverLate();

  // Returns the number of commits that are held back.
  size_t held_back() const;

  StorageCounts counts() const;

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override;
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override;
  Durability durability() const override;

  // Returns the base storage.
  Storage* base() const { return base_; }

 private:
  using Fate = StorageFault::Fate;

  struct CountedRule {
    StorageFaultRule rule;
    uint64_t calls = 0;
  };
  struct HeldBack {
    WriteBatch batch;
    // 0 when it is delivered only on demand.
    size_t calls_left;
  };
  // The plan for one call: the faults whose hooks and pauses run, in the order
  // of the rules, and the fault that decides its result.
  struct Plan {
    std::vector<StorageFault> faults;
    StorageFault fate;
  };

  absl::Status VisitBeneath(const CatalogKey& catalog, const RecordKey& key,
                            RecordVisitor visitor);
  // Counts the call, delivers late commits that are due, and runs the pauses
  // and hooks before the call.
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

#endif  // GLUE_SECURITY_STORAGE_FAULT_INJECTING_STORAGE_H_
