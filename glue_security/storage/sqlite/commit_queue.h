// CommitQueue: gathers the commits of many threads into groups, so that one
// sync serves all of a group.
//
//   CommitQueue queue([&](absl::Span<PendingCommit* const> group) { ... });
//   absl::StatusOr<CommitResult> result = queue.Commit(batch);
//
// There is no thread of its own. The first thread that waits leads: it applies
// its own batch and those that wait behind it, while the next group gathers. A
// thread that is alone pays no change of threads.
//
// The threads of a group often come back soon, but the first of them would lead
// alone and let the others wait for a whole sync. So a leader waits until as
// many are there as were in the group before and behind it, at most half of the
// time that this group took: the wait never costs more than a third of the
// rate.
//
// Thread-safe.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_COMMIT_QUEUE_H_
#define GLUE_SECURITY_STORAGE_SQLITE_COMMIT_QUEUE_H_

#include <semaphore.h>

#include <chrono>
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

// The longest time that a leader waits for others.
inline constexpr std::chrono::nanoseconds kGatherMax =
    std::chrono::milliseconds(5);

class CommitQueue {
 public:
  // Both are called by one thread at a time, and throw nothing: `apply` with a
  // group, whose results it sets; `tidy` after those have been given to the
  // threads that wait for them.
  using Apply = std::function<void(absl::Span<PendingCommit* const>)>;
  // `now` is for tests: it tells how long a group took.
  using Time = std::chrono::steady_clock::time_point;
  CommitQueue(Apply apply, std::function<void()> tidy,
              std::chrono::nanoseconds gather_max = kGatherMax,
              Time (*now)() = std::chrono::steady_clock::now);

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
  // Wakes one thread once. A condition variable would make the threads of a
  // group compete for the lock when they wake.
  class Signal {
   public:
    Signal() { sem_init(&semaphore_, 0, 0); }
    ~Signal() { sem_destroy(&semaphore_); }
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    void Wait() {
      while (sem_wait(&semaphore_) != 0) {
        // A signal handler ran.
      }
    }
    // The signal may be gone before this returns, as POSIX allows.
    void Send() { sem_post(&semaphore_); }

   private:
    sem_t semaphore_;
  };

  // A thread that waits.
  struct Waiter {
    explicit Waiter(const WriteBatch* batch) { commit.batch = batch; }

    // Has no batch when the thread wants to be alone.
    PendingCommit commit;
    // Set before the signal: the thread leads, or else it is done.
    bool leads = false;
    Signal signal;
  };

  // Queues the waiter until it leads, or is done. Returns true when it leads.
  bool WaitForTurn(Waiter* waiter);
  // Waits for the threads of the group before. The caller leads.
  void Gather(std::unique_lock<std::mutex>* lock);
  // Takes the group at the head of the queue off it and ends its waits.
  void EndGroup(std::chrono::nanoseconds took);
  // Returns true when the leader need not wait for others.
  bool HasGathered() const;
  // Lets the next of the queue lead.
  void EndTurn();

  const Apply apply_;
  const std::function<void()> tidy_;
  const std::chrono::nanoseconds gather_max_;
  Time (*const now_)();

  std::mutex mutex_;
  std::deque<Waiter*> queue_;
  // A thread leads.
  bool busy_ = false;
  // The leader waits for others.
  bool gathering_ = false;
  std::condition_variable gathered_;
  // The number for which a leader waits, and how long.
  size_t expected_ = 1;
  std::chrono::nanoseconds gather_time_{0};
  // The group that is applied, and those who follow its leader. Only the leader
  // uses them. They have room for the largest group.
  std::vector<PendingCommit*> group_;
  std::vector<Waiter*> followers_;
};

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_COMMIT_QUEUE_H_
