#include "glue_security/control/storage_state.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

namespace glue_security {
namespace {

absl::Status NoRoom(size_t others, size_t bytes, size_t bytes_max) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the other snapshots have ", others,
                   " bytes of records; there is no room for ", bytes,
                   " more within ", bytes_max, "; delete some"));
}

// Replaces the records of `to` by those of a snapshot.
absl::Status CopyTo(StorageMaintenance* to, MemoryStorage* snapshot) {
  const auto records = ReadAll(snapshot);
  if (!records.ok()) return records.status();
  return ReplaceAllWith(*records, ReplaceMode::kAll, to).status();
}

}  // namespace

StorageState::StorageState(MemoryStorage* storage, StorageStateOptions options,
                           LocalKms* keys)
    : memory_(storage),
      maintenance_(nullptr),
      empty_(storage->Fork()),
      options_(options),
      keys_(keys) {}

StorageState::StorageState(StorageMaintenance* storage,
                           StorageStateOptions options, LocalKms* keys)
    : memory_(nullptr), maintenance_(storage), options_(options), keys_(keys) {}

absl::Status StorageState::Reset() {
  absl::Status status =
      memory_ != nullptr
          ? memory_->Restore(*empty_)
          : ReplaceAllWith({}, ReplaceMode::kAll, maintenance_).status();
  if (status.ok() && keys_ != nullptr) keys_->Reset();
  return status;
}

absl::StatusOr<std::unique_ptr<MemoryStorage>> StorageState::Take(
    size_t bytes_max) const {
  if (memory_ != nullptr) return memory_->Fork();
  MemoryStorageOptions unbounded;
  unbounded.catalogs_max = SIZE_MAX;
  auto copy = std::make_unique<MemoryStorage>(unbounded);
  WriteBatch batch;
  {
    const auto empty = copy->Read({});
    if (!empty.ok()) return empty.status();
    batch.branch = empty->branch;
  }
  const absl::Status status =
      maintenance_->VisitAll([&](const NamedRecord& record) {
        batch.catalog = record.catalog;
        batch.mutations = {{record.key, record.value}};
        const auto result = copy->Commit(batch);
        if (!result.ok()) return result.status();
        if (copy->record_bytes() <= bytes_max) return absl::OkStatus();
        return NoRoom(options_.snapshot_bytes_max - bytes_max,
                      copy->record_bytes(), options_.snapshot_bytes_max);
      });
  if (!status.ok()) return status;
  return copy;
}

absl::Status StorageState::Save(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = snapshots_.find(name);
  if (found == snapshots_.end() &&
      snapshots_.size() >= options_.snapshots_max) {
    return absl::ResourceExhaustedError(
        absl::StrCat("there is no room for more than ", options_.snapshots_max,
                     " snapshots; delete some"));
  }
  const size_t freed =
      found == snapshots_.end() ? 0 : found->second->record_bytes();
  // Does not underflow: `bytes_` never exceeds the bound.
  const size_t room = options_.snapshot_bytes_max - (bytes_ - freed);
  auto snapshot = Take(room);
  if (!snapshot.ok()) return snapshot.status();
  const size_t bytes = (*snapshot)->record_bytes();
  if (bytes > room) {
    return NoRoom(bytes_ - freed, bytes, options_.snapshot_bytes_max);
  }
  if (found == snapshots_.end()) {
    snapshots_.emplace(name, *std::move(snapshot));
  } else {
    found->second = *std::move(snapshot);
  }
  bytes_ += bytes - freed;
  return absl::OkStatus();
}

absl::Status StorageState::Restore(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = snapshots_.find(name);
  if (found == snapshots_.end()) {
    return absl::NotFoundError("no such snapshot");
  }
  return memory_ != nullptr ? memory_->Restore(*found->second)
                            : CopyTo(maintenance_, found->second.get());
}

bool StorageState::Forget(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = snapshots_.find(name);
  if (found == snapshots_.end()) return false;
  bytes_ -= found->second->record_bytes();
  snapshots_.erase(found);
  return true;
}

std::vector<std::string> StorageState::Names() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, snapshot] : snapshots_) names.push_back(name);
  return names;
}

std::unique_ptr<StorageState> MakeStorageState(
    const OpenedStorage& opened, const StorageStateOptions& options,
    LocalKms* keys) {
  if (auto* const memory = dynamic_cast<MemoryStorage*>(opened.storage.get())) {
    return std::make_unique<StorageState>(memory, options, keys);
  }
  return std::make_unique<StorageState>(opened.maintenance, options, keys);
}

}  // namespace glue_security
