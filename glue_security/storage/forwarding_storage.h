// ForwardingStorage: a base class for decorators. It forwards every call to
// another storage; a decorator overrides the methods that it changes.
//
//   class CountingStorage : public ForwardingStorage {
//    public:
//     using ForwardingStorage::ForwardingStorage;
//     absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
//       ++commits;
//       return ForwardingStorage::Commit(batch);
//     }
//     std::atomic<int> commits{0};
//   };
//
// A decorator that overrides `Read` should override `VisitRecord` as well: a
// caller may use either, and the engine uses `VisitRecord` for every operation
// that reads only one record.

#ifndef GLUE_SECURITY_STORAGE_FORWARDING_STORAGE_H_
#define GLUE_SECURITY_STORAGE_FORWARDING_STORAGE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

// Keeps the contract of `Storage` if the base storage does. Thread-safe if the
// base storage is.
class ForwardingStorage : public Storage {
 public:
  // REQUIRES: `base` is not null and outlives this object.
  explicit ForwardingStorage(Storage* base) : base_(base) {}

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override;
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override;
  Durability durability() const override;

  // Returns the storage that calls are forwarded to.
  Storage* base() const { return base_; }

 private:
  Storage* const base_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_FORWARDING_STORAGE_H_
