#include "glue_security/testing/defects/defective_schedules.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "glue_security/model/error.h"
#include "glue_security/testing/defects/batch_edits.h"
#include "glue_security/testing/defects/connection_schedules.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/stored_record.pb.h"

namespace glue_security {
namespace {

// The arguments that an operation is made from.
struct OperationParts {
  const Caller& caller;
  RequestRef request;
  const CoreOptions* options;
  CommitId commit_id;

  std::unique_ptr<ScheduledOperation> NewOperation() const {
    return NewEngineOperation(caller, request, options, commit_id);
  }
};

class DefectiveOperation : public ForwardingOperation {
 public:
  explicit DefectiveOperation(const OperationParts& parts)
      : ForwardingOperation(parts.NewOperation()), parts_(parts) {}

 protected:
  const OperationParts& parts() const { return parts_; }

 private:
  const OperationParts parts_;
};

template <typename Run>
ScheduledOperationFactory FactoryOf() {
  return [](const Caller& caller, RequestRef request,
            const CoreOptions* options, const CommitId& commit_id) {
    return std::make_unique<Run>(
        OperationParts{caller, request, options, commit_id});
  };
}

const RecordKey kCountKey{RecordKind::kConfigurationCount, ""};

// Returns the revision that a snapshot shows for `key`.
std::optional<Revision> RevisionIn(const Snapshot& snapshot,
                                   const ReadSet& read_set,
                                   const RecordKey& key) {
  const auto it = std::find(read_set.keys.begin(), read_set.keys.end(), key);
  if (it == read_set.keys.end()) return std::nullopt;
  const auto& record =
      snapshot.records[static_cast<size_t>(it - read_set.keys.begin())];
  if (!record.has_value()) return std::nullopt;
  return record->revision;
}

class PreconditionsDropped : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  WriteBatch TakeWriteBatch() override {
    WriteBatch batch = base().TakeWriteBatch();
    batch.preconditions.clear();
    return batch;
  }
};

class CountPreconditionDropped : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  WriteBatch TakeWriteBatch() override {
    WriteBatch batch = base().TakeWriteBatch();
    EraseKey(kCountKey, &batch.preconditions);
    return batch;
  }
};

class CreateWithoutCount : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  WriteBatch TakeWriteBatch() override {
    WriteBatch batch = base().TakeWriteBatch();
    if (parts().request.operation() ==
        v1::Request::kCreateSecurityConfiguration) {
      EraseKey(kCountKey, &batch.preconditions);
      EraseKey(kCountKey, &batch.mutations);
    }
    return batch;
  }
};

class TombstoneNotWritten : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  WriteBatch TakeWriteBatch() override {
    WriteBatch batch = base().TakeWriteBatch();
    if (parts().request.operation() == v1::Request::kDeleteResourcePolicy) {
      for (Mutation& mutation : batch.mutations) mutation.value.reset();
    }
    return batch;
  }
};

class CommitIdNotWritten : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  WriteBatch TakeWriteBatch() override {
    WriteBatch batch = base().TakeWriteBatch();
    for (Mutation& mutation : batch.mutations) {
      v1::StoredRecord record;
      if (!mutation.value.has_value() ||
          !record.ParseFromString(*mutation.value)) {
        continue;
      }
      record.clear_commit_id();
      mutation.value = record.SerializeAsString();
    }
    return batch;
  }
};

class CommitIdShared : public DefectiveOperation {
 public:
  explicit CommitIdShared(OperationParts parts)
      : DefectiveOperation(WithSharedId(parts)) {}

 private:
  static OperationParts WithSharedId(OperationParts parts) {
    parts.commit_id = {1};
    return parts;
  }
};

class ConflictAsSuccess : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  void Conflicted() override { base().Committed(); }
};

class NotAppliedAsSuccess : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  void CommitNotApplied() override { base().Committed(); }
};

class UnknownAsSuccess : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  void CommitUnknown() override { base().Committed(); }
};

class UnknownDeleteAsSuccess : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  void CommitUnknown() override {
    if (parts().request.operation() ==
        v1::Request::kDeleteSecurityConfiguration) {
      base().Committed();
    } else {
      base().CommitUnknown();
    }
  }
};

