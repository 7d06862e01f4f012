#include "glue_security/testing/defects/map_storage.h"

#include <algorithm>
#include <utility>

namespace glue_security {
namespace testing_internal {
namespace {

absl::StatusOr<CommitResult> Fail(MapStorage& storage, int way,
                                  WriteBatch batch) {
  switch (way) {
    case MapStorage::kRefused:
      return absl::UnavailableError("refused");
    case MapStorage::kDamaged:
      return absl::DataLossError("damaged");
    case MapStorage::kLostThere:
      return absl::DeadlineExceededError("lost on the way there");
    case MapStorage::kLostBack:
      storage.DoCommit(batch).status().IgnoreError();
      return absl::UnknownError("lost on the way back");
    default:
      storage.HoldBack(std::move(batch));
      return absl::DeadlineExceededError("still under way");
  }
}

}  // namespace

Steps::Steps()
    : name([](const CatalogKey& catalog, const RecordKey& key) {
        return RecordName{catalog.catalog_id, catalog.region, key.kind, key.id};
      }),
      stored([](std::optional<std::string> value) { return value; }),
      holds([](const Record* record, const Precondition& precondition) {
        if (record == nullptr) return !precondition.revision.has_value();
        return precondition.revision == record->revision;
      }),
      is_branch(
          [](BranchId batch, BranchId storage) { return batch == storage; }),
      revision([](MapStorage& storage, const RecordName&, size_t index) {
        return index == 0 ? storage.NextRevision() : storage.last_revision();
      }),
      reopened([](const Records&, Revision last) { return last; }),
      forked([](BranchId, BranchId next) { return next; }),
      in_range([](const RecordName& record, const RecordName& range,
                  bool has_after) {
        return record.catalog_id == range.catalog_id &&
               record.region == range.region && record.kind == range.kind &&
               (!has_after || record.id > range.id);
      }),
      less([](const RangeRecord& a, const RangeRecord& b) {
        return a.id < b.id;
      }),
      fits([](const RangeRead& range, const std::vector<RangeRecord>& taken,
              size_t bytes, const RangeRecord& next) {
        if (taken.empty()) return true;
        return taken.size() < range.records_max &&
               bytes + next.id.size() + next.value.size() <= range.bytes_max;
      }),
      more([](const RangeRead&, const RangeResult&, size_t left) {
        return left > 0;
      }),
      read([](MapStorage& storage, const ReadSet& read_set) {
        return storage.DoRead(read_set);
      }),
      commit([](MapStorage& storage, const WriteBatch& batch) {
        return storage.DoCommit(batch);
      }),
      visit([](MapStorage& storage, const CatalogKey& catalog,
               const RecordKey& key, Visitor visitor) {
        return storage.DoVisit(catalog, key, visitor);
      }),
      fail(Fail),
      arrive([](MapStorage& storage, const WriteBatch& batch) {
        storage.DoCommit(batch).status().IgnoreError();
      }) {}

MapStorage::MapStorage(std::shared_ptr<const Steps> steps)
    : steps_(std::move(steps)) {}

absl::StatusOr<Snapshot> MapStorage::Read(const ReadSet& read_set) {
  return steps_->read(*this, read_set);
}

absl::StatusOr<CommitResult> MapStorage::Commit(const WriteBatch& batch) {
  std::optional<int> failure;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    failure = std::exchange(next_failure_, std::nullopt);
  }
  if (failure.has_value()) {
    return steps_->fail(*this, *failure, batch);
  }
  return steps_->commit(*this, batch);
}

absl::Status MapStorage::VisitRecord(const CatalogKey& catalog,
                                     const RecordKey& key, Visitor visitor) {
  return steps_->visit(*this, catalog, key, visitor);
}

std::unique_ptr<MapStorage> MapStorage::Fork() {
  auto fork = std::make_unique<MapStorage>(steps_);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (steps_->forks_count_together) {
    fork->family_ = family_;
  } else {
    fork->set_last_revision(last_revision());
  }
  fork->branch_ = steps_->forked(branch_, ++family_->last_branch);
  fork->records_ = records_;
  return fork;
}

void MapStorage::Reopen() {
  const std::lock_guard<std::mutex> lock(mutex_);
  set_last_revision(steps_->reopened(records_, last_revision()));
}

bool MapStorage::FailNextCommit(int way) {
  if (way >= kWays) return false;
  const std::lock_guard<std::mutex> lock(mutex_);
  next_failure_ = way;
  return true;
}

void MapStorage::Settle() {
  std::vector<WriteBatch> batches;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    batches = std::exchange(held_back_, {});
  }
  for (const WriteBatch& batch : batches) steps_->arrive(*this, batch);
}

