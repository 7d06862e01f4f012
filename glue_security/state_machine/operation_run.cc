#include "glue_security/state_machine/operation_run.h"

#include <algorithm>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <variant>

#include "glue_security/model/error.h"
#include "glue_security/state_machine/stored_record.h"

namespace glue_security {

namespace {

// Destroys a transition, and constructs an empty one in its place unless the
// caller has constructed one.
class RemadeTransition {
 public:
  explicit RemadeTransition(Transition* place) : place_(place) {
    place_->~Transition();
  }
  ~RemadeTransition() {
    if (!made_) new (place_) Transition();
  }
  RemadeTransition(const RemadeTransition&) = delete;
  RemadeTransition& operator=(const RemadeTransition&) = delete;

  void set_made() { made_ = true; }

 private:
  Transition* const place_;
  bool made_ = false;
};

}  // namespace

OperationRun::OperationRun(const Caller& caller, RequestRef request,
                           const CoreOptions* options,
                           const CommitId& commit_id)
    : commit_id_(commit_id),
      prepared_(Prepare(caller, request, options)),
      attempts_max_(std::max(options->limits.attempts_max, 1)) {
  if (auto* error = std::get_if<v1::Error>(&prepared_)) {
    Finish(std::move(*error));
  }
}

const WriteBatch& OperationRun::TakeWriteBatch() {
  ++attempts_;
  committing_ = true;
  return transition_.write_batch;
}

void OperationRun::SnapshotRead(const SnapshotView& snapshot, absl::Time now) {
  if (unresolved_) {
    Resolve(snapshot);
    return;
  }
  branch_ = snapshot.branch();
  revisions_.clear();
  for (size_t i = 0; i < snapshot.size(); ++i) {
    revisions_.push_back(snapshot.revision(i));
  }
  // Constructed in place, because a transition is expensive to move.
  {
    RemadeTransition remade(&transition_);
    new (&transition_)
        Transition(Apply(operation(), snapshot, now, commit_id_, key_answers_));
    remade.set_made();
  }
  if (!transition_.key_calls.empty()) {
    AskForKeyCalls();
    return;
  }
  need_ = transition_.write_batch.empty() ? Need::kDone : Need::kCommit;
}

void OperationRun::AskForKeyCalls() {
  // Two rounds are enough unless others write in between.
  if (attempts_ + key_rounds_ > attempts_max_) {
    FinishNotApplied("other writers were faster at every attempt");
    return;
  }
  ++key_rounds_;
  key_calls_made_ = 0;
  need_ = Need::kKeyCall;
}

void OperationRun::KeyAnswered(KeyAnswer answer) {
  // After a refusal the operation fails, so that no other call is needed.
  const bool refused = std::holds_alternative<KeyRefusal>(answer);
  key_answers_.Add(
      {std::move(transition_.key_calls[key_calls_made_]), std::move(answer)});
  ++key_calls_made_;
  if (!refused && key_calls_made_ < transition_.key_calls.size()) return;
  if (transition_.pending != nullptr) {
    ResumeRead();
  } else {
    need_ = Need::kRead;
  }
}

void OperationRun::ResumeRead() {
  std::unique_ptr<PendingRead> pending = std::move(transition_.pending);
  {
    RemadeTransition remade(&transition_);
    new (&transition_) Transition(pending->Resume(key_answers_));
    remade.set_made();
  }
  if (transition_.key_calls.empty()) {
    need_ = Need::kDone;
    return;
  }
  transition_.pending = std::move(pending);
  AskForKeyCalls();
}

void OperationRun::ReadFailed() {
  if (unresolved_) {
    // Counted like a read that resolved nothing, or the run might never end.
    ++resolving_reads_;
    TryAgain();
  } else {
    FinishNotApplied("the storage could not be read");
  }
}

void OperationRun::ReadFoundDataLoss() { FinishDataLoss(); }

void OperationRun::Committed() { need_ = Need::kDone; }

void OperationRun::Conflicted() {
  committing_ = false;
  TryAgain();
}

void OperationRun::CommitNotApplied() {
  committing_ = false;
  if (unresolved_) {
    TryAgain();
  } else {
    FinishNotApplied("the storage did not accept the write");
  }
}

void OperationRun::CommitUnknown() {
  committing_ = false;
  unresolved_ = true;
  TryAgain();
}

void OperationRun::CommitFoundDataLoss() {
  committing_ = false;
  FinishDataLoss();
}

void OperationRun::Waited() { need_ = Need::kRead; }

Outcome&& OperationRun::TakeOutcome() { return std::move(transition_.outcome); }

void OperationRun::GiveUp(absl::string_view why) {
  if (need_ == Need::kDone) return;
  if (committing_ || unresolved_) {
    FinishUnknown();
  } else {
    FinishNotApplied(std::string(why));
  }
}

void OperationRun::Finish(Outcome outcome) {
  transition_.outcome = std::move(outcome);
  need_ = Need::kDone;
}

void OperationRun::FinishNotApplied(std::string message) {
  Finish(MakeError(v1::ERROR_CODE_INTERNAL_SERVICE, std::move(message),
                   v1::Error::DETAIL_NOT_APPLIED));
}

void OperationRun::FinishUnknown() {
  Finish(MakeError(v1::ERROR_CODE_OPERATION_TIMEOUT,
                   "the storage did not say whether the write took effect",
                   v1::Error::DETAIL_OUTCOME_UNKNOWN));
}

void OperationRun::FinishDataLoss() {
  if (unresolved_) {
    FinishUnknown();
    return;
  }
  Finish(DamagedRecordError());
}

void OperationRun::TryAgain() {
  // After an unknown last attempt, one read may still resolve it.
  const bool unseen = unresolved_ && resolving_reads_ == 0;
  if (unseen || attempts_ + resolving_reads_ < attempts_max_) {
    need_ = Need::kWait;
  } else if (unresolved_) {
    FinishUnknown();
  } else {
    FinishNotApplied("other writers were faster at every attempt");
  }
}

void OperationRun::Resolve(const SnapshotView& snapshot) {
  ++resolving_reads_;
  if (OwnIdIsIn(snapshot)) {
    need_ = Need::kDone;
  } else if (attempts_ + resolving_reads_ < attempts_max_ &&
             IsAsBefore(snapshot)) {
    // Sends the identical batch again.
    need_ = Need::kCommit;
  } else {
    FinishUnknown();
  }
}

bool OperationRun::OwnIdIsIn(const SnapshotView& snapshot) const {
  for (size_t i = 0; i < snapshot.size(); ++i) {
    if (snapshot.has(i) && WrittenBy(snapshot.value(i), commit_id_)) {
      return true;
    }
  }
  return false;
}

bool OperationRun::IsAsBefore(const SnapshotView& snapshot) const {
  if (snapshot.branch() != branch_ || snapshot.size() != revisions_.size()) {
    return false;
  }
  for (size_t i = 0; i < snapshot.size(); ++i) {
    if (snapshot.revision(i) != revisions_[i]) return false;
  }
  return true;
}

}  // namespace glue_security
