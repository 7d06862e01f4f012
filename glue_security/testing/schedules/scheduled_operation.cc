#include "glue_security/testing/schedules/scheduled_operation.h"

#include <utility>

namespace glue_security {
namespace {

class EngineOperation : public ScheduledOperation {
 public:
  EngineOperation(const Caller& caller, RequestRef request,
                  const CoreOptions* options, const CommitId& commit_id)
      : run_(caller, request, options, commit_id) {}

  Need need() const override { return run_.need(); }
  const ReadSet& read_set() const override { return run_.read_set(); }
  WriteBatch TakeWriteBatch() override { return run_.TakeWriteBatch(); }
  void SnapshotRead(Snapshot snapshot, absl::Time now) override {
    run_.SnapshotRead(snapshot, now);
  }
  void ReadFailed() override { run_.ReadFailed(); }
  void ReadFoundDataLoss() override { run_.ReadFoundDataLoss(); }
  const KeyCall& key_call() const override { return run_.key_call(); }
  void KeyAnswered(KeyAnswer answer) override {
    run_.KeyAnswered(std::move(answer));
  }
  void Committed() override { run_.Committed(); }
  void Conflicted() override { run_.Conflicted(); }
  void CommitNotApplied() override { run_.CommitNotApplied(); }
  void CommitUnknown() override { run_.CommitUnknown(); }
  void CommitFoundDataLoss() override { run_.CommitFoundDataLoss(); }
  void Waited() override { run_.Waited(); }
  Outcome TakeOutcome() override { return run_.TakeOutcome(); }
  void GiveUp() override { run_.GiveUp(); }

 private:
  OperationRun run_;
};

}  // namespace

std::unique_ptr<ScheduledOperation> NewEngineOperation(
    const Caller& caller, RequestRef request, const CoreOptions* options,
    const CommitId& commit_id) {
  return std::make_unique<EngineOperation>(caller, request, options, commit_id);
}

}  // namespace glue_security