class UnknownAsNotApplied : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  void CommitUnknown() override { base().CommitNotApplied(); }
};

class UnknownAsConflict : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  void CommitUnknown() override { base().Conflicted(); }
};

class FreshStartAfterUnknown : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  void CommitUnknown() override { Replace(parts().NewOperation()); }
};

// Does not report the unknown commit to its base, which therefore sends the
// identical batch again.
class BlindResend : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  WriteBatch TakeWriteBatch() override {
    WriteBatch batch = base().TakeWriteBatch();
    if (unknown_) batch.preconditions.clear();
    return batch;
  }
  void CommitUnknown() override { unknown_ = true; }

 private:
  bool unknown_ = false;
};

class ResendWithoutLooking : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  void CommitUnknown() override { unknown_ = true; }
  void Conflicted() override {
    if (unknown_) {
      base().CommitNotApplied();
    } else {
      base().Conflicted();
    }
  }

 private:
  bool unknown_ = false;
};

// Shows its base the first snapshot again, and commits on the revisions of the
// current one.
class StaleSnapshot : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  void SnapshotRead(Snapshot snapshot, absl::Time now) override {
    fresh_ = snapshot;
    if (!again_ || !first_.has_value()) first_ = std::move(snapshot);
    base().SnapshotRead(*first_, now);
  }
  WriteBatch TakeWriteBatch() override {
    WriteBatch batch = base().TakeWriteBatch();
    if (!again_) return batch;
    for (Precondition& precondition : batch.preconditions) {
      precondition.revision = RevisionIn(fresh_, read_set(), precondition.key);
    }
    return batch;
  }

 protected:
  void Again() { again_ = true; }

 private:
  bool again_ = false;
  std::optional<Snapshot> first_;
  Snapshot fresh_;
};

class StaleSnapshotAfterConflict : public StaleSnapshot {
 public:
  using StaleSnapshot::StaleSnapshot;
  void Conflicted() override {
    Again();
    base().Conflicted();
  }
};

class RebasedResend : public StaleSnapshot {
 public:
  using StaleSnapshot::StaleSnapshot;
  void CommitUnknown() override {
    Again();
    base().CommitUnknown();
  }
};

// Shows its base the base's own writes when any record has changed.
class ChangeTakenForOwn : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  WriteBatch TakeWriteBatch() override {
    sent_ = base().TakeWriteBatch();
    return sent_;
  }
  void CommitUnknown() override {
    unknown_ = true;
    base().CommitUnknown();
  }
  void SnapshotRead(Snapshot snapshot, absl::Time now) override {
    if (unknown_ && HasChanged(snapshot)) {
      for (std::optional<Record>& record : snapshot.records) record.reset();
      for (const Mutation& mutation : sent_.mutations) {
        const auto& keys = read_set().keys;
        const auto it = std::find(keys.begin(), keys.end(), mutation.key);
        if (!mutation.value.has_value() || it == keys.end()) continue;
        snapshot.records[static_cast<size_t>(it - keys.begin())] =
            Record{1, *mutation.value};
      }
    }
    base().SnapshotRead(std::move(snapshot), now);
  }

 private:
  bool HasChanged(const Snapshot& snapshot) const {
    return std::any_of(sent_.preconditions.begin(), sent_.preconditions.end(),
                       [&](const Precondition& precondition) {
                         return RevisionIn(snapshot, read_set(),
                                           precondition.key) !=
                                precondition.revision;
                       });
  }

  bool unknown_ = false;
  WriteBatch sent_;
};

class ConditionsCheckedOnce : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  void Conflicted() override {
    if (parts().request.operation() != v1::Request::kPutResourcePolicy) {
      base().Conflicted();
      return;
    }
    unconditional_ = parts().request.as<v1::PutResourcePolicyRequest>();
    unconditional_.clear_policy_exists_condition();
    unconditional_.clear_policy_hash_condition();
    Replace(NewEngineOperation(parts().caller, unconditional_, parts().options,
                               parts().commit_id));
  }

 private:
  v1::PutResourcePolicyRequest unconditional_;
};

class FailedReadAsAbsent : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  void ReadFailed() override {
    Snapshot nothing;
    nothing.records.resize(read_set().keys.size());
    if (read_set().range.has_value()) nothing.range.emplace();
    base().SnapshotRead(std::move(nothing), absl::UnixEpoch());
  }
};

