#include "glue_security/storage/fault_injecting_storage.h"

#include <cassert>
#include <utility>

#include "absl/time/clock.h"

namespace glue_security {
namespace {

void ShowNobody(BranchId /*branch*/, const RecordView* /*record*/) {}

}  // namespace

StorageFault StorageFault::None() { return StorageFault(); }

StorageFault StorageFault::FailBefore(absl::Status status) {
  assert(!status.ok());
  StorageFault fault;
  fault.fate_ = Fate::kFailBefore;
  fault.status_ = std::move(status);
  return fault;
}

StorageFault StorageFault::FailAfter(absl::Status status) {
  assert(!status.ok());
  StorageFault fault;
  fault.fate_ = Fate::kFailAfter;
  fault.status_ = std::move(status);
  return fault;
}

StorageFault StorageFault::ApplyLate(absl::Status status, size_t calls) {
  assert(!status.ok());
  StorageFault fault;
  fault.fate_ = Fate::kApplyLate;
  fault.status_ = std::move(status);
  fault.calls_ = calls;
  return fault;
}

StorageFault StorageFault::Conflict() {
  StorageFault fault;
  fault.fate_ = Fate::kConflict;
  return fault;
}

StorageFault StorageFault::RunBefore(std::function<void()> hook) {
  StorageFault fault;
  fault.before_ = std::move(hook);
  return fault;
}

StorageFault StorageFault::RunAfter(std::function<void()> hook) {
  StorageFault fault;
  fault.after_ = std::move(hook);
  return fault;
}

StorageFault StorageFault::DelayBefore(absl::Duration duration) {
  StorageFault fault;
  fault.delay_before_ = duration;
  return fault;
}

StorageFault StorageFault::DelayAfter(absl::Duration duration) {
  StorageFault fault;
  fault.delay_after_ = duration;
  return fault;
}

FaultInjectingStorage::FaultInjectingStorage(Storage* base, Sleeper sleeper)
    : base_(base),
      sleeper_(sleeper != nullptr ? std::move(sleeper) : absl::SleepFor) {}

void FaultInjectingStorage::Add(StorageFaultRule rule) {
  const std::lock_guard<std::mutex> lock(mutex_);
  rules_.push_back({std::move(rule)});
}

void FaultInjectingStorage::AddCommits(
    const std::vector<StorageFault>& script) {
  uint64_t first = 1;
  for (const StorageFault& fault : script) {
    Add({StorageCall::kCommit, first, /*every=*/0, fault});
    ++first;
  }
}

void FaultInjectingStorage::ClearRules() {
  const std::lock_guard<std::mutex> lock(mutex_);
  rules_.clear();
}

size_t FaultInjectingStorage::DeliverLate() {
  std::vector<WriteBatch> batches;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (HeldBack& held : held_back_) batches.push_back(std::move(held.batch));
    held_back_.clear();
  }
  return CommitLate(batches);
}

size_t FaultInjectingStorage::held_back() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return held_back_.size();
}

StorageCounts FaultInjectingStorage::counts() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return counts_;
}

absl::StatusOr<Snapshot> FaultInjectingStorage::Read(const ReadSet& read_set) {
  const Plan plan = Begin(StorageCall::kRead);
  const bool made =
      plan.fate.fate_ == Fate::kForward || plan.fate.fate_ == Fate::kFailAfter;
  absl::StatusOr<Snapshot> result;
  if (made) result = base_->Read(read_set);
  if (plan.fate.fate_ != Fate::kForward) result = plan.fate.status_;
  End(plan);
  return result;
}

absl::StatusOr<CommitResult> FaultInjectingStorage::Commit(
    const WriteBatch& batch) {
  const Plan plan = Begin(StorageCall::kCommit);
  absl::StatusOr<CommitResult> result = CommitResult::kConflict;
  switch (plan.fate.fate_) {
    case Fate::kForward:
      result = CommitBeneath(batch);
      break;
    case Fate::kFailBefore:
      result = plan.fate.status_;
      break;
    case Fate::kFailAfter:
      CommitBeneath(batch).status().IgnoreError();
      result = plan.fate.status_;
      break;
    case Fate::kApplyLate: {
      const std::lock_guard<std::mutex> lock(mutex_);
      held_back_.push_back({batch, plan.fate.calls_});
      result = plan.fate.status_;
      break;
    }
    case Fate::kConflict:
      break;
  }
  End(plan);
  return result;
}

