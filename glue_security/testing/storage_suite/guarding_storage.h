// GuardingStorage: passes calls on, and turns an exception into a status, so
// that an example of storage_clauses.h can report it, on any thread.

#ifndef GLUE_SECURITY_TESTING_STORAGE_SUITE_GUARDING_STORAGE_H_
#define GLUE_SECURITY_TESTING_STORAGE_SUITE_GUARDING_STORAGE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/storage.h"

namespace glue_security {
namespace testing_internal {

// As thread-safe as its base.
class GuardingStorage : public Storage {
 public:
  // REQUIRES: `base` outlives this, or is null. Without a base all calls fail.
  explicit GuardingStorage(Storage* base) : base_(base) {}

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override;
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override;
  Durability durability() const override;

 private:
  Storage* const base_;
};

}  // namespace testing_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_STORAGE_SUITE_GUARDING_STORAGE_H_
