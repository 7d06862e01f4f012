// CommitQueue over a function that stands for the writer: it keeps the groups
// that it was given, and waits inside of the calls that a test holds.

#include "glue_security/storage/sqlite/commit_queue.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <new>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage/allocations.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// A batch with a number, by which it is known.
WriteBatch BatchOf(int number) {
  WriteBatch batch;
  batch.catalog.catalog_id = absl::StrCat(number);
  return batch;
}

int NumberOf(const WriteBatch& batch) {
  int number = -1;
  EXPECT_TRUE(absl::SimpleAtoi(batch.catalog.catalog_id, &number));
  return number;
}

// The result that a batch gets: each number has one of its own kind.
absl::StatusOr<CommitResult> ResultOf(int number) {
  switch (number % 3) {
    case 0:
      return CommitResult::kCommitted;
    case 1:
      return CommitResult::kConflict;
    default:
      return absl::UnavailableError(absl::StrCat("commit ", number));
  }
}

// Opens once, for all who wait.
class Latch {
 public:
  void Open() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return is_open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
};

// A queue over a writer that a test can hold.
class CommitQueueTest : public ::testing::Test {
 protected:
  using Group = std::vector<int>;

  // A call that opens `inside` and waits for `go_on`.
  struct Hold {
    void Stay() {
      inside.Open();
      go_on.Wait();
    }

    Latch inside;
    Latch go_on;
  };

  CommitQueueTest()
      : CommitQueueTest(kGatherMax, std::chrono::steady_clock::now) {}
  CommitQueueTest(std::chrono::nanoseconds gather_max,
                  CommitQueue::Time (*now)())
      : queue_([this](absl::Span<PendingCommit* const> group) { Apply(group); },
               [this] { Tidy(); }, gather_max, now) {}

  ~CommitQueueTest() override {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  // Commits on this thread, and checks that the result is that of the batch.
  void Commit(int number) {
    const WriteBatch batch = BatchOf(number);
    EXPECT_EQ(queue_.Commit(batch), ResultOf(number)) << number;
  }

  // Starts a thread and waits until it is queued behind the threads before.
  void Queue(std::function<void()> work) {
    const size_t queued = queue_.SizeForTesting();
    threads_.emplace_back(std::move(work));
    while (queue_.SizeForTesting() == queued) std::this_thread::yield();
  }
  void QueueCommit(int number) {
    Queue([this, number] { Commit(number); });
  }

  // Starts a thread whose commit is being applied until `hold` goes on.
  void StartHeldCommit(int number, Hold* hold) {
    hold_ = hold;
    threads_.emplace_back([this, number] { Commit(number); });
    hold->inside.Wait();
  }

  void Join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  CommitQueue queue_;
  // The groups that were applied. One thread at a time appends to it, which is
  // for the queue to see to.
  std::vector<Group> groups_;
  int tidied_ = 0;
  // The next call of `apply`, or of `tidy`, is held by these.
  std::atomic<Hold*> hold_{nullptr};
  std::atomic<Hold*> hold_tidy_{nullptr};
  // A thread is inside of `apply`, of `tidy` or alone.
  std::atomic<bool> inside_{false};

 private:
  void Apply(absl::Span<PendingCommit* const> group) {
    const bool was_inside = inside_.exchange(true);
    EXPECT_FALSE(was_inside);
    if (Hold* const hold = hold_.exchange(nullptr)) hold->Stay();
    groups_.emplace_back();
    for (PendingCommit* const pending : group) {
      const int number = NumberOf(*pending->batch);
      groups_.back().push_back(number);
      pending->result = ResultOf(number);
    }
    inside_ = false;
  }

  void Tidy() {
    EXPECT_FALSE(inside_.exchange(true));
    if (Hold* const hold = hold_tidy_.exchange(nullptr)) hold->Stay();
    ++tidied_;
    inside_ = false;
  }

  std::vector<std::thread> threads_;
};

// ---- Groups

TEST_F(CommitQueueTest, AThreadThatIsAlone_AppliesAGroupOfOne) {
  for (int i = 0; i < 6; ++i) Commit(i);
  EXPECT_THAT(groups_,
              ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(2),
                          ElementsAre(3), ElementsAre(4), ElementsAre(5)));
  EXPECT_EQ(tidied_, 6);
  EXPECT_EQ(queue_.SizeForTesting(), 0);
}

TEST_F(CommitQueueTest, AGroupGathersWhileOneIsApplied) {
  Hold hold;
  StartHeldCommit(0, &hold);
  for (int i = 1; i <= 5; ++i) QueueCommit(i);
  hold.go_on.Open();
  Join();
  EXPECT_THAT(groups_, ElementsAre(ElementsAre(0), ElementsAre(1, 2, 3, 4, 5)));
  EXPECT_EQ(tidied_, 2);
  EXPECT_EQ(queue_.SizeForTesting(), 0);
}

