#include "glue_security/storage/forwarding_storage.h"

namespace glue_security {

absl::StatusOr<Snapshot> ForwardingStorage::Read(const ReadSet& read_set) {
  return base_->Read(read_set);
}

absl::StatusOr<CommitResult> ForwardingStorage::Commit(
    const WriteBatch& batch) {
  return base_->Commit(batch);
}

absl::Status ForwardingStorage::VisitRecord(const CatalogKey& catalog,
                                            const RecordKey& key,
                                            RecordVisitor visitor) {
  return base_->VisitRecord(catalog, key, visitor);
}

Durability ForwardingStorage::durability() const { return base_->durability(); }

}  // namespace glue_security
