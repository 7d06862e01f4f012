#include "glue_security/server/binary/memory_state.h"

namespace glue_security {

MemoryState::MemoryState(MemoryStorage* storage)
    : storage_(*storage), empty_(storage->Fork()) {}

void MemoryState::Reset() { Use(*empty_); }

void MemoryState::Save(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  snapshots_[name] = storage_.Fork();
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
