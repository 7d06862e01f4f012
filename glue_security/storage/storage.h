// Storage: the interface to the engine's records. Implement it to keep them in
// a place of your own; `MemoryStorage` (memory_storage.h) is the default.
//
// It is not a database interface. It has point reads, reads of one ordered
// range, and transactions that compare revisions, all within one catalog. It
// holds bytes and never interprets them. It has no clock, and it never retries.
//
// Example, against any storage:
//
//   ReadSet read_set;
//   read_set.catalog = {"123456789012", "us-east-1"};
//   read_set.keys = {{RecordKind::kResourcePolicy, ""}};
//   absl::StatusOr<Snapshot> snapshot = storage.Read(read_set);
//
//   WriteBatch batch;
//   batch.catalog = read_set.catalog;
//   batch.branch = snapshot->branch;
//   batch.preconditions = {{read_set.keys[0], std::nullopt}};  // still absent
//   batch.mutations = {{read_set.keys[0], "value"}};
//   absl::StatusOr<CommitResult> first = storage.Commit(batch);   // kCommitted
//   absl::StatusOr<CommitResult> second = storage.Commit(batch);  // kConflict
//
// The second commit fails: its precondition, "no such record", no longer holds.
// A conflict is a value, not a Status: nothing is broken, another writer was
// faster.
//
// ## The contract
//
// Each clause has a test that carries its number, in the suite of
// glue_security/testing/storage_suite/storage_conformance.h. Run the suite on a
// storage of your own; docs/testing_kit/storage.md shows how. How the engine
// handles S15 is tested in tests/engine/unknown_commit_test.cc.
//
// Reading
//   S1  `Read` answers one element per key, in the order of the keys: the
//       record that the last applied mutation of that key left, or nullopt
//       where that was a removal or there was none.
//   S2  All of a snapshot, keys and range, is as of one instant between call
//       and return (strictly serializable: a read that starts after a commit
//       returned sees that commit).
//   S3  A range holds the records of its kind with ids greater than `after`,
//       or all of them when it is absent, ascending bytewise (as unsigned
//       bytes; a prefix comes first), none left out in between.
//   S4  A range ends after `records_max` records, or before the sizes of its
//       ids and values together pass `bytes_max`, whichever comes first; its
//       first record is returned whatever its size. `more` says whether a
//       record follows.
//   S5  Ids, catalog ids and regions are arbitrary bytes, the empty string and
//       NUL included. Two different keys never name one record.
//   S6  Values are arbitrary bytes, the empty value included, returned
//       unchanged.
//   S7  Reading what does not exist, catalogs included, creates nothing.
//
// Writing
//   S8  `Commit` applies all mutations at once if every precondition holds,
//       those on keys that are not written included, and answers kCommitted.
//   S9  If a precondition does not hold, nothing applies and it answers
//       kConflict.
//   S10 A batch whose `branch` is not the storage's current branch is refused:
//       nothing applies and it answers kConflict.
//   S11 Every applied batch gives its written records one revision, which no
//       other batch is ever given: not after a removal, a re-creation, a crash,
//       a reopening, nor in another branch of the same family. It is greater
//       than those of the batches that were applied to its catalog before. 0 is
//       never given.
//   S12 Removing a record that does not exist is legal and changes nothing.
//   S13 Catalogs are independent: a batch touches no other catalog.
//
// Failing
//   S14 A Status other than OK says what became of the call; see `FailureOf`.
//       Not applied: kUnavailable, kResourceExhausted, kInvalidArgument.
//       Damaged data: kDataLoss, and nothing was applied. Every other code,
//       kDeadlineExceeded and kUnknown among them, leaves it open whether a
//       commit was applied.
//   S15 A commit whose fate was open applies later at most once, as a whole,
//       and only while its preconditions hold.
//   S16 Nothing is retried below this interface.
//
// Threads and lifetime
//   S17 All methods may be called from any number of threads at once.
//   S18 `VisitRecord`, where supported, shows what `Read` of that key would
//       have returned at one instant, the branch included; the view is dead
//       when the visitor returns. Whether it is supported never changes during
//       a storage's life.
//   S19 Nothing of the arguments is referred to after the return.

