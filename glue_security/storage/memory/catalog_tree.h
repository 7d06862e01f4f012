// The entries of the memory storage's trees: records, and catalogs of records.

#ifndef GLUE_SECURITY_STORAGE_MEMORY_CATALOG_TREE_H_
#define GLUE_SECURITY_STORAGE_MEMORY_CATALOG_TREE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/memory/arena.h"
#include "glue_security/storage/memory/change.h"
#include "glue_security/storage/memory/persistent_tree.h"

namespace glue_security {
namespace storage_internal {

// A record in one piece of memory: this object, then the id, then the value.
// Immutable.
class RecordEntry {
 public:
  using Key = absl::string_view;

  // Makes a record as part of `change`, which frees it if it is undone.
  static RecordEntry* New(Change* change, absl::string_view id,
                          Revision revision, absl::string_view value);
  static void Destroy(RecordEntry* entry);

  static int Compare(const Key& key, const RecordEntry& entry) {
    return key.compare(entry.id());
  }

  absl::string_view id() const { return {bytes(), id_size_}; }
  absl::string_view value() const { return {bytes() + id_size_, value_size_}; }
  Revision revision() const { return revision_; }
  // The size of the piece of memory in bytes, without the arena's rounding up.
  size_t size() const { return SizeOf(id_size_, value_size_); }

  std::atomic<uint32_t> refs{1};

 private:
  RecordEntry(Arena* arena, uint32_t id_size, Revision revision,
              size_t value_size)
      : id_size_(id_size),
        arena_(arena),
        revision_(revision),
        value_size_(value_size) {}

  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }

  static size_t SizeOf(size_t id_size, size_t value_size) {
    return sizeof(RecordEntry) + id_size + value_size;
  }

  const uint32_t id_size_;
  Arena* const arena_;
  const Revision revision_;
  const size_t value_size_;
};

using RecordTree = PersistentTree<RecordEntry>;

// One catalog: a tree of records for each kind. Immutable once published.
class CatalogEntry {
 public:
  using Key = CatalogKey;

  // Makes an empty catalog as part of `change`, which frees it if it is undone.
  static CatalogEntry* New(const CatalogKey& key, Change* change);

  static void Destroy(CatalogEntry* entry);

  static int Compare(const Key& key, const CatalogEntry& entry) {
    const int ids = key.catalog_id.compare(entry.key_.catalog_id);
    return ids != 0 ? ids : key.region.compare(entry.key_.region);
  }

  // Returns a copy of `entry`. When `unique`, the caller has the only reference
  // to `entry` and is about to drop it: the trees are handed over to the copy
  // (see PersistentTree), and `entry` is retired here. Else both refer to the
  // trees, and the caller releases its reference to `entry`.
  static CatalogEntry* Copy(CatalogEntry* entry, bool unique, Change* change);

  const CatalogKey& key() const { return key_; }

  // The tree of the records of one kind.
  RecordTree::Node*& tree(RecordKind kind) {
    return trees_[static_cast<size_t>(kind) % kRecordKindEnd];
  }
  const RecordTree::Node* tree(RecordKind kind) const {
    return trees_[static_cast<size_t>(kind) % kRecordKindEnd];
  }
  bool empty() const;

  std::atomic<uint32_t> refs{1};

 private:
  CatalogEntry(Arena* arena, CatalogKey&& key) noexcept
      : key_(std::move(key)), arena_(arena) {}

  static void FreeHusk(void* object);
  // Releases the references to the trees that were added for a copy.
  static void LetTreesGo(void* object);

  const CatalogKey key_;
  Arena* const arena_;
  std::array<RecordTree::Node*, kRecordKindEnd> trees_{};
};

using CatalogTree = PersistentTree<CatalogEntry>;

}  // namespace storage_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_MEMORY_CATALOG_TREE_H_
