// ScheduledOperation: one operation of a client, as `ScheduleExplorer` drives
// it. It has the same methods as `OperationRun`
// (glue_security/state_machine/operation_run.h), which is what the explorer
// drives by default. Derive from it to explore a driver loop of your own, and
// from `ForwardingOperation` to change one step of another operation.
//
// It is deterministic: the same answers in the same order make the same needs,
// batches and outcome. The explorer relies on that. It never copies an
// operation; it makes a new one and gives it the same answers again.
//
// It commits one batch. It may send that batch several times, and at most one
// of these may apply.

#ifndef GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULED_OPERATION_H_
#define GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULED_OPERATION_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/operation_run.h"
#include "glue_security/state_machine/step_types.h"

namespace glue_security {

// Each method is specified by the method of the same name in `OperationRun`.
class ScheduledOperation {
 public:
  using Need = OperationRun::Need;

  virtual ~ScheduledOperation() = default;

  virtual Need need() const = 0;
  // REQUIRES: need() is kRead.
  virtual const ReadSet& read_set() const = 0;
  // REQUIRES: need() is kCommit; called once for each kCommit.
  virtual WriteBatch TakeWriteBatch() = 0;

  virtual void SnapshotRead(Snapshot snapshot, absl::Time now) = 0;
  virtual void ReadFailed() = 0;
  virtual void ReadFoundDataLoss() = 0;

  // REQUIRES: need() is kKeyCall.
  virtual const KeyCall& key_call() const = 0;
  virtual void KeyAnswered(KeyAnswer answer) = 0;

  virtual void Committed() = 0;
  virtual void Conflicted() = 0;
  virtual void CommitNotApplied() = 0;
  virtual void CommitUnknown() = 0;
  virtual void CommitFoundDataLoss() = 0;

  virtual void Waited() = 0;

  // REQUIRES: need() is kDone; called once.
  virtual Outcome TakeOutcome() = 0;
  virtual void GiveUp() = 0;
};

// Makes an operation. The arguments outlive it.
using ScheduledOperationFactory =
    std::function<std::unique_ptr<ScheduledOperation>(
        const Caller& caller, RequestRef request, const CoreOptions* options,
        const CommitId& commit_id)>;

// Makes an `OperationRun`, as the engine does.
std::unique_ptr<ScheduledOperation> NewEngineOperation(
    const Caller& caller, RequestRef request, const CoreOptions* options,
    const CommitId& commit_id);

// Passes everything on to another operation. Override the methods that must
// differ.
class ForwardingOperation : public ScheduledOperation {
 public:
  explicit ForwardingOperation(std::unique_ptr<ScheduledOperation> base)
      : base_(std::move(base)) {}

  Need need() const override { return base_->need(); }
  const ReadSet& read_set() const override { return base_->read_set(); }
  WriteBatch TakeWriteBatch() override { return base_->TakeWriteBatch(); }
  void SnapshotRead(Snapshot snapshot, absl::Time now) override {
    base_->SnapshotRead(std::move(snapshot), now);
  }
  void ReadFailed() override { base_->ReadFailed(); }
  void ReadFoundDataLoss() override { base_->ReadFoundDataLoss(); }
  const KeyCall& key_call() const override { return base_->key_call(); }
  void KeyAnswered(KeyAnswer answer) override {
    base_->KeyAnswered(std::move(answer));
  }
  void Committed() override { base_->Committed(); }
  void Conflicted() override { base_->Conflicted(); }
  void CommitNotApplied() override { base_->CommitNotApplied(); }
  void CommitUnknown() override { base_->CommitUnknown(); }
  void CommitFoundDataLoss() override { base_->CommitFoundDataLoss(); }
  void Waited() override { base_->Waited(); }
  Outcome TakeOutcome() override { return base_->TakeOutcome(); }
  void GiveUp() override { base_->GiveUp(); }

 protected:
  ScheduledOperation& base() { return *base_; }

  // Continues with `base`.
  void Replace(std::unique_ptr<ScheduledOperation> base) {
    base_ = std::move(base);
  }

 private:
  std::unique_ptr<ScheduledOperation> base_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULED_OPERATION_H_