absl::Status FaultInjectingStorage::VisitRecord(const CatalogKey& catalog,
                                                const RecordKey& key,
                                                RecordVisitor visitor) {
  const Plan plan = Begin(StorageCall::kRead);
  absl::Status status = plan.fate.status_;
  if (plan.fate.fate_ == Fate::kForward) {
    status = VisitBeneath(catalog, key, visitor);
  } else if (plan.fate.fate_ == Fate::kFailAfter) {
    VisitBeneath(catalog, key, ShowNobody).IgnoreError();
  }
  End(plan);
  // kUnimplemented would mean that visits are not supported, and the caller
  // would then use `Read`.
  if (absl::IsUnimplemented(status)) {
    return absl::UnknownError(status.message());
  }
  return status;
}

absl::Status FaultInjectingStorage::VisitBeneath(const CatalogKey& catalog,
                                                 const RecordKey& key,
                                                 RecordVisitor visitor) {
  ReadSet read_set;
  read_set.catalog = catalog;
  read_set.keys = {key};
  return VisitSnapshot(base_, read_set, [&](const SnapshotView& snapshot) {
    if (!snapshot.has(0)) return visitor(snapshot.branch(), nullptr);
    const RecordView record = {*snapshot.revision(0), snapshot.value(0)};
    visitor(snapshot.branch(), &record);
  });
}

Durability FaultInjectingStorage::durability() const {
  return base_->durability();
}

FaultInjectingStorage::Plan FaultInjectingStorage::Begin(StorageCall call) {
  Plan plan;
  std::vector<WriteBatch> due;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++(call == StorageCall::kRead ? counts_.reads : counts_.commits);
    std::vector<HeldBack> still_held;
    for (HeldBack& held : held_back_) {
      if (held.calls_left == 1) {
        due.push_back(std::move(held.batch));
        continue;
      }
      if (held.calls_left > 1) --held.calls_left;
      still_held.push_back(std::move(held));
    }
    held_back_ = std::move(still_held);
    for (CountedRule& counted : rules_) {
      const StorageFaultRule& rule = counted.rule;
      if (rule.call.has_value() && *rule.call != call) continue;
      const uint64_t n = ++counted.calls;
      const bool meets =
          n == rule.first || (n > rule.first && rule.every != 0 &&
                              (n - rule.first) % rule.every == 0);
      if (meets) plan.faults.push_back(rule.fault);
    }
    for (const StorageFault& fault : plan.faults) {
      if (fault.fate_ == Fate::kForward) continue;
      if (fault.fate_ == Fate::kConflict && call != StorageCall::kCommit) {
        continue;
      }
      plan.fate = fault;
      ++counts_.failed;
      break;
    }
  }
  CommitLate(due);
  for (const StorageFault& fault : plan.faults) {
    if (fault.delay_before_ > absl::ZeroDuration()) {
      sleeper_(fault.delay_before_);
    }
    if (fault.before_ != nullptr) fault.before_();
  }
  return plan;
}

void FaultInjectingStorage::End(const Plan& plan) {
  for (const StorageFault& fault : plan.faults) {
    if (fault.delay_after_ > absl::ZeroDuration()) sleeper_(fault.delay_after_);
    if (fault.after_ != nullptr) fault.after_();
  }
}

absl::StatusOr<CommitResult> FaultInjectingStorage::CommitBeneath(
    const WriteBatch& batch) {
  auto result = base_->Commit(batch);
  if (result.ok()) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++(*result == CommitResult::kCommitted ? counts_.committed
                                           : counts_.conflicts);
  }
  return result;
}

size_t FaultInjectingStorage::CommitLate(
    const std::vector<WriteBatch>& batches) {
  size_t applied = 0;
  for (const WriteBatch& batch : batches) {
    const auto result = CommitBeneath(batch);
    if (result.ok() && *result == CommitResult::kCommitted) ++applied;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  counts_.committed_late += applied;
  return applied;
}

}  // namespace glue_security
