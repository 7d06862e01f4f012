#include "glue_security/storage/internal/catalog_tree.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace glue_security {
namespace storage_internal {

RecordEntry* RecordEntry::New(Arena* arena, absl::string_view id,
                              Revision revision, absl::string_view value) {
  void* const memory = arena->Allocate(SizeOf(id.size(), value.size()));
  auto* const entry = new (memory) RecordEntry(
      arena, static_cast<uint32_t>(id.size()), revision, value.size());
  char* const bytes = static_cast<char*>(memory) + sizeof(RecordEntry);
  if (!id.empty()) std::memcpy(bytes, id.data(), id.size());
  if (!value.empty()) {
    std::memcpy(bytes + id.size(), value.data(), value.size());
  }
  return entry;
}

void RecordEntry::Destroy(RecordEntry* entry) {
  Arena* const arena = entry->arena_;
  const size_t bytes = SizeOf(entry->id_size_, entry->value_size_);
  entry->~RecordEntry();
  arena->Free(entry, bytes);
}

CatalogEntry::CatalogEntry(CatalogKey catalog_key)
    : key_(std::move(catalog_key)) {}

void CatalogEntry::Destroy(CatalogEntry* entry) {
  for (RecordTree::Node* tree : entry->trees_) RecordTree::ReleaseNow(tree);
  delete entry;
}

void CatalogEntry::FreeHusk(void* object) {
  delete static_cast<CatalogEntry*>(object);
}

CatalogEntry* CatalogEntry::Copy(CatalogEntry* entry, bool unique,
                                 Change* change) {
  auto* const copy = new CatalogEntry(entry->key_);
  copy->trees_ = entry->trees_;
  if (unique) {
    change->retired.push_back({entry, &FreeHusk});
  } else {
    for (RecordTree::Node* tree : copy->trees_) RecordTree::Share(tree);
  }
  return copy;
}

bool CatalogEntry::empty() const {
  return std::all_of(trees_.begin(), trees_.end(),
                     [](const RecordTree::Node* tree) { return !tree; });
}

}  // namespace storage_internal
}  // namespace glue_security
