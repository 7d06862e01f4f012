// MemoryState: puts a `MemoryStorage`, and the keys of a `LocalKms`, under the
// control of a test harness.

#ifndef GLUE_SECURITY_SERVER_BINARY_MEMORY_STATE_H_
#define GLUE_SECURITY_SERVER_BINARY_MEMORY_STATE_H_

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/server/control.h"
#include "glue_security/storage/memory/memory_storage.h"

namespace glue_security {

struct MemoryStateOptions {
  // The largest number of snapshots, and of bytes in their records
  // (`MemoryStorage::record_bytes`). Records that snapshots share count in each
  // of them.
  size_t snapshots_max = 100;
  size_t snapshot_bytes_max = size_t{256} << 20;
};

// A snapshot is a fork of the storage. It has no keys: a reset deletes them, so
// that what was encrypted before the reset cannot be decrypted when a snapshot
// is restored after it. Thread-safe.
class MemoryState : public ControlledState {
 public:
  // REQUIRES: `storage` is empty, and it and `keys`, which may be null, outlive
  // this object.
  explicit MemoryState(MemoryStorage* storage, MemoryStateOptions options = {},
                       LocalKms* keys = nullptr);

  absl::Status Reset() override;
  absl::Status Save(const std::string& name) override;
  absl::Status Restore(const std::string& name) override;
  bool Forget(const std::string& name) override;
  std::vector<std::string> Names() const override;

 private:
  MemoryStorage& storage_;
  const std::unique_ptr<MemoryStorage> empty_;
  const MemoryStateOptions options_;
  LocalKms* const keys_;
  mutable std::mutex mutex_;
  // Guarded by `mutex_`.
  std::map<std::string, std::unique_ptr<MemoryStorage>> snapshots_;
  // INVARIANT: the sum of the snapshots' record bytes.
  size_t bytes_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_BINARY_MEMORY_STATE_H_
