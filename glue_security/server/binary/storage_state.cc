#include "glue_security/server/binary/memory_state.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace glue_security {

MemoryState::MemoryState(MemoryStorage* storage, MemoryStateOptions options,
                         LocalKms* keys)
    : storage_(*storage),
      empty_(storage->Fork()),
      options_(options),
      keys_(keys) {}

absl::Status MemoryState::Reset() {
  auto status = storage_.Restore(*empty_);
  if (status.ok() && keys_ != nullptr) keys_->Reset();
  return status;
}

absl::Status MemoryState::Save(const std::string& name) {
  std::unique_ptr<MemoryStorage> snapshot = storage_.Fork();
  const size_t bytes = snapshot->record_bytes();
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = snapshots_.find(name);
  const size_t freed =
      found == snapshots_.end() ? 0 : found->second->record_bytes();
  if (found == snapshots_.end() &&
      snapshots_.size() >= options_.snapshots_max) {
    return absl::ResourceExhaustedError(
        absl::StrCat("there is no room for more than ", options_.snapshots_max,
                     " snapshots; delete some"));
  }
  // Does not underflow: `bytes_` never exceeds the bound.
  if (bytes > options_.snapshot_bytes_max - (bytes_ - freed)) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the other snapshots have ", bytes_ - freed,
        " bytes of records; there is no room for ", bytes, " more within ",
        options_.snapshot_bytes_max, "; delete some"));
  }
  if (found == snapshots_.end()) {
    snapshots_.emplace(name, std::move(snapshot));
  } else {
    found->second = std::move(snapshot);
  }
  bytes_ += bytes - freed;
  return absl::OkStatus();
}

absl::Status MemoryState::Restore(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = snapshots_.find(name);
  if (found == snapshots_.end()) {
    return absl::NotFoundError("no such snapshot");
  }
  return storage_.Restore(*found->second);
}

bool MemoryState::Forget(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = snapshots_.find(name);
  if (found == snapshots_.end()) return false;
  bytes_ -= found->second->record_bytes();
  snapshots_.erase(found);
  return true;
}

std::vector<std::string> MemoryState::Names() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, snapshot] : snapshots_) names.push_back(name);
  return names;
}

}  // namespace glue_security
