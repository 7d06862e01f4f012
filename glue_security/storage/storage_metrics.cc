#include "glue_security/storage/storage_metrics.h"

namespace glue_security {

void CountCommit(const absl::StatusOr<CommitResult>& result,
                 StorageMetrics* metrics) {
  if (metrics == nullptr) return;
  if (result.ok()) {
    ++(*result == CommitResult::kCommitted ? metrics->commits
                                           : metrics->conflicts);
    return;
  }
  switch (FailureOf(result.status())) {
    case StorageFailure::kNotApplied:
      ++metrics->not_applied;
      return;
    case StorageFailure::kUnknown:
      ++metrics->unknown;
      return;
    case StorageFailure::kDataLoss:
      ++metrics->data_losses;
      return;
  }
}

void CountRead(const absl::Status& status, StorageMetrics* metrics) {
  if (metrics == nullptr) return;
  ++(status.ok() ? metrics->reads : metrics->failed_reads);
}

}  // namespace glue_security
