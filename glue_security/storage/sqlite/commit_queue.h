// CommitQueue: gathers the commits of many threads into groups, so that one
// sync serves all of a group.
//
//   CommitQueue queue([&](absl::Span<PendingCommit* const> group) { ... });
//   absl::StatusOr<CommitResult> result = queue.Commit(batch);
//
// There is no thread of its own. The first thread that waits leads: it applies
// its own batch and those that wait behind it, while the next group gathers. A
// thread that is alone pays no change of threads, and nothing waits for a
// timer.
//
// Thread-safe.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_COMMIT_QUEUE_H_
#define GLUE_SECURITY_STORAGE_SQLITE_COMMIT_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/sqlite/sqlite_writer.h"
#include "glue_security/storage/storage.h"

namespace glue_security {
namespace sqlite_internal {

// The largest number of commits in a group.
inline constexpr size_t kGroupCommitsMax = 256;

class CommitQueue {
 public:
  // Both are called by one thread at a time, and throw nothing: `apply` with a
  // group, whose results it sets; `tidy` after those have been given to the
  // threads that wait for them.
  using Apply = std::function<void(absl::Span<PendingCommit* const>)>;
  CommitQueue(Apply apply, std::function<void()> tidy);

  CommitQueue(const CommitQueue&) = delete;
  CommitQueue& operator=(const CommitQueue&) = delete;

  // Returns what `apply` set for `batch`. Throws std::bad_alloc; nothing is
  // applied then.
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch);

  // Calls `work` while no group is applied. Exceptions of `work` pass through.
  // Throws std::bad_alloc before it calls `work`, too.
  void RunAlone(absl::FunctionRef<void()> work);

  // Returns the number of threads in the queue. Those whose group is applied
  // are among them, one that runs alone is not.
  size_t SizeForTesting();

 private:
  // A thread that waits.
  struct Waiter {
    explicit Waiter(const WriteBatch* batch) { commit.batch = batch; }

    // Has no batch when the thread wants to be alone.
    PendingCommit commit;
    bool done = false;
    std::condition_variable changed;
  };

  // Queues the waiter until it leads, or is done. Returns true when it leads.
  bool WaitForTurn(Waiter* waiter, std::unique_lock<std::mutex>* lock);
  // Lets the next of the queue lead.
  void EndTurn();

  const Apply apply_;
  const std::function<void()> tidy_;

  std::mutex mutex_;
  std::deque<Waiter*> queue_;
  // A thread leads, and has left the lock.
  bool busy_ = false;
  // The group that is applied. Has room for the largest.
  std::vector<PendingCommit*> group_;
};

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_COMMIT_QUEUE_H_
