#include "glue_security/storage/memory/memory_storage.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

namespace glue_security {
namespace {

using storage_internal::Arena;
using storage_internal::CatalogEntry;
using storage_internal::CatalogTree;
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

// The statuses are made before they are needed, because copying a status
// allocates nothing.
struct Refusals {
  const absl::Status out_of_memory{absl::StatusCode::kResourceExhausted,
                                   "out of memory"};
  const absl::Status catalogs_max{absl::StatusCode::kResourceExhausted,
                                  "the storage has no room for a new catalog"};
  const absl::Status other_family{
      absl::StatusCode::kInvalidArgument,
      "the storage to restore from belongs to another family"};
  const absl::Status not_empty{absl::StatusCode::kFailedPrecondition,
                               "the storage has records already"};
};
const Refusals& GetRefusals() {
  static const auto* const kRefusals = new Refusals();
  return *kRefusals;
}

bool PutsARecord(const WriteBatch& batch) {
  return std::any_of(
      batch.mutations.begin(), batch.mutations.end(),
      [](const Mutation& mutation) { return mutation.value.has_value(); });
}

bool Holds(const Precondition& precondition, const CatalogEntry* catalog) {
  const RecordEntry* const record = FindRecord(catalog, precondition.key);
  if (record == nullptr) return !precondition.revision.has_value();
  return precondition.revision == record->revision();
}

}  // namespace

MemoryStorage::Family::Family(const MemoryStorageOptions& its_options)
    : options(its_options),
      arenas(options.heap_only ? 0 : Arena::kPooledBytesMax) {
  GetRefusals();
}

MemoryStorage::MemoryStorage(const MemoryStorageOptions& options)
    : MemoryStorage(std::make_shared<Family>(options)) {}

MemoryStorage::MemoryStorage(std::shared_ptr<Family> family)
    : family_(std::move(family)),
      root_(new Root{Catalogs(), NewBranch(family_.get()), nullptr}) {}

MemoryStorage::~MemoryStorage() {
  Root* const root = root_.load();
  CatalogTree::ReleaseNow(root->catalogs.tree);
  FreeRoot(root);
  if (change_.arena() != nullptr) family_->arenas.Return(change_.arena());
}

BranchId MemoryStorage::NewBranch(Family* family) {
  return family->last_branch.fetch_add(1) + 1;
}

void MemoryStorage::FreeRoot(void* object) {
  auto* const root = static_cast<Root*>(object);
  if (root->arena == nullptr) {
    delete root;
  } else {
    root->arena->Free(root, sizeof(Root));
  }
}

absl::StatusOr<Snapshot> MemoryStorage::Read(const ReadSet& read_set) {
  const EpochDomain::Reader reader(&epochs_);
  if (!reader.inside()) return GetRefusals().out_of_memory;
  try {
    return ReadInside(read_set);
  } catch (const std::bad_alloc&) {
    return GetRefusals().out_of_memory;
  }
}

absl::StatusOr<Snapshot> MemoryStorage::ReadInside(
    const ReadSet& read_set) const {
  const Root* const root = root_.load();
  const CatalogEntry* const catalog =
      CatalogTree::Find(root->catalogs.tree, read_set.catalog);
  // Constructed in place, so that it is not copied on return.
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
  if (!reader.inside()) return GetRefusals().out_of_memory;
  const Root* const root = root_.load();
  const RecordEntry* const record =
      FindRecord(CatalogTree::Find(root->catalogs.tree, catalog), key);
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
  try {
    return CommitLocked(batch);
  } catch (const std::bad_alloc&) {
    change_.Undo();
    return GetRefusals().out_of_memory;
  }
}

absl::StatusOr<CommitResult> MemoryStorage::CommitLocked(
    const WriteBatch& batch) {
  const Root* const root = root_.load();
  if (batch.branch != root->branch) return CommitResult::kConflict;
  Catalogs catalogs = root->catalogs;
  bool unique = true;
  CatalogEntry* const before =
      CatalogTree::Find(catalogs.tree, batch.catalog, &unique);
  for (const Precondition& precondition : batch.preconditions) {
    if (!Holds(precondition, before)) return CommitResult::kConflict;
  }
  if (before == nullptr && catalogs.count >= family_->options.catalogs_max &&
      PutsARecord(batch)) {
    return GetRefusals().catalogs_max;
  }
  HaveArena();
  CatalogEntry* const after = ApplyMutations(
      batch, before, before != nullptr && unique, &catalogs.record_bytes);
  if (after == nullptr) return CommitResult::kCommitted;

  CatalogEntry* replaced = nullptr;
  const bool unique_root = CatalogTree::IsUnique(catalogs.tree);
  if (!after->empty()) {
    catalogs.tree = CatalogTree::Put(catalogs.tree, unique_root, batch.catalog,
                                     after, &replaced, &change_);
    if (replaced == nullptr) ++catalogs.count;
  } else {
    CatalogTree::Release(after, &change_);
    if (before != nullptr) {
      catalogs.tree = CatalogTree::Erase(catalogs.tree, unique_root,
                                         batch.catalog, &replaced, &change_);
      --catalogs.count;
    }
  }
  // A unique entry has handed over its trees and is retired already.
  if (replaced != nullptr && !unique) CatalogTree::Release(replaced, &change_);
  Publish(catalogs, root->branch);
  return CommitResult::kCommitted;
}

void MemoryStorage::HaveArena() {
  if (change_.arena() == nullptr) change_.set_arena(family_->arenas.Borrow());
}

// Returns nullptr when nothing changes.
CatalogEntry* MemoryStorage::ApplyMutations(const WriteBatch& batch,
                                            CatalogEntry* before, bool unique,
                                            size_t* record_bytes) {
  const Revision revision = family_->last_revision.fetch_add(1) + 1;
  CatalogEntry* after = nullptr;
  for (const Mutation& mutation : batch.mutations) {
    const RecordKey& key = mutation.key;
    if (!mutation.value.has_value() &&
        FindRecord(after == nullptr ? before : after, key) == nullptr) {
      continue;
    }
    if (after == nullptr) {
      after = before == nullptr ? CatalogEntry::New(batch.catalog, &change_)
                                : CatalogEntry::Copy(before, unique, &change_);
    }
    RecordTree::Node*& tree = after->tree(key.kind);
    // False when the catalog is shared: the copy and the original both refer to
    // the tree.
    const bool unique_tree = RecordTree::IsUnique(tree);
    RecordEntry* replaced = nullptr;
    if (mutation.value.has_value()) {
      RecordEntry* const entry =
          RecordEntry::New(&change_, key.id, revision, *mutation.value);
      tree = RecordTree::Put(tree, unique_tree, key.id, entry, &replaced,
                             &change_);
      *record_bytes += entry->size();
    } else {
      tree = RecordTree::Erase(tree, unique_tree, key.id, &replaced, &change_);
    }
    if (replaced != nullptr) {
      *record_bytes -= replaced->size();
      RecordTree::Release(replaced, &change_);
    }
  }
  return after;
}

void MemoryStorage::Publish(const Catalogs& catalogs, BranchId branch) {
  auto* const made = new (change_.Allocate(sizeof(Root), &FreeRoot))
      Root{catalogs, branch, change_.arena()};
  change_.Retire(root_.load(), &FreeRoot);
  // Nothing may fail from here on: readers see the write.
  root_.store(made);
  change_.Publish();
}

MemoryStorage::Catalogs MemoryStorage::ShareCatalogs() const {
  const std::lock_guard<std::mutex> lock(writer_);
  const Catalogs catalogs = root_.load()->catalogs;
  CatalogTree::Share(catalogs.tree);
  return catalogs;
}

size_t MemoryStorage::record_bytes() const {
  const std::lock_guard<std::mutex> lock(writer_);
  return root_.load()->catalogs.record_bytes;
}

std::unique_ptr<MemoryStorage> MemoryStorage::Fork() const {
  // The constructor is private. Everything that can fail comes before the
  // reference is added.
  std::unique_ptr<MemoryStorage> fork(new MemoryStorage(family_));
  fork->root_.load()->catalogs = ShareCatalogs();
  return fork;
}

absl::Status MemoryStorage::Restore(const MemoryStorage& other) {
  if (other.family_ != family_) return GetRefusals().other_family;
  return Adopt(ReplaceMode::kAll, other);
}

absl::Status MemoryStorage::Adopt(ReplaceMode mode,
                                  const MemoryStorage& other) {
  // Never holds both locks: two storages may restore from each other at once.
  const Catalogs catalogs = other.ShareCatalogs();
  const std::lock_guard<std::mutex> lock(writer_);
  if (mode == ReplaceMode::kOnlyIfEmpty && root_.load()->catalogs.count > 0) {
    CatalogTree::ReleaseNow(catalogs.tree);
    return GetRefusals().not_empty;
  }
  try {
    HaveArena();
    CatalogTree::Release(root_.load()->catalogs.tree, &change_);
    Publish(catalogs, NewBranch(family_.get()));
  } catch (const std::bad_alloc&) {
    change_.Undo();
    // If this is the last reference, `other` has released its own, which it
    // does only when no reader sees the tree.
    CatalogTree::ReleaseNow(catalogs.tree);
    return GetRefusals().out_of_memory;
  }
  return absl::OkStatus();
}

absl::Status MemoryStorage::VisitAll(NamedRecordVisitor visitor) {
  try {
    // Nobody else has the fork, so that its tree does not change.
    const std::unique_ptr<MemoryStorage> fork = Fork();
    NamedRecord named;
    absl::Status status;
    CatalogTree::VisitAfter(
        fork->root_.load()->catalogs.tree, nullptr,
        [&](const CatalogEntry& catalog) {
          named.catalog = catalog.key();
          for (size_t kind = 0; kind < kRecordKindEnd; ++kind) {
            named.key.kind = static_cast<RecordKind>(kind);
            const bool goes_on =
                RecordTree::VisitAfter(catalog.tree(named.key.kind), nullptr,
                                       [&](const RecordEntry& record) {
                                         named.key.id = ToString(record.id());
                                         named.revision = record.revision();
                                         named.value = ToString(record.value());
                                         status = visitor(named);
                                         return status.ok();
                                       });
            if (!goes_on) return false;
          }
          return true;
        });
    return status;
  } catch (const std::bad_alloc&) {
    return GetRefusals().out_of_memory;
  }
}

absl::StatusOr<uint64_t> MemoryStorage::Fill(NamedRecordSource source) {
  uint64_t records = 0;
  WriteBatch batch;
  batch.branch = root_.load()->branch;
  while (const NamedRecord* const record = source()) {
    if (static_cast<size_t>(record->key.kind) >= kRecordKindEnd) {
      return absl::InvalidArgumentError("a record is of an unknown kind");
    }
    batch.catalog = record->catalog;
    batch.mutations.clear();
    batch.mutations.push_back({record->key, record->value});
    const auto result = Commit(batch);
    if (!result.ok()) return result.status();
    ++records;
  }
  return records;
}

absl::StatusOr<uint64_t> MemoryStorage::ReplaceAll(ReplaceMode mode,
                                                   NamedRecordSource source) {
  try {
    // The constructor is private.
    const std::unique_ptr<MemoryStorage> next(new MemoryStorage(family_));
    auto records = next->Fill(source);
    if (!records.ok()) return records;
    if (auto status = Adopt(mode, *next); !status.ok()) return status;
    return records;
  } catch (const std::bad_alloc&) {
    return GetRefusals().out_of_memory;
  }
}

absl::StatusOr<StorageStats> MemoryStorage::Stats() {
  RecordCounter counter;
  const absl::Status status = VisitAll([&](const NamedRecord& record) {
    counter.Add(record);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return counter.stats();
}

absl::Status MemoryStorage::Verify(
    absl::FunctionRef<void(const StorageProblem&)> /*problem*/,
    MaintenanceProgress /*progress*/) {
  return absl::OkStatus();
}

}  // namespace glue_security
