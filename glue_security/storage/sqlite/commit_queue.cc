#include "glue_security/storage/sqlite/commit_queue.h"

#include <algorithm>
#include <utility>

namespace glue_security {
namespace sqlite_internal {

CommitQueue::CommitQueue(Apply apply, std::function<void()> tidy,
                         std::chrono::nanoseconds gather_max, Time (*now)())
    : apply_(std::move(apply)),
      tidy_(std::move(tidy)),
      gather_max_(gather_max),
      now_(now) {
  group_.reserve(kGroupCommitsMax);
  followers_.reserve(kGroupCommitsMax);
}

bool CommitQueue::WaitForTurn(Waiter* waiter) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.push_back(waiter);
    if (!busy_) {
      busy_ = true;
      return true;
    }
    if (gathering_ && HasGathered()) gathered_.notify_one();
  }
  waiter->signal.Wait();
  return waiter->leads;
}

bool CommitQueue::HasGathered() const {
  // One that wants to be alone ends the group.
  return queue_.size() >= expected_ ||
         std::any_of(queue_.begin(), queue_.end(), [](const Waiter* waiter) {
           return waiter->commit.batch == nullptr;
         });
}

void CommitQueue::Gather(std::unique_lock<std::mutex>* lock) {
  gathering_ = true;
  gathered_.wait_for(*lock, gather_time_, [this] { return HasGathered(); });
  gathering_ = false;
}

absl::StatusOr<CommitResult> CommitQueue::Commit(const WriteBatch& batch) {
  Waiter waiter(&batch);
  if (!WaitForTurn(&waiter)) return std::move(waiter.commit.result);
  {
    std::unique_lock<std::mutex> lock(mutex_);
    Gather(&lock);
    group_.clear();
    for (Waiter* const next : queue_) {
      // One that wants to be alone is a group of its own.
      if (next->commit.batch == nullptr) break;
      if (group_.size() == kGroupCommitsMax) break;
      group_.push_back(&next->commit);
    }
  }
  const Time begin = now_();
  apply_(group_);
  EndGroup(now_() - begin);
  tidy_();
  EndTurn();
  return std::move(waiter.commit.result);
}

void CommitQueue::EndGroup(std::chrono::nanoseconds took) {
  followers_.clear();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    // The leader needs no signal.
    queue_.pop_front();
    while (followers_.size() + 1 < group_.size()) {
      followers_.push_back(queue_.front());
      queue_.pop_front();
    }
    expected_ = std::min(group_.size() + queue_.size(), kGroupCommitsMax);
    gather_time_ = std::min(took / 2, gather_max_);
  }
  for (Waiter* const follower : followers_) follower->signal.Send();
}

void CommitQueue::RunAlone(absl::FunctionRef<void()> work) {
  Waiter waiter(nullptr);
  WaitForTurn(&waiter);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
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
  Waiter* next = nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (queue_.empty()) {
      busy_ = false;
      return;
    }
    next = queue_.front();
    next->leads = true;
  }
  // It waits for this.
  next->signal.Send();
}

}  // namespace sqlite_internal
}  // namespace glue_security
