// MemoryStorage: the default storage, in the memory of the process.
//
// The whole state is one immutable tree. A commit makes a new one that shares
// all but a path with the old, and publishes it in one step. Readers take no
// lock, never wait, and see one instant; writers take turns. Because the old
// tree stays what it was, a copy of the whole state costs nothing:
//
//   MemoryStorage storage;
//   Engine engine(&storage);
//   ...  // set the scene, once
//   std::unique_ptr<MemoryStorage> scene = storage.Fork();
//   ...  // an experiment on `storage`
//   storage.Restore(*scene);  // as if it had never been
//
// A storage that is no relative of `scene` refuses it: InvalidArgument, and it
// stays what it was.
//
// Memory. A record costs its id and value, 32 bytes, its share of the tree (8
// to 16 bytes), and the rounding up to the next size of its arena. What is
// removed is used again by the next records; it goes back to the system when
// the last of the family has gone. A visitor that stays long keeps what was
// replaced since it came.
//
// Running out of memory. A call that finds no memory changes nothing and says
// kResourceExhausted; the storage goes on. The constructor and `Fork`, which
// return no status, throw std::bad_alloc, nothing changed. What a visitor
// throws passes through. See docs/out_of_memory.md.

#ifndef GLUE_SECURITY_STORAGE_MEMORY_STORAGE_H_
#define GLUE_SECURITY_STORAGE_MEMORY_STORAGE_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/internal/arena.h"
#include "glue_security/storage/internal/catalog_tree.h"
#include "glue_security/storage/internal/change.h"
#include "glue_security/storage/internal/epoch_domain.h"
#include "glue_security/storage/internal/persistent_tree.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

// The same for all members of a family.
struct MemoryStorageOptions {
  // How many catalogs with records a storage holds. A commit that would make
  // one more is kResourceExhausted. A catalog whose last record is removed
  // frees its place. The engine never removes the last record of a catalog: a
  // deleted policy leaves a record.
  size_t catalogs_max = 100'000;

  // Every record and node is a block of the heap of its own. Slower, and takes
  // more memory; for sanitizers and heap checkers, which then see each.
  bool heap_only = false;
};

// Keeps the contract of `Storage`. Its only status of its own is
// kResourceExhausted: out of memory, or one catalog too many. Thread-safe.
// REQUIRES: no call is under way when it is destroyed.
class MemoryStorage : public Storage {
 public:
  // An empty storage, the first of a new family.
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

  // A storage with the records of this one as of some instant of the call, on a
  // branch of its own. From there on they change independently. They are of one
  // family: no revision is ever given twice among its members, and they have
  // the same options. Each counts its own catalogs. Constant time and memory,
  // whatever the size.
  std::unique_ptr<MemoryStorage> Fork() const;

  // Replaces all records by those of `other`, as of some instant of the call,
  // on a new branch: a commit that was prepared before is a conflict. It never
  // has too many catalogs: `other` has the same bound. Constant time.
  //
  // Errors, nothing changed: InvalidArgument when `other` is of another family;
  // ResourceExhausted when out of memory.
  absl::Status Restore(const MemoryStorage& other);

  // The bytes of the records: ids, values, and 32 for each. Records that are
  // shared with relatives count in full; nodes and rounding up do not count.
  // Constant time.
  size_t record_bytes() const;

 private:
  // What all members of a family share.
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
    // Of all their records.
    size_t record_bytes = 0;
  };
  struct Root {
    Catalogs catalogs;
    BranchId branch;
    // The arena that it lives in; null: it lives on the heap.
    storage_internal::Arena* arena;
  };

  // Empty.
  explicit MemoryStorage(std::shared_ptr<Family> family);

  static BranchId NewBranch(Family* family);
  static void FreeRoot(void* object);

  // `Read`, inside the domain of readers. Throws std::bad_alloc.
  absl::StatusOr<Snapshot> ReadInside(const ReadSet& read_set) const;

  // The catalogs of this storage, with a hold for the caller.
  Catalogs ShareCatalogs() const;

  // The writer's, under `writer_`. All throw std::bad_alloc: `change_` is then
  // to be undone, and nothing has changed.
  absl::StatusOr<CommitResult> CommitLocked(const WriteBatch& batch);
  // Gives `change_` an arena.
  void HaveArena();
  storage_internal::CatalogEntry* ApplyMutations(
      const WriteBatch& batch, storage_internal::CatalogEntry* before,
      bool unique, size_t* record_bytes);
  void Publish(const Catalogs& catalogs, BranchId branch);

  const std::shared_ptr<Family> family_;
  // One writer at a time, and nobody who shares the catalogs meanwhile.
  mutable std::mutex writer_;
  // The writer's; empty between writes. Has an arena from the first write on.
  storage_internal::EpochDomain epochs_;
  storage_internal::Change change_{&epochs_};
  std::atomic<Root*> root_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_MEMORY_STORAGE_H_