TEST_F(CommitQueueTest, ACommitOfAGroupThatIsApplied_IsNotInTheNextOne) {
  Hold first;
  Hold second;
  StartHeldCommit(0, &first);
  QueueCommit(1);
  QueueCommit(2);
  hold_ = &second;
  first.go_on.Open();
  second.inside.Wait();
  QueueCommit(3);
  QueueCommit(4);
  second.go_on.Open();
  Join();
  EXPECT_THAT(groups_, ElementsAre(ElementsAre(0), ElementsAre(1, 2),
                                   ElementsAre(3, 4)));
}

TEST_F(CommitQueueTest, NoGroupIsLargerThanTheMaximum) {
  constexpr auto kMax = static_cast<int>(kGroupCommitsMax);
  const int followers = IsShortRun() ? kMax + 5 : 2 * kMax + 5;
  Hold hold;
  StartHeldCommit(0, &hold);
  for (int i = 1; i <= followers; ++i) QueueCommit(i);
  hold.go_on.Open();
  Join();
  // First come, first served.
  Group all;
  std::vector<int> sizes;
  for (const Group& group : groups_) {
    all.insert(all.end(), group.begin(), group.end());
    sizes.push_back(static_cast<int>(group.size()));
  }
  Group expected(static_cast<size_t>(followers) + 1);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(all, expected);
  EXPECT_EQ(sizes, IsShortRun() ? std::vector<int>({1, kMax, 5})
                                : std::vector<int>({1, kMax, kMax, 5}));
}

TEST_F(CommitQueueTest, FollowersHaveTheirResults_BeforeTidyEnds) {
  Hold hold;
  Hold tidy;
  StartHeldCommit(0, &hold);
  QueueCommit(1);
  Latch has_result;
  Queue([&] {
    Commit(2);
    has_result.Open();
  });
  // Held is the tidying of the second group, which the thread of 1 leads.
  Hold second;
  hold_ = &second;
  hold.go_on.Open();
  second.inside.Wait();
  hold_tidy_ = &tidy;
  second.go_on.Open();
  tidy.inside.Wait();
  has_result.Wait();
  // A commit that comes now waits until the tidying has ended.
  QueueCommit(3);
  EXPECT_THAT(groups_, SizeIs(2));
  tidy.go_on.Open();
  Join();
  EXPECT_THAT(groups_,
              ElementsAre(ElementsAre(0), ElementsAre(1, 2), ElementsAre(3)));
  EXPECT_EQ(tidied_, 3);
}

// ---- A leader waits for others

// Each group takes an hour, as far as the queue knows.
CommitQueue::Time HourLater() {
  static std::atomic<int> hours{0};
  return CommitQueue::Time(std::chrono::hours(hours.fetch_add(1)));
}

// A leader waits half an hour, unless enough others come.
class GatheringQueueTest : public CommitQueueTest {
 protected:
  GatheringQueueTest() : CommitQueueTest(std::chrono::hours(1), &HourLater) {}

  // Applies 0 alone while 1 and 2 come. One of these leads then, and waits for
  // a third.
  void LetTwoWaitForAThird() {
    Hold hold;
    StartHeldCommit(0, &hold);
    QueueCommit(1);
    QueueCommit(2);
    hold.go_on.Open();
    while (queue_.SizeForTesting() > 2) std::this_thread::yield();
  }
};

TEST_F(GatheringQueueTest, ALeaderWaitsForAsManyAsThereWere) {
  LetTwoWaitForAThird();
  QueueCommit(3);
  Join();
  EXPECT_THAT(groups_, ElementsAre(ElementsAre(0), ElementsAre(1, 2, 3)));
}

TEST_F(GatheringQueueTest, OneThatWantsToBeAlone_EndsTheWait) {
  LetTwoWaitForAThird();
  Queue([this] { queue_.RunAlone([this] { groups_.push_back({-1}); }); });
  Join();
  EXPECT_THAT(groups_,
              ElementsAre(ElementsAre(0), ElementsAre(1, 2), ElementsAre(-1)));
}

TEST_F(GatheringQueueTest, OneThatWantsToBeAlone_EndsTheWaitOfThoseBehindIt) {
  Hold hold;
  StartHeldCommit(0, &hold);
  QueueCommit(1);
  Queue([this] { queue_.RunAlone([this] { groups_.push_back({-1}); }); });
  QueueCommit(2);
  hold.go_on.Open();
  while (queue_.SizeForTesting() > 1) std::this_thread::yield();
  // 2 leads now, and waits for as many as there were.
  QueueCommit(3);
  QueueCommit(4);
  Join();
  EXPECT_THAT(groups_, ElementsAre(ElementsAre(0), ElementsAre(1),
                                   ElementsAre(-1), ElementsAre(2, 3, 4)));
}

