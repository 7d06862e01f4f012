#include "glue_security/storage/sqlite/commit_queue.h"

#include <algorithm>
#include <utility>

namespace glue_security {
namespace sqlite_internal {

CommitQueue::CommitQueue(Apply apply, std::function<void()> tidy)
    : apply_(std::move(apply)), tidy_(std::move(tidy)) {
  group_.reserve(kGroupCommitsMax);
}

bool CommitQueue::WaitForTurn(Waiter* waiter,
                              std::unique_lock<std::mutex>* lock) {
  queue_.push_back(waiter);
  waiter->changed.wait(*lock, [this, waiter] {
    return waiter->done || (!busy_ && queue_.front() == waiter);
  });
  if (waiter->done) return false;
  busy_ = true;
  return true;
}

absl::StatusOr<CommitResult> CommitQueue::Commit(const WriteBatch& batch) {
  Waiter waiter(&batch);
  size_t size = 0;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!WaitForTurn(&waiter, &lock)) return std::move(waiter.commit.result);
    group_.clear();
    for (Waiter* const next : queue_) {
      // One that wants to be alone is a group of its own.
      if (next->commit.batch == nullptr) break;
      if (group_.size() == kGroupCommitsMax) break;
      group_.push_back(&next->commit);
    }
    size = group_.size();
  }
  apply_(group_);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (size_t i = 0; i < size; ++i) {
      Waiter* const follower = queue_.front();
      queue_.pop_front();
      follower->done = true;
      // A follower may be gone once the lock is free.
      follower->changed.notify_one();
    }
  }
  tidy_();
  EndTurn();
  return std::move(waiter.commit.result);
}

void CommitQueue::RunAlone(absl::FunctionRef<void()> work) {
  Waiter waiter(nullptr);
  {
    std::unique_lock<std::mutex> lock(mutex_);
    WaitForTurn(&waiter, &lock);
    queue_.pop_front();
  }
  // Ends the turn when `work` throws, too.
  class Turn {
   public:
    explicit Turn(CommitQueue* queue) : queue_(queue) {}
    ~Turn() { queue_->EndTurn(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    CommitQueue* const queue_;
  };
  const Turn turn(this);
  work();
}

size_t CommitQueue::SizeForTesting() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return queue_.size();
}

void CommitQueue::EndTurn() {
  const std::lock_guard<std::mutex> lock(mutex_);
  busy_ = false;
  if (!queue_.empty()) queue_.front()->changed.notify_one();
}

}  // namespace sqlite_internal
}  // namespace glue_security
