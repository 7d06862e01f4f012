// WatchedStorage: one client's view of the storage of an interleaved run. It
// passes calls on, writes them down as steps, and notes what no storage may do,
// whatever the history is.

#ifndef GLUE_SECURITY_TESTING_INTERLEAVED_WATCHED_STORAGE_H_
#define GLUE_SECURITY_TESTING_INTERLEAVED_WATCHED_STORAGE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/storage.h"
#include "glue_security/testing/interleaved/interleaved_statistics.h"
#include "glue_security/testing/interleaved/step_log.h"

namespace glue_security {
namespace interleaved_internal {

// The storage as all clients of a run see it together. Used by one thread at a
// time.
struct StorageWatch {
  StorageWatch(bool may_fail_on_its_own, bool keeps_lines)
      : may_fail(may_fail_on_its_own), log(keeps_lines) {}

  // Notes a failure of the storage, unless there is one. `clause` names the
  // clause that is broken; "": none.
  void Fail(absl::string_view clause, const std::string& text);
  // Runs `call`, and notes an exception as a failure of `name`. Returns false
  // after one.
  bool Guard(absl::string_view name, absl::FunctionRef<void()> call);
  // Says that a commit may conflict from now on for a reason that the watch
  // does not see.
  void Disturb() { disturbed_at = ++now; }

  // The storage of the run; exchanged when it is opened again.
  Storage* storage = nullptr;
  const bool may_fail;
  // The next commit was made to fail.
  bool expects_failure = false;
  // A commit may still be under way, so any later one may conflict.
  bool has_late_commits = false;
  // A status was kDataLoss.
  bool saw_data_loss = false;

  StepLog log;
  InterleavedStatistics counts;
  // The first failure.
  std::optional<std::string> failure;
  std::string failed_clause;

  // Counts commits, and whatever else can make one conflict, which
  // `disturbed_at` dates.
  uint64_t now = 1;
  uint64_t disturbed_at = 0;
  // The last commit of each record.
  std::map<std::pair<CatalogKey, RecordKey>, uint64_t> committed;
  int commits_under_way = 0;
  // Set when a visit has shown whether visits are supported.
  std::optional<bool> lends;
};

class WatchedStorage : public Storage {
 public:
  // REQUIRES: `watch` outlives this.
  WatchedStorage(int client, StorageWatch* watch)
      : client_(client), watch_(*watch) {}

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override;
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override;
  Durability durability() const override;

 private:
  int64_t Begin(absl::string_view verb, absl::FunctionRef<std::string()> text);
  void End(int64_t step, absl::FunctionRef<std::string()> answer);
  // Notes a status that nothing explains.
  void Judge(absl::string_view call, const absl::Status& status);
  void JudgeShape(const ReadSet& read_set, const Snapshot& snapshot);
  void JudgeConflict(const WriteBatch& batch);

  const int client_;
  StorageWatch& watch_;
  // `StorageWatch::now` at the start of the client's last read.
  uint64_t read_at_ = 0;
};

}  // namespace interleaved_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_INTERLEAVED_WATCHED_STORAGE_H_
