#include "glue_security/storage/memory_storage.h"

#include <string>
#include <utility>

namespace glue_security {
namespace {

using storage_internal::CatalogEntry;
using storage_internal::CatalogTree;
using storage_internal::Change;
using storage_internal::EpochDomain;
using storage_internal::RecordEntry;
using storage_internal::RecordTree;

std::string ToString(absl::string_view text) {
  return std::string(text.data(), text.size());
}

const RecordEntry* FindRecord(const CatalogEntry* catalog,
                              const RecordKey& key) {
  return catalog == nullptr ? nullptr
                            : RecordTree::Find(catalog->tree(key.kind), key.id);
}

RangeResult ReadRange(const CatalogEntry* catalog, const RangeRead& range) {
  RangeResult result;
  if (catalog == nullptr) return result;
  size_t bytes = 0;
  absl::string_view after;
  if (range.after.has_value()) after = *range.after;
  const absl::string_view* const after_key =
      range.after.has_value() ? &after : nullptr;
  RecordTree::VisitAfter(
      catalog->tree(range.kind), after_key, [&](const RecordEntry& record) {
        bytes += record.id().size() + record.value().size();
        if (!result.records.empty() &&
            (result.records.size() >= range.records_max ||
             bytes > range.bytes_max)) {
          result.more = true;
          return false;
        }
        result.records.push_back({ToString(record.id()), record.revision(),
                                  ToString(record.value())});
        return true;
      });
  return result;
}

bool Holds(const Precondition& precondition, const CatalogEntry* catalog) {
  const RecordEntry* const record = FindRecord(catalog, precondition.key);
  if (record == nullptr) return !precondition.revision.has_value();
  return precondition.revision == record->revision();
}

}  // namespace

MemoryStorage::MemoryStorage()
    : MemoryStorage(std::make_shared<Family>(), nullptr) {}

MemoryStorage::MemoryStorage(std::shared_ptr<Family> family,
                             CatalogTree::Node* catalogs)
    : family_(std::move(family)),
      root_(new Root{catalogs, NewBranch(family_.get())}) {}

MemoryStorage::~MemoryStorage() {
  Change change;
  Root* const root = root_.load();
  CatalogTree::Release(root->catalogs, &change);
  change.retired.push_back({root, &FreeRoot});
  epochs_.Retire(change.retired);
  if (arena_ != nullptr) family_->arenas.Return(arena_);
}

BranchId MemoryStorage::NewBranch(Family* family) {
  return family->last_branch.fetch_add(1) + 1;
}

void MemoryStorage::FreeRoot(void* object) {
  delete static_cast<Root*>(object);
}

absl::StatusOr<Snapshot> MemoryStorage::Read(const ReadSet& read_set) {
  const EpochDomain::Reader reader(&epochs_);
  const Root* const root = root_.load();
  const CatalogEntry* const catalog =
      CatalogTree::Find(root->catalogs, read_set.catalog);
  // Made where it is returned.
  absl::StatusOr<Snapshot> result(absl::in_place);
  Snapshot& snapshot = *result;
  snapshot.branch = root->branch;
  for (const RecordKey& key : read_set.keys) {
    std::optional<Record>& read = snapshot.records.emplace_back();
    const RecordEntry* const record = FindRecord(catalog, key);
    if (record == nullptr) continue;
    read.emplace();
    read->revision = record->revision();
    read->value.assign(record->value().data(), record->value().size());
  }
  if (read_set.range.has_value()) {
    snapshot.range = ReadRange(catalog, *read_set.range);
  }
  return result;
}

absl::Status MemoryStorage::VisitRecord(const CatalogKey& catalog,
                                        const RecordKey& key,
                                        RecordVisitor visitor) {
  const EpochDomain::Reader reader(&epochs_);
  const Root* const root = root_.load();
  const RecordEntry* const record =
      FindRecord(CatalogTree::Find(root->catalogs, catalog), key);
  if (record == nullptr) {
    visitor(root->branch, nullptr);
  } else {
    const RecordView view{record->revision(), record->value()};
    visitor(root->branch, &view);
  }
  return absl::OkStatus();
}

absl::StatusOr<CommitResult> MemoryStorage::Commit(const WriteBatch& batch) {
  const std::lock_guard<std::mutex> lock(writer_);
  Root* const root = root_.load();
  if (batch.branch != root->branch) return CommitResult::kConflict;
  bool unique = true;
  CatalogEntry* const before =
      CatalogTree::Find(root->catalogs, batch.catalog, &unique);
  for (const Precondition& precondition : batch.preconditions) {
    if (!Holds(precondition, before)) return CommitResult::kConflict;
  }
  if (arena_ == nullptr) arena_ = family_->arenas.Borrow();
  Change change;
  change.arena = arena_;
  change.retired = std::move(retired_);
  CatalogEntry* const after =
      ApplyMutations(batch, before, before != nullptr && unique, &change);
  if (after == nullptr) return CommitResult::kCommitted;

  CatalogTree::Node* catalogs;
  CatalogEntry* replaced = nullptr;
  const bool unique_root = CatalogTree::IsUnique(root->catalogs);
  if (after->empty()) {
    CatalogEntry::Destroy(after);
    catalogs = before == nullptr
                   ? root->catalogs
                   : CatalogTree::Erase(root->catalogs, unique_root,
                                        batch.catalog, &replaced, &change);
  } else {
    catalogs = CatalogTree::Put(root->catalogs, unique_root, batch.catalog,
                                after, &replaced, &change);
  }
  // A unique one has handed over all that it had, and is retired already.
  if (replaced != nullptr && !unique) CatalogTree::Release(replaced, &change);
  Publish(catalogs, root->branch, &change);
  return CommitResult::kCommitted;
}

// nullptr when nothing changes.
CatalogEntry* MemoryStorage::ApplyMutations(const WriteBatch& batch,
                                            CatalogEntry* before, bool unique,
                                            Change* change) {
  const Revision revision = family_->last_revision.fetch_add(1) + 1;
  CatalogEntry* after = nullptr;
  for (const Mutation& mutation : batch.mutations) {
    const RecordKey& key = mutation.key;
    if (!mutation.value.has_value() &&
        FindRecord(after == nullptr ? before : after, key) == nullptr) {
      continue;
    }
    if (after == nullptr) {
      after = before == nullptr ? new CatalogEntry(batch.catalog)
                                : CatalogEntry::Copy(before, unique, change);
    }
    RecordTree::Node*& tree = after->tree(key.kind);
    // Where the catalog is shared, its trees are held twice.
    const bool unique_tree = RecordTree::IsUnique(tree);
    RecordEntry* replaced = nullptr;
    if (mutation.value.has_value()) {
      tree = RecordTree::Put(
          tree, unique_tree, key.id,
          RecordEntry::New(change->arena, key.id, revision, *mutation.value),
          &replaced, change);
    } else {
      tree = RecordTree::Erase(tree, unique_tree, key.id, &replaced, change);
    }
    if (replaced != nullptr) RecordTree::Release(replaced, change);
  }
  return after;
}

void MemoryStorage::Publish(CatalogTree::Node* catalogs, BranchId branch,
                            Change* change) {
  Root* const old = root_.exchange(new Root{catalogs, branch});
  change->retired.push_back({old, &FreeRoot});
  epochs_.Retire(change->retired);
  change->retired.clear();
  retired_ = std::move(change->retired);
}

CatalogTree::Node* MemoryStorage::ShareCatalogs() const {
  const std::lock_guard<std::mutex> lock(writer_);
  CatalogTree::Node* const catalogs = root_.load()->catalogs;
  CatalogTree::Share(catalogs);
  return catalogs;
}

std::unique_ptr<MemoryStorage> MemoryStorage::Fork() const {
  // The constructor is private.
  return std::unique_ptr<MemoryStorage>(
      new MemoryStorage(family_, ShareCatalogs()));
}

absl::Status MemoryStorage::Restore(const MemoryStorage& other) {
  if (other.family_ != family_) {
    return absl::InvalidArgumentError(
        "the storage to restore from is of another family");
  }
  // One lock after the other: two storages may restore from each other at once.
  CatalogTree::Node* const catalogs = other.ShareCatalogs();
  const std::lock_guard<std::mutex> lock(writer_);
  Change change;
  CatalogTree::Release(root_.load()->catalogs, &change);
  Publish(catalogs, NewBranch(family_.get()), &change);
  return absl::OkStatus();
}

}  // namespace glue_security
