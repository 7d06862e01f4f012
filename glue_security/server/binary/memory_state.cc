#include "glue_security/server/binary/memory_state.h"

#include "absl/strings/str_cat.h"

namespace glue_security {

MemoryState::MemoryState(MemoryStorage* storage, size_t snapshots_max)
    : storage_(*storage),
      empty_(storage->Fork()),
      snapshots_max_(snapshots_max) {}

void MemoryState::Reset() { Use(*empty_); }

absl::Status MemoryState::Save(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (snapshots_.size() >= snapshots_max_ && snapshots_.count(name) == 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("there is no room for more than ", snapshots_max_,
                     " snapshots; forget some"));
  }
  snapshots_[name] = storage_.Fork();
  return absl::OkStatus();
}

bool MemoryState::Restore(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = snapshots_.find(name);
  if (found == snapshots_.end()) return false;
  Use(*found->second);
  return true;
}

bool MemoryState::Forget(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return snapshots_.erase(name) > 0;
}

std::vector<std::string> MemoryState::Names() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, snapshot] : snapshots_) names.push_back(name);
  return names;
}

// Fails only for a storage of another family.
void MemoryState::Use(const MemoryStorage& state) {
  storage_.Restore(state).IgnoreError();
}

}  // namespace glue_security