TEST_F(GatheringQueueTest, AThreadThatIsAlone_NeverWaits) {
  for (int i = 0; i < 6; ++i) Commit(i);
  EXPECT_THAT(groups_, SizeIs(6));
}

// The bound of the wait is a millisecond.
class ShortlyGatheringQueueTest : public CommitQueueTest {
 protected:
  ShortlyGatheringQueueTest()
      : CommitQueueTest(std::chrono::milliseconds(1), &HourLater) {}
};

TEST_F(ShortlyGatheringQueueTest, ALeaderGoesOn_WhenNobodyElseComes) {
  Hold hold;
  StartHeldCommit(0, &hold);
  QueueCommit(1);
  QueueCommit(2);
  hold.go_on.Open();
  Join();
  EXPECT_THAT(groups_, ElementsAre(ElementsAre(0), ElementsAre(1, 2)));
}

// ---- RunAlone

TEST_F(CommitQueueTest, RunAlone_WaitsForItsTurnAndDividesGroups) {
  Hold hold;
  StartHeldCommit(0, &hold);
  QueueCommit(1);
  QueueCommit(2);
  Queue([&] {
    queue_.RunAlone([&] {
      EXPECT_FALSE(inside_.exchange(true));
      EXPECT_THAT(groups_, SizeIs(2));
      groups_.push_back({-1});
      inside_ = false;
    });
  });
  QueueCommit(3);
  QueueCommit(4);
  hold.go_on.Open();
  Join();
  EXPECT_THAT(groups_, ElementsAre(ElementsAre(0), ElementsAre(1, 2),
                                   ElementsAre(-1), ElementsAre(3, 4)));
}

TEST_F(CommitQueueTest, WhileOneRunsAlone_CommitsAndOthersWait) {
  Hold alone;
  // The first is not counted in the queue once it runs.
  std::thread first([&] { queue_.RunAlone([&] { alone.Stay(); }); });
  alone.inside.Wait();
  QueueCommit(0);
  Queue([&] { queue_.RunAlone([&] { groups_.push_back({-1}); }); });
  QueueCommit(1);
  EXPECT_THAT(groups_, SizeIs(0));
  EXPECT_EQ(queue_.SizeForTesting(), 3);
  alone.go_on.Open();
  first.join();
  Join();
  EXPECT_THAT(groups_,
              ElementsAre(ElementsAre(0), ElementsAre(-1), ElementsAre(1)));
}