class GiveUpAsNotApplied : public DefectiveOperation {
 public:
  using DefectiveOperation::DefectiveOperation;
  Need need() const override {
    return given_up_ ? Need::kDone : DefectiveOperation::need();
  }
  void GiveUp() override {
    if (DefectiveOperation::need() != Need::kDone) given_up_ = true;
  }
  Outcome TakeOutcome() override {
    if (!given_up_) return base().TakeOutcome();
    return MakeError(v1::ERROR_CODE_INTERNAL_SERVICE, "given up",
                     v1::Error::DETAIL_NOT_APPLIED);
  }

 private:
  bool given_up_ = false;
};

// Reads the first record of a page, and the rest of the page later.
class ListFromTwoInstants : public DefectiveOperation {
 public:
  explicit ListFromTwoInstants(const OperationParts& parts)
      : DefectiveOperation(parts) {
    if (need() != Need::kRead) return;
    read_set_ = base().read_set();
    if (read_set_.range.has_value()) {
      records_max_ = read_set_.range->records_max;
      read_set_.range->records_max = 1;
    }
  }
  const ReadSet& read_set() const override { return read_set_; }
  void SnapshotRead(Snapshot snapshot, absl::Time now) override {
    if (!read_set_.range.has_value()) {
      base().SnapshotRead(std::move(snapshot), now);
      return;
    }
    RangeResult& range = *snapshot.range;
    if (!first_.has_value() && !range.records.empty()) {
      first_ = range.records[0];
      read_set_.range->after = first_->id;
      read_set_.range->records_max = std::max<size_t>(records_max_ - 1, 1);
      return;
    }
    if (first_.has_value()) {
      if (records_max_ == 1) {
        range.more = !range.records.empty();
        range.records.clear();
      }
      range.records.insert(range.records.begin(), *first_);
    }
    base().SnapshotRead(std::move(snapshot), now);
  }

 private:
  ReadSet read_set_;
  size_t records_max_ = 1;
  std::optional<RangeRecord> first_;
};

// Checks no precondition.
class UnguardedStorage : public SimulatedStorage {
 public:
  CommitResult Commit(const WriteBatch& batch,
                      SimulatedState* state) const override {
    WriteBatch unguarded = batch;
    unguarded.preconditions.clear();
    return SimulatedStorage::Commit(unguarded, state);
  }
};

// Checks revisions, but never that a record is absent.
class AbsenceNotCheckedStorage : public SimulatedStorage {
 public:
  CommitResult Commit(const WriteBatch& batch,
                      SimulatedState* state) const override {
    WriteBatch lenient = batch;
    auto& preconditions = lenient.preconditions;
    preconditions.erase(
        std::remove_if(preconditions.begin(), preconditions.end(),
                       [](const Precondition& precondition) {
                         return !precondition.revision.has_value();
                       }),
        preconditions.end());
    return SimulatedStorage::Commit(lenient, state);
  }
};

// Gives the revisions 1, 2, 1, 2, ...
class RevisionsReusedStorage : public SimulatedStorage {
 public:
  CommitResult Commit(const WriteBatch& batch,
                      SimulatedState* state) const override {
    state->last_revision %= 2;
    return SimulatedStorage::Commit(batch, state);
  }
};

// Applies the mutations whose own precondition holds, and no others.
class HalfAppliedStorage : public SimulatedStorage {
 public:
  CommitResult Commit(const WriteBatch& batch,
                      SimulatedState* state) const override {
    bool any = false;
    for (const Mutation& mutation : batch.mutations) {
      WriteBatch one = batch;
      one.mutations = {mutation};
      one.preconditions.clear();
      for (const Precondition& precondition : batch.preconditions) {
        if (precondition.key == mutation.key) {
          one.preconditions.push_back(precondition);
        }
      }
      any |= SimulatedStorage::Commit(one, state) == CommitResult::kCommitted;
    }
    return any ? CommitResult::kCommitted : CommitResult::kConflict;
  }
};

template <typename T>
const SimulatedStorage* Forever() {
  static const T* const kStorage = new T();
  return kStorage;
}

