// StorageMetrics: counts what a durable storage does, for monitoring. The
// storage adds, whoever has the object reads:
//
//   StorageMetrics metrics;
//   SqliteStorageOptions options;
//   options.metrics = &metrics;
//   ...
//   metrics.groups.load();  // the groups of commits so far
//
// Counters only grow, and begin with 0 for each object.

#ifndef GLUE_SECURITY_STORAGE_STORAGE_METRICS_H_
#define GLUE_SECURITY_STORAGE_STORAGE_METRICS_H_

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

// Thread-safe. The counters are not read as of one instant.
struct StorageMetrics {
  // Calls of `Commit`, by their result.
  std::atomic<uint64_t> commits{0};      // kCommitted
  std::atomic<uint64_t> conflicts{0};    // kConflict
  std::atomic<uint64_t> not_applied{0};  // a status: was not applied
  std::atomic<uint64_t> unknown{0};      // a status: its fate is open
  std::atomic<uint64_t> data_losses{0};  // a status: a record is damaged

  // Calls of `Read` and `VisitRecord` that succeeded, and that failed.
  std::atomic<uint64_t> reads{0};
  std::atomic<uint64_t> failed_reads{0};

  // Groups of commits that became durable together, and the commits in them.
  std::atomic<uint64_t> groups{0};
  std::atomic<uint64_t> grouped_commits{0};
  // The largest group so far.
  std::atomic<uint64_t> group_commits_max{0};

  // Waits until a group was durable, and their time: the call that syncs a
  // file, or the answer of another machine.
  std::atomic<uint64_t> syncs{0};
  std::atomic<uint64_t> sync_nanoseconds{0};
};

// Adds the result of a call of `Commit`, or of `Read` or `VisitRecord`. Does
// nothing when `metrics` is null.
void CountCommit(const absl::StatusOr<CommitResult>& result,
                 StorageMetrics* metrics);
void CountRead(const absl::Status& status, StorageMetrics* metrics);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_STORAGE_METRICS_H_