TEST_F(CommitQueueTest, AnExceptionOfRunAlone_PassesThroughAndTheQueueGoesOn) {
  Hold alone;
  std::string caught;
  std::thread first([&] {
    try {
      queue_.RunAlone([&] {
        alone.Stay();
        throw std::runtime_error("not done");
      });
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
  });
  alone.inside.Wait();
  // The commits behind it go on, as does one that comes later.
  QueueCommit(0);
  QueueCommit(1);
  alone.go_on.Open();
  first.join();
  Join();
  Commit(2);
  queue_.RunAlone([&] { groups_.push_back({-1}); });
  EXPECT_EQ(caught, "not done");
  EXPECT_THAT(groups_,
              ElementsAre(ElementsAre(0, 1), ElementsAre(2), ElementsAre(-1)));
}

// ---- Out of memory

// Commits without an allocation of its own. Returns false after bad_alloc.
bool CommitWithoutMemory(CommitQueue* queue, const WriteBatch& batch) {
  const AllocationFailure failure(1, Failing::kFromThereOn);
  try {
    return queue->Commit(batch).ok();
  } catch (const std::bad_alloc&) {
    return false;
  }
}

// A queue whose function needs no memory.
class QueueWithoutMemory {
 public:
  QueueWithoutMemory()
      : queue_(
            [this](absl::Span<PendingCommit* const> group) {
              if (Latch* const latch = held_.exchange(nullptr)) {
                inside_.Open();
                latch->Wait();
              }
              for (PendingCommit* const pending : group) {
                ++applied_;
                pending->result = CommitResult::kCommitted;
              }
            },
            [] {}) {}

  CommitQueue* queue() { return &queue_; }
  int applied() const { return applied_; }

  // Commits until the next commit needs memory for the queue. `ahead`: the
  // number of commits that a test makes before.
  void GoToAllocation(int ahead) {
    const WriteBatch batch = BatchOf(0);
    // The number of commits from one allocation to the next.
    int period = 0;
    for (int seen = 0; seen < 2;) {
      const AllocationFailure count(0);
      queue_.Commit(batch).IgnoreError();
      if (seen == 1) ++period;
      if (count.seen() > 0) ++seen;
      ASSERT_LT(period, 10'000);
    }
    ASSERT_GT(period, ahead);
    for (int i = 1; i < period - ahead; ++i) {
      queue_.Commit(batch).IgnoreError();
    }
  }

  // The next group waits for `latch`; `inside` opens then.
  void HoldNext(Latch* latch) { held_ = latch; }
  Latch& inside() { return inside_; }

 private:
  CommitQueue queue_;
  std::atomic<int> applied_{0};
  std::atomic<Latch*> held_{nullptr};
  Latch inside_;
};

TEST(CommitQueueMemoryTest, BadAlloc_AppliesNothingAndTheQueueGoesOn) {
  QueueWithoutMemory without;
  CommitQueue* const queue = without.queue();
  const WriteBatch batch = BatchOf(0);
  int failures = 0;
  for (int i = 0; i < 1000; ++i) {
    const int before = without.applied();
    if (CommitWithoutMemory(queue, batch)) {
      ASSERT_EQ(without.applied(), before + 1);
      continue;
    }
    ++failures;
    ASSERT_EQ(without.applied(), before);
    ASSERT_EQ(queue->SizeForTesting(), 0);
    // It stays so, and ends when there is memory.
    ASSERT_FALSE(CommitWithoutMemory(queue, batch));
    ASSERT_EQ(*queue->Commit(batch), CommitResult::kCommitted);
    ASSERT_EQ(without.applied(), before + 1);
  }
  EXPECT_GT(failures, 0);
}

TEST(CommitQueueMemoryTest, BadAllocBehindOthers_LeavesThemInTheQueue) {
  QueueWithoutMemory without;
  CommitQueue* const queue = without.queue();
  const WriteBatch batch = BatchOf(0);
  ASSERT_NO_FATAL_FAILURE(without.GoToAllocation(3));
  const int before = without.applied();
  Latch go_on;
  without.HoldNext(&go_on);
  std::vector<std::thread> threads;
  for (size_t i = 1; i <= 3; ++i) {
    threads.emplace_back(
        [&] { EXPECT_EQ(*queue->Commit(batch), CommitResult::kCommitted); });
    if (i == 1) without.inside().Wait();
    while (queue->SizeForTesting() < i) std::this_thread::yield();
  }
  EXPECT_FALSE(CommitWithoutMemory(queue, batch));
  EXPECT_EQ(queue->SizeForTesting(), 3);
  EXPECT_EQ(without.applied(), before);
  go_on.Open();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(without.applied(), before + 3);
  EXPECT_EQ(*queue->Commit(batch), CommitResult::kCommitted);
}

TEST(CommitQueueMemoryTest, BadAllocOfRunAlone_DoesNotRunIt) {
  QueueWithoutMemory without;
  CommitQueue* const queue = without.queue();
  ASSERT_NO_FATAL_FAILURE(without.GoToAllocation(0));
  bool has_run = false;
  bool has_thrown = false;
  {
    const AllocationFailure failure(1, Failing::kFromThereOn);
    try {
      queue->RunAlone([&] { has_run = true; });
    } catch (const std::bad_alloc&) {
      has_thrown = true;
    }
  }
  EXPECT_TRUE(has_thrown);
  EXPECT_FALSE(has_run);
  queue->RunAlone([&] { has_run = true; });
  EXPECT_TRUE(has_run);
  EXPECT_EQ(*queue->Commit(BatchOf(0)), CommitResult::kCommitted);
}

// ---- Many threads

TEST_F(CommitQueueTest, ManyThreads_GetTheirOwnResultsInTheirOrder) {
  constexpr int kThreads = 8;
  const int commits = IsShortRun() ? 100 : 1000;
  const uint64_t seed = RunSeed();
  int alone = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      std::mt19937_64 random(seed + static_cast<uint64_t>(thread));
      for (int i = 0; i < commits; ++i) {
        Commit(i * kThreads + thread);
        if (random() % 16 != 0) continue;
        queue_.RunAlone([&] {
          EXPECT_FALSE(inside_.exchange(true));
          ++alone;
          inside_ = false;
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<int, Group> by_thread;
  for (const Group& group : groups_) {
    EXPECT_FALSE(group.empty());
    EXPECT_LE(group.size(), size_t{kThreads});
    for (const int number : group) {
      by_thread[number % kThreads].push_back(number / kThreads);
    }
  }
  Group expected(static_cast<size_t>(commits));
  std::iota(expected.begin(), expected.end(), 0);
  for (int thread = 0; thread < kThreads; ++thread) {
    EXPECT_EQ(by_thread[thread], expected);
  }
  EXPECT_EQ(tidied_, static_cast<int>(groups_.size()));
  EXPECT_GT(alone, 0);
}

}  // namespace
}  // namespace sqlite_internal
}  // namespace glue_security
