#include "glue_security/storage/forwarding_storage.h"

#include <utility>

namespace glue_security {

absl::StatusOr<Snapshot> ForwardingStorage::Read(const ReadSet& read_set) {
  return base_->Read(read_set);
}

absl::StatusOr<CommitResult> ForwardingStorage::Commit(WriteBatch batch) {
  return base_->Commit(std::move(batch));
}

absl::Status ForwardingStorage::VisitRecord(
    const CatalogKey& catalog, const RecordKey& key,
    absl::FunctionRef<void(const RecordView*)> visitor) {
  return base_->VisitRecord(catalog, key, visitor);
}

Durability ForwardingStorage::durability() const { return base_->durability(); }

}  // namespace glue_security
