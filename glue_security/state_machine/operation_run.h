// OperationRun: one run of one operation against any storage, without I/O.
//
// It is the optimistic-concurrency loop turned inside out: it says what it
// needs next, and is told what came of it. `Engine` drives one with a storage;
// a schedule explorer drives many through every interleaving; asynchronous code
// drives it from callbacks.
//
//   OperationRun run(caller, request, &options, commit_id);
//   while (run.need() != OperationRun::Need::kDone) {
//     switch (run.need()) {
//       case OperationRun::Need::kRead:
//         // read run.read_set(), then SnapshotRead or ReadFailed
//       case OperationRun::Need::kCommit:
//         // commit run.TakeWriteBatch(), then one of the five answers
//       case OperationRun::Need::kWait:
//         // wait as long as run.attempts() suggests, then Waited
//     }
//   }
//   Outcome outcome = run.TakeOutcome();
//
// ## After an unknown commit
//
// The run's commit id is in every record that it writes. Once a commit of the
// run was unknown, the run never applies its operation anew. It reads the same
// keys: its own id on one of them means that the commit took effect; if all
// preconditions still hold, it sends the identical batch again, and at most one
// of the two can apply; anything else, or the end of the bound, is
// OperationTimeoutException with the detail `outcome_unknown`.
//
// ## Errors that the run itself gives
//
//   read failed                         InternalServiceException, `not_applied`
//   commit not applied                  the same
//   conflicts beyond the bound          the same
//   data loss                           InternalServiceException, `data_loss`
//   commit unknown and not resolved,    OperationTimeoutException,
//   whatever came after it              `outcome_unknown`
//
// Thread-compatible: one thread at a time.

#ifndef GLUE_SECURITY_STATE_MACHINE_OPERATION_RUN_H_
#define GLUE_SECURITY_STATE_MACHINE_OPERATION_RUN_H_

#include <optional>
#include <string>
#include <variant>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/core.h"

namespace glue_security {

class OperationRun {
 public:
  enum class Need { kRead, kCommit, kWait, kDone };

  // REQUIRES: `caller`, `request`'s message and `options` outlive the run. No
  // other run, ever, has the same `commit_id`.
  OperationRun(const Caller& caller, RequestRef request,
               const CoreOptions* options, const CommitId& commit_id);

  // What the run needs next.
  Need need() const { return need_; }

  // What to read. REQUIRES: need() is kRead.
  const ReadSet& read_set() const { return operation().read_set; }

  // What to commit; it is the run's, until that is told the answer.
  // REQUIRES: need() is kCommit; called once for each kCommit.
  const WriteBatch& TakeWriteBatch();

  // How many batches were taken so far. While need() is kWait, a backoff grows
  // with it.
  int attempts() const { return attempts_; }

  // A commit of this run was unknown.
  bool had_unknown_commit() const { return unresolved_; }

  // Answers to kRead: what was read and when, or that reading failed. Nothing
  // of `snapshot` is referred to after the return, so it may be a loan. What a
  // hook of the options throws passes through SnapshotRead, and the run still
  // needs its read.
  void SnapshotRead(const SnapshotView& snapshot, absl::Time now);
  void ReadFailed();
  void ReadFoundDataLoss();

  // Answers to kCommit.
  void Committed();
  void Conflicted();
  void CommitNotApplied();
  void CommitUnknown();
  void CommitFoundDataLoss();

  // Answer to kWait.
  void Waited();

  // The answer of the operation, which lives as long as the run where it is not
  // moved away. REQUIRES: need() is kDone; called once.
  Outcome&& TakeOutcome();

  // Ends the run before it is done, at whatever point, with the truth about it:
  // InternalServiceException (`not_applied`, and `why` as its message) when no
  // batch was taken that may have applied, else OperationTimeoutException
  // (`outcome_unknown`). need() is kDone afterwards. Does nothing when the run
  // is done.
  void GiveUp(absl::string_view why = "given up");

 private:
  // REQUIRES: `Prepare` did not refuse the request.
  const PreparedOperation& operation() const {
    return *std::get_if<PreparedOperation>(&prepared_);
  }

  void Finish(Outcome outcome);
  void FinishNotApplied(std::string message);
  void FinishUnknown();
  void FinishDataLoss();
  // Reads again after a pause, or ends when the bound is spent.
  void TryAgain();
  // Looks at a snapshot taken after an unknown commit.
  void Resolve(const SnapshotView& snapshot);
  bool OwnIdIsIn(const SnapshotView& snapshot) const;
  // Whether every key that was read is as it was read.
  bool IsAsBefore(const SnapshotView& snapshot) const;

  const CommitId commit_id_;
  // What `Prepare` made of the request; an error has become the outcome.
  std::variant<v1::Error, PreparedOperation> prepared_;
  const int attempts_max_;

  Need need_ = Need::kRead;
  int attempts_ = 0;
  // Reads of the state after an unknown commit, those that failed included;
  // they count to the bound, too.
  int resolving_reads_ = 0;
  // A batch was taken and not yet answered.
  bool committing_ = false;
  // A commit was unknown. Stays true when a look at the state has told.
  bool unresolved_ = false;

  // The state that the present transition was made from.
  BranchId branch_ = 0;
  absl::InlinedVector<std::optional<Revision>, 2> revisions_;
  // Its outcome is the answer once the run is done.
  Transition transition_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_OPERATION_RUN_H_
