// OperationRun: one run of one operation against any storage, without I/O.
//
// It is the optimistic-concurrency loop turned inside out: `need()` names the
// next step, and the driver performs it and reports the result. `Engine` drives
// a run with a storage; a schedule explorer drives many runs through every
// interleaving; asynchronous code drives one from callbacks.
//
//    using Need = OperationRun::Need;
//    OperationRun run(caller, request, &options, commit_id);
//    while (run.need() != Need::kDone) {
//      if (run.need() == Need::kRead) {
//        const auto read = storage.Read(run.read_set());
//        read.ok() ? run.SnapshotRead(*read, absl::Now()) : run.ReadFailed();
//      } else if (run.need() == Need::kCommit) {
//        const auto result = storage.Commit(run.TakeWriteBatch());
//        if (!result.ok()) {
//          run.CommitUnknown();
//        } else if (*result == CommitResult::kCommitted) {
//          run.Committed();
//        } else {
//          run.Conflicted();
//        }
//      } else if (run.need() == Need::kKeyCall) {
//        run.KeyAnswered(key_service.Answer(run.key_call()));
//      } else {  // Need::kWait
//        absl::SleepFor(absl::Milliseconds(run.attempts()));
//        run.Waited();
//      }
//    }
//    Outcome outcome = run.TakeOutcome();
//
// A driver may also report damaged data and commits that were not applied; see
// glue_security/engine/operation_run_io.h.
//
// ## After an unknown commit
//
// Every record that a run writes has the run's commit id. After an unknown
// commit the run never applies its operation again; it reads the same keys. If
// one of them has its own id, the commit took effect. If all preconditions
// still hold, it sends the identical batch again, and at most one of the two
// can apply. In every other case, and when no attempts are left, the outcome is
// OperationTimeoutException with detail `outcome_unknown`
// (docs/decisions/unknown-commits.md).
//
// ## Key calls
//
// An operation on a connection may need a key service. The run asks for one
// call after another, and holds no snapshot meanwhile, since a key service may
// take its time: afterwards a write reads again, and a read goes on with its
// copy of the record. The answers stay with the run: what was encrypted once is
// not encrypted again after a conflict. A call may be made several times, since
// it changes nothing.
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
// Thread-compatible: used by one thread at a time.

#ifndef GLUE_SECURITY_STATE_MACHINE_OPERATION_RUN_H_
#define GLUE_SECURITY_STATE_MACHINE_OPERATION_RUN_H_

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/key_answers.h"
#include "glue_security/state_machine/step.h"

namespace glue_security {

class OperationRun {
 public:
  enum class Need { kRead, kCommit, kKeyCall, kWait, kDone };

  // REQUIRES: `caller`, `request`'s message and `options` outlive the run. No
  // other run, ever, has the same `commit_id`.
  OperationRun(const Caller& caller, RequestRef request,
               const CoreOptions* options, const CommitId& commit_id);
  // A caller that ends with the statement would be used after its end.
  OperationRun(Caller&& caller, RequestRef request, const CoreOptions* options,
               const CommitId& commit_id) = delete;

  // A run refers to itself, so that it stays where it is.
  OperationRun(const OperationRun&) = delete;
  OperationRun& operator=(const OperationRun&) = delete;

  // The step that the run needs next.
  Need need() const { return need_; }

  // The records to read. REQUIRES: need() is kRead.
  const ReadSet& read_set() const { return operation().read_set; }

  // Returns the batch to commit. The run owns it; it is valid until the result
  // of the commit is reported. REQUIRES: need() is kCommit; called once for
  // each kCommit.
  const WriteBatch& TakeWriteBatch();

  // The number of batches that were taken. A backoff in kWait grows with it.
  int attempts() const { return attempts_; }

  // The number of key calls that were answered.
  size_t key_calls_answered() const { return key_answers_.size(); }

  // Returns true when a commit of this run was unknown.
  bool had_unknown_commit() const { return unresolved_; }

  // Report the result of a kRead. `now` is the time of the snapshot. The run
  // keeps no reference to `snapshot`, so it may be borrowed. An exception of a
  // hook of the options passes through SnapshotRead, and need() is still kRead.
  void SnapshotRead(const SnapshotView& snapshot, absl::Time now);
  void ReadFailed();
  void ReadFoundDataLoss();

  // Report the result of a kCommit.
  void Committed();
  void Conflicted();
  void CommitNotApplied();
  void CommitUnknown();
  void CommitFoundDataLoss();

  // The call to make. REQUIRES: need() is kKeyCall.
  const KeyCall& key_call() const {
    return transition_.key_calls[key_calls_made_];
  }

  // Reports the answer to key_call(), of the type that belongs to the call, or
  // a refusal. After the last answer need() may be kDone.
  void KeyAnswered(KeyAnswer answer);

  // Reports the end of a kWait.
  void Waited();

  // Returns the outcome of the operation. Unless it is moved from, it lives as
  // long as the run. REQUIRES: need() is kDone; called once.
  Outcome&& TakeOutcome();

  // Ends the run early. The outcome is InternalServiceException (`not_applied`,
  // with `why` as its message) when no batch that may have been applied was
  // taken, else OperationTimeoutException (`outcome_unknown`). need() is kDone
  // afterwards. Does nothing when the run is already done.
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
  // Asks for the key calls of the transition, or ends the run when no attempts
  // are left.
  void AskForKeyCalls();
  // Goes on with a read whose key calls are answered.
  void ResumeRead();
  // Waits and then reads again, or ends the run when no attempts are left.
  void TryAgain();
  // Decides by a snapshot that was read after an unknown commit.
  void Resolve(const SnapshotView& snapshot);
  bool OwnIdIsIn(const SnapshotView& snapshot) const;
  // Returns true when the branch and every key are unchanged since they were
  // read.
  bool IsAsBefore(const SnapshotView& snapshot) const;

  const CommitId commit_id_;
  // The result of `Prepare`. After an error, the error has been moved to the
  // outcome.
  std::variant<v1::Error, PreparedOperation> prepared_;
  const int attempts_max_;

  Need need_ = Need::kRead;
  int attempts_ = 0;
  // The number of reads after an unknown commit, failed ones included. They
  // count against `attempts_max_`, too.
  int resolving_reads_ = 0;
  // The answers so far, how many calls of the current transition were answered,
  // and how many transitions asked for calls. The last count against
  // `attempts_max_`, too.
  KeyAnswers key_answers_;
  size_t key_calls_made_ = 0;
  int key_rounds_ = 0;
  // A batch was taken, and its result is not reported yet.
  bool committing_ = false;
  // A commit was unknown. Stays true even when a later read resolves it.
  bool unresolved_ = false;

  // The state from which the current transition was made.
  BranchId branch_ = 0;
  absl::InlinedVector<std::optional<Revision>, 2> revisions_;
  // Holds the outcome once the run is done.
  Transition transition_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_OPERATION_RUN_H_
