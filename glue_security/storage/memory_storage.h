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

#ifndef GLUE_SECURITY_STORAGE_MEMORY_STORAGE_H_
#define GLUE_SECURITY_STORAGE_MEMORY_STORAGE_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/internal/arena.h"
#include "glue_security/storage/internal/catalog_tree.h"
#include "glue_security/storage/internal/epoch_domain.h"
#include "glue_security/storage/internal/persistent_tree.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

// Keeps the contract of `Storage`; gives no Status of its own. Thread-safe.
// REQUIRES: no call is under way when it is destroyed.
class MemoryStorage : public Storage {
 public:
  // An empty storage, the first of a new family.
  MemoryStorage();
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
  // family: no revision is ever given twice among its members. Constant time
  // and memory, whatever the size.
  std::unique_ptr<MemoryStorage> Fork() const;

  // Replaces all records by those of `other`, as of some instant of the call,
  // on a new branch: a commit that was prepared before is a conflict. Constant
  // time.
  //
  // Errors, nothing changed: InvalidArgument when `other` is of another family.
  absl::Status Restore(const MemoryStorage& other);

 private:
  // What all members of a family share.
  struct Family {
    std::atomic<Revision> last_revision{0};
    std::atomic<BranchId> last_branch{0};
    storage_internal::ArenaSet arenas;
  };
  struct Root {
    storage_internal::CatalogTree::Node* catalogs;
    BranchId branch;
  };

  // Takes over a hold on `catalogs`.
  MemoryStorage(std::shared_ptr<Family> family,
                storage_internal::CatalogTree::Node* catalogs);

  static BranchId NewBranch(Family* family);
  static void FreeRoot(void* object);

  // The catalogs of this storage, with a hold for the caller.
  storage_internal::CatalogTree::Node* ShareCatalogs() const;
  storage_internal::CatalogEntry* ApplyMutations(
      const WriteBatch& batch, storage_internal::CatalogEntry* before,
      bool unique, storage_internal::Change* change);
  void Publish(storage_internal::CatalogTree::Node* catalogs, BranchId branch,
               storage_internal::Change* change);

  const std::shared_ptr<Family> family_;
  // One writer at a time, and nobody who shares the catalogs meanwhile.
  mutable std::mutex writer_;
  // The writer's; nullptr until the first commit.
  storage_internal::Arena* arena_ = nullptr;
  // Empty; its memory is used again by each write.
  std::vector<storage_internal::Retired> retired_;
  storage_internal::EpochDomain epochs_;
  std::atomic<Root*> root_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_MEMORY_STORAGE_H_
