// MemoryState: the state of a `MemoryStorage`, as a test harness handles it.

#ifndef GLUE_SECURITY_SERVER_BINARY_MEMORY_STATE_H_
#define GLUE_SECURITY_SERVER_BINARY_MEMORY_STATE_H_

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "glue_security/server/control.h"
#include "glue_security/storage/memory_storage.h"

namespace glue_security {

// A snapshot is a fork of the storage. Thread-safe.
class MemoryState : public ControlledState {
 public:
  // Keeps at most `snapshots_max` snapshots.
  // REQUIRES: `storage` is empty, and outlives this.
  explicit MemoryState(MemoryStorage* storage, size_t snapshots_max = 100);

  void Reset() override;
  absl::Status Save(const std::string& name) override;
  bool Restore(const std::string& name) override;
  bool Forget(const std::string& name) override;
  std::vector<std::string> Names() const override;

 private:
  void Use(const MemoryStorage& state);

  MemoryStorage& storage_;
  const std::unique_ptr<MemoryStorage> empty_;
  const size_t snapshots_max_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<MemoryStorage>> snapshots_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_BINARY_MEMORY_STATE_H_
