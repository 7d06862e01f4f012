#include "glue_security/access/bounded_memo.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace glue_security {
namespace {

std::shared_ptr<const int> Value(int value) {
  return std::make_shared<const int>(value);
}

// Returns the value that is held under `hash`, or -1 if there is none.
int Held(const BoundedMemo<int>& memo, size_t hash) {
  const auto found = memo.Find(hash);
  return found == nullptr ? -1 : *found;
}

TEST(BoundedMemo, GivesBackTheLastValueOfEachHash) {
  BoundedMemo<int> memo(10, 100);
  EXPECT_EQ(Held(memo, 1), -1);
  memo.Put(1, Value(11), 1);
  memo.Put(2, Value(22), 1);
  EXPECT_EQ(Held(memo, 1), 11);
  EXPECT_EQ(Held(memo, 2), 22);
  memo.Put(1, Value(12), 1);
  EXPECT_EQ(Held(memo, 1), 12);
  EXPECT_EQ(Held(memo, 2), 22);
}

TEST(BoundedMemo, HoldsNoMoreValuesThanItMay) {
  BoundedMemo<int> memo(3, 100);
  for (size_t hash = 0; hash < 10; ++hash) {
    memo.Put(hash, Value(static_cast<int>(hash)), 1);
    EXPECT_EQ(Held(memo, hash), static_cast<int>(hash));
    int held = 0;
    for (size_t other = 0; other < 10; ++other) {
      held += Held(memo, other) == -1 ? 0 : 1;
    }
    EXPECT_LE(held, 3);
  }
}

TEST(BoundedMemo, HoldsNoMoreBytesThanItMay) {
  BoundedMemo<int> memo(100, 10);
  memo.Put(1, Value(1), 6);
  memo.Put(2, Value(2), 4);
  EXPECT_EQ(Held(memo, 1), 1);
  EXPECT_EQ(Held(memo, 2), 2);
  memo.Put(3, Value(3), 1);
  EXPECT_EQ(Held(memo, 1), -1);
  EXPECT_EQ(Held(memo, 3), 3);
  // A value that is too large alone is not held, and the others stay.
  memo.Put(4, Value(4), 11);
  EXPECT_EQ(Held(memo, 4), -1);
  EXPECT_EQ(Held(memo, 3), 3);
  // A value that is replaced no longer counts.
  for (int i = 0; i < 100; ++i) memo.Put(5, Value(i), 4);
  EXPECT_EQ(Held(memo, 5), 99);
  EXPECT_EQ(Held(memo, 3), 3);
}

TEST(BoundedMemo, AValueThatIsForgotten_LivesOnWithItsUsers) {
  BoundedMemo<int> memo(1, 10);
  memo.Put(1, Value(7), 1);
  const auto used = memo.Find(1);
  memo.Put(2, Value(8), 1);
  EXPECT_EQ(Held(memo, 1), -1);
  EXPECT_EQ(*used, 7);
}

// This test is for the thread sanitizer.
TEST(BoundedMemo, ManyThreads_FindWhatWasPut) {
  BoundedMemo<int> memo(4, 100);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&memo, &wrong] {
      for (int i = 0; i < 2'000; ++i) {
        const auto hash = static_cast<size_t>(i % 8);
        memo.Put(hash, Value(i % 8), 1);
        const auto found = memo.Find(hash);
        if (found != nullptr && *found != i % 8) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadedMemo, AThread_FindsWhatItHasPut) {
  ThreadedMemo<int> memo(80, 800);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  // More threads than memos, so that some share one.
  for (int t = 0; t < 20; ++t) {
    threads.emplace_back([&memo, &wrong, t] {
      const auto hash = static_cast<size_t>(t);
      memo.Put(hash, Value(t), 1);
      const auto found = memo.Find(hash);
      if (found == nullptr || *found != t) ++wrong;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadedMemo, AllThreadsTogether_HoldNoMoreThanTheBounds) {
  constexpr size_t kCountMax = 16;
  constexpr size_t kBytesMax = 160;
  for (const size_t bytes : {size_t{1}, size_t{20}}) {
    ThreadedMemo<int> memo(kCountMax, kBytesMax);
    std::mutex mutex;
    std::vector<std::weak_ptr<const int>> values;
    std::vector<std::thread> threads;
    for (int t = 0; t < 20; ++t) {
      threads.emplace_back([&] {
        for (size_t hash = 0; hash < 50; ++hash) {
          const auto value = Value(0);
          memo.Put(hash, value, bytes);
          const std::lock_guard<std::mutex> lock(mutex);
          values.emplace_back(value);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    size_t held = 0;
    for (const auto& value : values) held += value.expired() ? 0 : 1;
    EXPECT_GT(held, 0u);
    EXPECT_LE(held, kCountMax);
    EXPECT_LE(held * bytes, kBytesMax);
  }
}

}  // namespace
}  // namespace glue_security
