#include "glue_security/storage/memory/catalog_tree.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace glue_security {
namespace storage_internal {
namespace {

void DestroyRecord(void* object) {
  RecordEntry::Destroy(static_cast<RecordEntry*>(object));
}

}  // namespace

RecordEntry* RecordEntry::New(Change* change, absl::string_view id,
                              Revision revision, absl::string_view value) {
  void* const memory =
      change->Allocate(SizeOf(id.size(), value.size()), &DestroyRecord);
  auto* const entry = new (memory)
      RecordEntry(change->arena(), static_cast<uint32_t>(id.size()), revision,
                  value.size());
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

CatalogEntry* CatalogEntry::New(const CatalogKey& key, Change* change) {
  CatalogKey its_key = key;
  void* const memory = change->Allocate(sizeof(CatalogEntry), &FreeHusk);
  return new (memory) CatalogEntry(change->arena(), std::move(its_key));
}

void CatalogEntry::Destroy(CatalogEntry* entry) {
  for (RecordTree::Node* tree : entry->trees_) RecordTree::ReleaseNow(tree);
  FreeHusk(entry);
}

void CatalogEntry::FreeHusk(void* object) {
  auto* const entry = static_cast<CatalogEntry*>(object);
  Arena* const arena = entry->arena_;
  entry->~CatalogEntry();
  arena->Free(object, sizeof(CatalogEntry));
}

void CatalogEntry::LetTreesGo(void* object) {
  for (RecordTree::Node* tree : static_cast<CatalogEntry*>(object)->trees_) {
    RecordTree::ReleaseNow(tree);
  }
}

CatalogEntry* CatalogEntry::Copy(CatalogEntry* entry, bool unique,
                                 Change* change) {
  CatalogEntry* const copy = New(entry->key_, change);
  copy->trees_ = entry->trees_;
  if (unique) {
    change->Retire(entry, &FreeHusk);
  } else {
    change->AddUndo(entry, &LetTreesGo);
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
