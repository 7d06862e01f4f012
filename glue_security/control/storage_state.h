// StorageState: puts a storage, and the keys of a `LocalKms`, under the control
// of a test harness.

#ifndef GLUE_SECURITY_CONTROL_STORAGE_STATE_H_
#define GLUE_SECURITY_CONTROL_STORAGE_STATE_H_

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/control/controlled_state.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/storage/storage_kind.h"
#include "glue_security/storage/storage_maintenance.h"

namespace glue_security {

struct StorageStateOptions {
  // The largest number of snapshots, and of bytes in their records
  // (`MemoryStorage::record_bytes`). Records that snapshots share count in each
  // of them.
  size_t snapshots_max = 100;
  size_t snapshot_bytes_max = size_t{256} << 20;
};

// A snapshot of a storage in memory is a fork, which takes no time. A snapshot
// of another storage is a copy of its records in memory; they end with the
// process. Neither has keys: a reset deletes them, so that what was encrypted
// before the reset cannot be decrypted when a snapshot is restored after it.
//
// With another storage than one in memory, all but `Forget` and `Names` return
// its errors, too. Thread-safe.
class StorageState : public ControlledState {
 public:
  // REQUIRES: `storage` is empty, and it and `keys`, which may be null, outlive
  // this object.
  explicit StorageState(MemoryStorage* storage,
                        StorageStateOptions options = {},
                        LocalKms* keys = nullptr);
  // REQUIRES: both outlive this object.
  explicit StorageState(StorageMaintenance* storage,
                        StorageStateOptions options = {},
                        LocalKms* keys = nullptr);

  absl::Status Reset() override;
  absl::Status Save(const std::string& name) override;
  absl::Status Restore(const std::string& name) override;
  bool Forget(const std::string& name) override;
  std::vector<std::string> Names() const override;

 private:
  // Returns the records of the storage as of now; kResourceExhausted when a
  // copy would have more than `bytes_max` bytes.
  absl::StatusOr<std::unique_ptr<MemoryStorage>> Take(size_t bytes_max) const;

  // Exactly one is not null.
  MemoryStorage* const memory_;
  StorageMaintenance* const maintenance_;
  // With `memory_`.
  const std::unique_ptr<MemoryStorage> empty_;
  const StorageStateOptions options_;
  LocalKms* const keys_;
  mutable std::mutex mutex_;
  // Guarded by `mutex_`.
  std::map<std::string, std::unique_ptr<MemoryStorage>> snapshots_;
  // INVARIANT: the sum of the snapshots' record bytes.
  size_t bytes_ = 0;
};

// Puts a storage that was opened by its URL under control. A storage in memory
// is forked, not copied. REQUIRES: as for the constructors; the storage offers
// its maintenance.
std::unique_ptr<StorageState> MakeStorageState(
    const OpenedStorage& opened, const StorageStateOptions& options,
    LocalKms* keys);

}  // namespace glue_security

#endif  // GLUE_SECURITY_CONTROL_STORAGE_STATE_H_