void MapStorage::SetStep(std::function<void()> step) {
  const std::lock_guard<std::mutex> lock(mutex_);
  step_ = std::move(step);
}

void MapStorage::Step() {
  std::function<void()> step;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    step = step_;
  }
  if (step != nullptr) step();
}

absl::StatusOr<Snapshot> MapStorage::DoRead(const ReadSet& read_set) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return DoRead(records_, read_set);
}

absl::StatusOr<Snapshot> MapStorage::DoRead(const Records& records,
                                            const ReadSet& read_set) {
  Snapshot snapshot;
  snapshot.branch = branch_;
  for (const RecordKey& key : read_set.keys) {
    const auto found = records.find(steps_->name(read_set.catalog, key));
    snapshot.records.emplace_back();
    if (found != records.end()) snapshot.records.back() = found->second;
  }
  if (read_set.range.has_value()) {
    snapshot.range = DoRange(records, read_set.catalog, *read_set.range);
  }
  return snapshot;
}

RangeResult MapStorage::DoRange(const Records& records,
                                const CatalogKey& catalog,
                                const RangeRead& range) const {
  const RecordName bounds =
      steps_->name(catalog, {range.kind, range.after.value_or("")});
  std::vector<RangeRecord> found;
  for (const auto& [name, record] : records) {
    if (!steps_->in_range(name, bounds, range.after.has_value())) continue;
    found.push_back({name.id, record.revision, record.value});
  }
  std::stable_sort(found.begin(), found.end(), steps_->less);
  RangeResult result;
  size_t bytes = 0;
  for (const RangeRecord& next : found) {
    if (!steps_->fits(range, result.records, bytes, next)) break;
    bytes += next.id.size() + next.value.size();
    result.records.push_back(next);
  }
  result.more =
      steps_->more(range, result, found.size() - result.records.size());
  return result;
}

absl::StatusOr<CommitResult> MapStorage::DoCommit(const WriteBatch& batch) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!HoldsLocked(batch)) return CommitResult::kConflict;
  ApplyLocked(batch);
  return CommitResult::kCommitted;
}

bool MapStorage::Holds(const WriteBatch& batch) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return HoldsLocked(batch);
}

bool MapStorage::HoldsLocked(const WriteBatch& batch) const {
  if (!steps_->is_branch(batch.branch, branch_)) return false;
  for (const Precondition& precondition : batch.preconditions) {
    const auto found =
        records_.find(steps_->name(batch.catalog, precondition.key));
    const Record* record = found == records_.end() ? nullptr : &found->second;
    if (!steps_->holds(record, precondition)) return false;
  }
  return true;
}

void MapStorage::ApplyLocked(const WriteBatch& batch) {
  size_t index = 0;
  for (const Mutation& mutation : batch.mutations) {
    const RecordName name = steps_->name(batch.catalog, mutation.key);
    const Revision revision = steps_->revision(*this, name, index++);
    const auto value = steps_->stored(mutation.value);
    if (value.has_value()) {
      records_[name] = {revision, *value};
    } else {
      records_.erase(name);
    }
  }
}

void MapStorage::Force(const CatalogKey& catalog,
                       std::vector<Mutation> mutations) {
  WriteBatch batch;
  batch.catalog = catalog;
  batch.mutations.assign(mutations.begin(), mutations.end());
  const std::lock_guard<std::mutex> lock(mutex_);
  ApplyLocked(batch);
}

absl::Status MapStorage::DoVisit(const CatalogKey& catalog,
                                 const RecordKey& key, Visitor visitor) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = records_.find(steps_->name(catalog, key));
  if (found == records_.end()) {
    visitor(branch_, nullptr);
  } else {
    const RecordView view{found->second.revision, found->second.value};
    visitor(branch_, &view);
  }
  return absl::OkStatus();
}

std::optional<Record> MapStorage::Find(const CatalogKey& catalog,
                                       const RecordKey& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = records_.find(steps_->name(catalog, key));
  if (found == records_.end()) return std::nullopt;
  return found->second;
}

Records MapStorage::Copy() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return records_;
}

void MapStorage::HoldBack(WriteBatch batch) {
  const std::lock_guard<std::mutex> lock(mutex_);
  held_back_.push_back(std::move(batch));
}

}  // namespace testing_internal
}  // namespace glue_security