#ifndef GLUE_SECURITY_STORAGE_STORAGE_H_
#define GLUE_SECURITY_STORAGE_STORAGE_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"

namespace glue_security {

// The result of a commit, when the storage knows it.
enum class CommitResult {
  kCommitted,
  // A precondition does not hold, or the branch differs. Nothing was applied.
  kConflict,
};

// The worst failure that an acknowledged commit survives.
enum class Durability {
  kNone,          // the records end with the object
  kProcessCrash,  // they survive a crash of the process
  kPowerLoss,     // they survive a loss of power
};

// The effect of a call that returned a status other than OK (S14).
enum class StorageFailure {
  kNotApplied,  // nothing was changed; the same call may succeed later
  kUnknown,     // a commit was applied, or was not, or still will be
  kDataLoss,    // a record is damaged; nothing was changed
};

// Classifies an error by S14. REQUIRES: !status.ok().
StorageFailure FailureOf(const absl::Status& status);

// Called with a borrowed record; `record` is nullptr when there is none.
using RecordVisitor =
    absl::FunctionRef<void(BranchId branch, const RecordView* record)>;

// The storage interface. Thread-safe (S17).
class Storage {
 public:
  virtual ~Storage() = default;

  // Reads the keys and the range of `read_set`. S1 to S7.
  //
  // Errors: any Status of S14. A read changes nothing, whatever its Status.
  virtual absl::StatusOr<Snapshot> Read(const ReadSet& read_set) = 0;

  // Applies `batch`, or returns kConflict when it does not apply. S8 to S13.
  //
  // Errors: any Status of S14.
  // REQUIRES: no key twice among the preconditions, nor among the mutations.
  virtual absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) = 0;

  // Calls `visitor` once, with the branch and the record of `key`, or nullptr
  // when there is none, without copying it. S18. The visitor must neither block
  // nor call back into the storage: the storage may hold back memory until it
  // returns.
  //
  // Errors (the visitor is not called): kUnimplemented when the storage cannot
  // lend its records (the default); else any Status of S14.
  virtual absl::Status VisitRecord(const CatalogKey& catalog,
                                   const RecordKey& key, RecordVisitor visitor);

  // Returns the worst failure that an acknowledged commit survives. Constant.
  virtual Durability durability() const = 0;
};

// Calls `visitor(SnapshotView)` once, with the snapshot of `read_set`. The
// record is borrowed when `read_set` is a single key and the storage lends its
// records; else the snapshot is a copy. The visitor must neither block nor call
// back into the storage.
//
// Errors (the visitor is not called): any Status of S14; kInternal when
// `VisitRecord` returns OK without calling its visitor, which breaks S18. A
// second call of the visitor is dropped, and so is an error after the first.
template <typename Visitor>
absl::Status VisitSnapshot(Storage* storage, const ReadSet& read_set,
                           Visitor&& visitor) {
  if (read_set.keys.size() == 1 && !read_set.range.has_value()) {
    bool shown = false;
    absl::Status status =
        storage->VisitRecord(read_set.catalog, read_set.keys[0],
                             [&](BranchId branch, const RecordView* record) {
                               if (shown) return;
                               shown = true;
                               visitor(SnapshotView(branch, record));
                             });
    if (shown) return absl::OkStatus();
    if (status.ok()) return absl::InternalError("nothing was shown");
    if (!absl::IsUnimplemented(status)) return status;
  }
  const absl::StatusOr<Snapshot> snapshot = storage->Read(read_set);
  if (snapshot.ok()) visitor(SnapshotView(*snapshot));
  return snapshot.status();
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_STORAGE_H_
