#include "glue_security/storage/storage.h"

namespace glue_security {

StorageFailure FailureOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kInvalidArgument:
      return StorageFailure::kNotApplied;
    case absl::StatusCode::kDataLoss:
      return StorageFailure::kDataLoss;
    default:
      return StorageFailure::kUnknown;
  }
}

absl::Status Storage::VisitRecord(const CatalogKey& /*catalog*/,
                                  const RecordKey& /*key*/,
                                  RecordVisitor /*visitor*/) {
  // Without a message the status needs no memory. This is returned before every
  // read.
  return absl::UnimplementedError("");
}

}  // namespace glue_security