// Defects in the batches of a run: in its writes or its preconditions.
std::vector<DefectiveSchedule> DefectsOfBatches() {
  return {
      {"preconditions_dropped",
       "a batch is committed without its preconditions: lost updates",
       FactoryOf<PreconditionsDropped>()},
      {"count_precondition_dropped",
       "creates do not compare the count, so that two of them pass the limit",
       FactoryOf<CountPreconditionDropped>()},
      {"create_without_count", "a create does not raise the count",
       FactoryOf<CreateWithoutCount>()},
      {"tombstone_not_written",
       "deleting a policy removes its record, and the commit id with it",
       FactoryOf<TombstoneNotWritten>()},
      {"commit_id_not_written", "records do not hold the id of their run",
       FactoryOf<CommitIdNotWritten>()},
      {"commit_id_shared", "all runs have one commit id",
       FactoryOf<CommitIdShared>()},
      {"stale_snapshot_after_conflict",
       "after a conflict the old values are used with the new revisions",
       FactoryOf<StaleSnapshotAfterConflict>()},
      {"conditions_checked_once",
       "after a conflict a put no longer checks its conditions",
       FactoryOf<ConditionsCheckedOnce>()},
      {"list_from_two_instants", "a page is put together from two reads",
       FactoryOf<ListFromTwoInstants>()},
  };
}

// Defects in a run's use of the storage's answers.
std::vector<DefectiveSchedule> DefectsOfAnswers() {
  return {
      {"conflict_as_success", "a conflict is answered as a success",
       FactoryOf<ConflictAsSuccess>()},
      {"not_applied_as_success",
       "a commit that was not applied is answered as a success",
       FactoryOf<NotAppliedAsSuccess>()},
      {"unknown_as_success", "an unknown commit is answered as a success",
       FactoryOf<UnknownAsSuccess>()},
      {"unknown_delete_as_success",
       "the delete of a configuration with an unknown commit is answered as a "
       "success",
       FactoryOf<UnknownDeleteAsSuccess>()},
      {"unknown_as_not_applied",
       "an unknown commit is answered as one that was not applied",
       FactoryOf<UnknownAsNotApplied>()},
      {"unknown_as_conflict",
       "after an unknown commit the operation is decided again, as after a "
       "conflict",
       FactoryOf<UnknownAsConflict>()},
      {"fresh_run_after_unknown",
       "after an unknown commit a new run starts, with the same id",
       FactoryOf<FreshStartAfterUnknown>()},
      {"blind_resend",
       "after an unknown commit the batch is sent again without preconditions",
       FactoryOf<BlindResend>()},
      {"resend_without_looking",
       "after an unknown commit the batch is sent again, and a conflict is "
       "then answered as not applied",
       FactoryOf<ResendWithoutLooking>()},
      {"rebased_resend",
       "after an unknown commit the batch is sent again with the current "
       "revisions",
       FactoryOf<RebasedResend>()},
      {"change_taken_for_own",
       "after an unknown commit any change is mistaken for the run's own",
       FactoryOf<ChangeTakenForOwn>()},
      {"failed_read_as_absent",
       "a failed read is mistaken for an empty catalog",
       FactoryOf<FailedReadAsAbsent>()},
      {"give_up_as_not_applied",
       "a run that is given up always answers that nothing was changed",
       FactoryOf<GiveUpAsNotApplied>()},
  };
}

std::vector<DefectiveSchedule> DefectsOfStorages() {
  return {
      {"storage_ignores_preconditions", "the storage checks no preconditions",
       nullptr, Forever<UnguardedStorage>()},
      {"storage_ignores_absence",
       "the storage does not check that a record is absent", nullptr,
       Forever<AbsenceNotCheckedStorage>()},
      {"storage_reuses_revisions", "the storage reuses revisions", nullptr,
       Forever<RevisionsReusedStorage>()},
      {"storage_applies_halves",
       "the storage applies only those changes of a batch whose own "
       "precondition holds",
       nullptr, Forever<HalfAppliedStorage>()},
  };
}

}  // namespace

std::vector<DefectiveSchedule> AllDefectiveSchedules() {
  std::vector<DefectiveSchedule> all = DefectsOfBatches();
  for (const auto& more :
       {DefectsOfAnswers(), DefectsOfStorages(), ConnectionScheduleDefects()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace glue_security
