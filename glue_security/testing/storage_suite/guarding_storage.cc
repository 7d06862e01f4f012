#include "glue_security/testing/storage_suite/guarding_storage.h"

#include <exception>

#include "absl/strings/str_cat.h"

namespace glue_security {
namespace testing_internal {
namespace {

// Returns what `call` returns, or a status about its exception.
template <typename Call>
auto Guarded(const Storage* base, const Call& call) -> decltype(call()) {
  if (base == nullptr) return absl::InternalError("there is no storage");
  try {
    return call();
  } catch (const std::exception& error) {
    return absl::InternalError(
        absl::StrCat("it threw an exception: ", error.what()));
  } catch (...) {
    return absl::InternalError("it threw an exception");
  }
}

}  // namespace

absl::StatusOr<Snapshot> GuardingStorage::Read(const ReadSet& read_set) {
  return Guarded(base_, [&] { return base_->Read(read_set); });
}

absl::StatusOr<CommitResult> GuardingStorage::Commit(const WriteBatch& batch) {
  return Guarded(base_, [&] { return base_->Commit(batch); });
}

absl::Status GuardingStorage::VisitRecord(const CatalogKey& catalog,
                                          const RecordKey& key,
                                          RecordVisitor visitor) {
  return Guarded(base_,
                 [&] { return base_->VisitRecord(catalog, key, visitor); });
}

Durability GuardingStorage::durability() const {
  return base_ == nullptr ? Durability::kNone : base_->durability();
}

}  // namespace testing_internal
}  // namespace glue_security
