// MemoryStorage: the default storage, in the memory of the process.
//
// The whole state is one immutable tree. A commit makes a new tree that shares
// all but one path with the old one, and publishes it in one step. Readers take
// no lock, never wait, and see one instant. Writers take turns. Because the old
// tree never changes, copying the whole state takes constant time:
//
//   MemoryStorage storage;
//   Engine engine(&storage);
//   ...  // fill the storage, once
//   std::unique_ptr<MemoryStorage> scene = storage.Fork();
//   ...  // an experiment on `storage`
//   storage.Restore(*scene);  // the experiment is undone
//
// A storage of another family (not related to `scene` by `Fork`) refuses to
// restore it: InvalidArgument, nothing changed.
//
// Memory. A record costs its id and value, 32 bytes, its share of the tree (8
// to 16 bytes), and the rounding up to the next size of its arena. The memory
// of removed records is reused for later ones; it returns to the system when
// the last storage of the family is destroyed. While a visitor runs, records
// that were replaced since it started are not freed.
//
// Running out of memory. A call that runs out of memory changes nothing and
// returns kResourceExhausted; the storage stays usable. The constructor and
// `Fork`, which return no status, throw std::bad_alloc, nothing changed. An
// exception of a visitor passes through. See docs/out_of_memory.md.

#ifndef GLUE_SECURITY_STORAGE_MEMORY_MEMORY_STORAGE_H_
#define GLUE_SECURITY_STORAGE_MEMORY_MEMORY_STORAGE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/memory/arena.h"
#include "glue_security/storage/memory/catalog_tree.h"
#include "glue_security/storage/memory/change.h"
#include "glue_security/storage/memory/epoch_domain.h"
#include "glue_security/storage/memory/persistent_tree.h"
#include "glue_security/storage/storage.h"
#include "glue_security/storage/storage_maintenance.h"

namespace glue_security {

// The options of a family; all its members share them.
struct MemoryStorageOptions {
  // The largest number of catalogs with records in one storage. A commit that
  // would add one more is kResourceExhausted. A catalog whose last record is
  // removed no longer counts. The engine never removes the last record of a
  // catalog: a deleted policy leaves a record.
  size_t catalogs_max = 100'000;

  // Allocates every record and node on the heap, each as a block of its own.
  // Slower and larger; for sanitizers and heap checkers, which then see each
  // block.
  bool heap_only = false;
};

// Keeps the contract of `Storage`. The only error that `Read`, `Commit` and
// `VisitRecord` return is kResourceExhausted: out of memory, or one catalog too
// many. Thread-safe. REQUIRES: no call is in progress when it is destroyed.
class MemoryStorage : public Storage, public StorageMaintenance {
 public:
  // Makes an empty storage, the first of a new family.
  explicit MemoryStorage(
      const MemoryStorageOptions& options = MemoryStorageOptions());
  ~MemoryStorage() override;

  MemoryStorage(const MemoryStorage&) = delete;
  MemoryStorage& operator=(const MemoryStorage&) = delete;

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override;
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override;
  Durability durability() const override { return Durability::kNone; }

  // The visitor may call the storage and take its time.
  absl::Status VisitAll(NamedRecordVisitor visitor) override;
  // Begins a new branch, as `Restore` does. kInvalidArgument when a record is
  // of a kind that this version does not know, nothing changed.
  absl::StatusOr<uint64_t> ReplaceAll(ReplaceMode mode,
                                      NamedRecordSource source) override;
  absl::StatusOr<StorageStats> Stats() override;
  // There are no checksums in memory, so nothing is found.
  absl::Status Verify(absl::FunctionRef<void(const StorageProblem&)> problem,
                      MaintenanceProgress progress) override;

  // Returns a storage with the records of this one as of some instant of the
  // call, on a branch of its own. From then on the two change independently.
  // They belong to one family: its members share their options, and no revision
  // is ever given twice among them. Each counts its own catalogs. Constant time
  // and memory, whatever the size.
  std::unique_ptr<MemoryStorage> Fork() const;

  // Replaces all records by those of `other`, as of some instant of the call,
  // on a new branch: a commit that was prepared before is a conflict. Never
  // exceeds `catalogs_max`, because `other` has the same bound. Constant time.
  //
  // Errors, nothing changed: InvalidArgument when `other` is of another family;
  // ResourceExhausted when out of memory.
  absl::Status Restore(const MemoryStorage& other);

  // Returns the size of the records in bytes: ids, values, and 32 for each
  // record. Records shared with the rest of the family count in full; nodes and
  // rounding up do not count. Constant time.
  size_t record_bytes() const;

 private:
  // The state that all members of a family share.
  struct Family {
    explicit Family(const MemoryStorageOptions& its_options);

    const MemoryStorageOptions options;
    std::atomic<Revision> last_revision{0};
    std::atomic<BranchId> last_branch{0};
    storage_internal::ArenaSet arenas;
  };
  struct Catalogs {
    storage_internal::CatalogTree::Node* tree = nullptr;
    size_t count = 0;
    // The size of all their records.
    size_t record_bytes = 0;
  };
  struct Root {
    Catalogs catalogs;
    BranchId branch;
    // The arena that holds this root; null when it is on the heap.
    storage_internal::Arena* arena;
  };

  // Makes an empty storage of `family`.
  explicit MemoryStorage(std::shared_ptr<Family> family);

  // Does the same as `Restore`, for a storage of the same family.
  absl::Status Adopt(ReplaceMode mode, const MemoryStorage& other);
  // Copies the records of `source` into this storage.
  absl::StatusOr<uint64_t> Fill(NamedRecordSource source);

  static BranchId NewBranch(Family* family);
  static void FreeRoot(void* object);

  // Implements `Read`. Throws std::bad_alloc. REQUIRES: the caller is a
  // `Reader` of `epochs_`.
  absl::StatusOr<Snapshot> ReadInside(const ReadSet& read_set) const;

  // Returns the catalogs of this storage and adds a reference for the caller.
  Catalogs ShareCatalogs() const;

  // Called by the writer, under `writer_`. All throw std::bad_alloc; the caller
  // then undoes `change_`, and nothing has changed.
  absl::StatusOr<CommitResult> CommitLocked(const WriteBatch& batch);
  // Borrows an arena for `change_` if it has none.
  void HaveArena();
  storage_internal::CatalogEntry* ApplyMutations(
      const WriteBatch& batch, storage_internal::CatalogEntry* before,
      bool unique, size_t* record_bytes);
  void Publish(const Catalogs& catalogs, BranchId branch);

  const std::shared_ptr<Family> family_;
  // Held while writing and while sharing the catalogs.
  mutable std::mutex writer_;
  // Used by the writer. `change_` is empty between writes, and has an arena
  // from the first write on.
  storage_internal::EpochDomain epochs_;
  storage_internal::Change change_{&epochs_};
  std::atomic<Root*> root_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_MEMORY_MEMORY_STORAGE_H_
