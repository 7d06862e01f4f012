#include "glue_security/state_machine/operation_run.h"

#include <algorithm>
#include <new>
#include <utility>
#include <variant>

#include "glue_security/model/error.h"
#include "glue_security/state_machine/stored_record.h"

namespace glue_security {

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

WriteBatch OperationRun::TakeWriteBatch() {
  if (batch_was_taken_) {
    // The identical batch again. Its outcome is the one that is kept already.
    transition_.write_batch =
        Apply(operation(), snapshot_, now_, commit_id_).write_batch;
  }
  ++attempts_;
  committing_ = true;
  batch_was_taken_ = true;
  return std::move(transition_.write_batch);
}

void OperationRun::SnapshotRead(Snapshot&& snapshot, absl::Time now) {
  if (unresolved_) {
    Resolve(snapshot);
    return;
  }
  snapshot_ = std::move(snapshot);
  now_ = now;
  // Made in its place, since there is much in it to move.
  transition_.~Transition();
  new (&transition_)
      Transition(Apply(operation(), snapshot_, now_, commit_id_));
  batch_was_taken_ = false;
  need_ = transition_.write_batch.empty() ? Need::kDone : Need::kCommit;
}

void OperationRun::ReadFailed() {
  if (unresolved_) {
    // Counted like a read that told nothing, or the run might never end.
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
    FinishNotApplied("the storage did not take the write");
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

void OperationRun::GiveUp() {
  if (need_ == Need::kDone) return;
  if (committing_ || unresolved_) {
    FinishUnknown();
  } else {
    FinishNotApplied("given up");
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
  Finish(MakeError(v1::ERROR_CODE_INTERNAL_SERVICE,
                   "a stored record is damaged", v1::Error::DETAIL_DATA_LOSS));
}

void OperationRun::TryAgain() {
  // Where the bound is spent by an unknown commit, one look may still tell.
  const bool unseen = unresolved_ && resolving_reads_ == 0;
  if (unseen || attempts_ + resolving_reads_ < attempts_max_) {
    need_ = Need::kWait;
  } else if (unresolved_) {
    FinishUnknown();
  } else {
    FinishNotApplied("other writers were faster every time");
  }
}

void OperationRun::Resolve(const Snapshot& snapshot) {
  ++resolving_reads_;
  if (OwnIdIsIn(snapshot)) {
    need_ = Need::kDone;
  } else if (attempts_ + resolving_reads_ < attempts_max_ &&
             PreconditionsHold(snapshot)) {
    need_ = Need::kCommit;
  } else {
    FinishUnknown();
  }
}

bool OperationRun::OwnIdIsIn(const Snapshot& snapshot) const {
  return std::any_of(snapshot.records.begin(), snapshot.records.end(),
                     [this](const std::optional<Record>& record) {
                       return record.has_value() &&
                              WrittenBy(record->value, commit_id_);
                     });
}

bool OperationRun::PreconditionsHold(const Snapshot& snapshot) const {
  // Every key that was read is to be as it was read.
  return snapshot.branch == snapshot_.branch &&
         std::equal(snapshot.records.begin(), snapshot.records.end(),
                    snapshot_.records.begin(), snapshot_.records.end(),
                    [](const std::optional<Record>& a,
                       const std::optional<Record>& b) {
                      return a.has_value() == b.has_value() &&
                             (!a.has_value() || a->revision == b->revision);
                    });
}

}  // namespace glue_security
