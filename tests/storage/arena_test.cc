#include "glue_security/storage/memory/arena.h"

#include <sanitizer/asan_interface.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <new>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/config.h"
#include "gtest/gtest.h"
#include "tests/storage/allocations.h"

namespace glue_security {
namespace storage_internal {
namespace {

struct Piece {
  unsigned char* memory;
  size_t bytes;
  unsigned char fill;
};

bool IsFilled(const Piece& piece) {
  for (size_t i = 0; i < piece.bytes; ++i) {
    if (piece.memory[i] != piece.fill) return false;
  }
  return true;
}

// Pieces of any size, pooled or not, are aligned for nodes and records and do
// not overlap while others are allocated and freed.
TEST(Arena, PiecesAreAlignedAndKeepApart) {
  Arena arena;
  std::mt19937_64 random(1);
  std::vector<Piece> pieces;
  for (int step = 0; step < 20'000; ++step) {
    if (pieces.size() > 500 || (!pieces.empty() && random() % 3 == 0)) {
      std::swap(pieces[random() % pieces.size()], pieces.back());
      ASSERT_TRUE(IsFilled(pieces.back()));
      arena.Free(pieces.back().memory, pieces.back().bytes);
      pieces.pop_back();
      continue;
    }
    const size_t bytes = 1 + random() % (random() % 8 == 0 ? 10'000 : 300);
    auto* const memory = static_cast<unsigned char*>(arena.Allocate(bytes));
    ASSERT_EQ(reinterpret_cast<uintptr_t>(memory) % alignof(uint64_t), 0u);
    const auto fill = static_cast<unsigned char>(random());
    std::memset(memory, fill, bytes);
    pieces.push_back({memory, bytes, fill});
  }
  for (const Piece& piece : pieces) {
    EXPECT_TRUE(IsFilled(piece));
    arena.Free(piece.memory, piece.bytes);
  }
}

// Freed memory is reused: many pieces, one at a time, take few places.
TEST(Arena, WhatIsFreedIsUsedAgain) {
  Arena arena;
  std::set<void*> places;
  for (int i = 0; i < 100'000; ++i) {
    void* const memory = arena.Allocate(100);
    places.insert(memory);
    arena.Free(memory, 100);
  }
  EXPECT_LT(places.size(), 100u);
}

// Related storages free shared memory from other threads while the owner
// allocates and frees.
TEST(Arena, ThreadsFreeWhileOneAllocates) {
  constexpr size_t kThreads = 3;
  constexpr size_t kPieces = 20'000;
  Arena arena;
  std::mutex mutex;
  std::vector<Piece> shared;
  std::atomic<size_t> freed{0};
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      while (freed < kPieces) {
        std::vector<Piece> pieces;
        {
          const std::lock_guard<std::mutex> lock(mutex);
          pieces.swap(shared);
        }
        for (const Piece& piece : pieces) {
          EXPECT_TRUE(IsFilled(piece));
          arena.Free(piece.memory, piece.bytes);
        }
        freed += pieces.size();
        if (pieces.empty()) std::this_thread::yield();
      }
    });
  }
  // The owner waits so that some pieces are always freed.
  constexpr size_t kAheadMax = 1000;
  std::set<void*> places;
  for (size_t i = 0; i < kPieces; ++i) {
    while (i - freed > kAheadMax) std::this_thread::yield();
    const size_t bytes = 1 + i % 40;
    const auto fill = static_cast<unsigned char>(i);
    const Piece piece{static_cast<unsigned char*>(arena.Allocate(bytes)), bytes,
                      fill};
    places.insert(piece.memory);
    std::memset(piece.memory, fill, bytes);
    arena.Free(arena.Allocate(bytes), bytes);
    const std::lock_guard<std::mutex> lock(mutex);
    shared.push_back(piece);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(places.size(), kPieces);
}

// A failed chunk leaves the arena unchanged. The next call tries again and does
// not give out memory beyond the old chunk.
TEST(Arena, ChunkThatFails_ChangesNothing) {
  Arena arena;
  size_t failures = 0;
  std::vector<Piece> pieces;
  pieces.reserve(2000);
  for (size_t i = 0; i < 2000; ++i) {
    const size_t bytes = 16 + i % 7 * 16;
    AllocationFailure first(1);
    void* memory = nullptr;
    try {
      memory = arena.Allocate(bytes);
    } catch (const std::bad_alloc&) {
    }
    if (memory == nullptr) {
      ASSERT_TRUE(first.failed());
      ++failures;
      const size_t seen = first.seen();
      memory = arena.Allocate(bytes);
      ASSERT_GT(first.seen(), seen) << "a piece of no chunk";
    }
    const auto fill = static_cast<unsigned char>(i);
    std::memset(memory, fill, bytes);
    pieces.push_back({static_cast<unsigned char*>(memory), bytes, fill});
  }
  for (const Piece& piece : pieces) EXPECT_TRUE(IsFilled(piece));
  EXPECT_GT(failures, 3u);
}

TEST(Arena, LargePieceThatFails_ChangesNothing) {
  Arena arena;
  AllocationFailure first(1);
  EXPECT_THROW(arena.Allocate(Arena::kPooledBytesMax + 1), std::bad_alloc);
  arena.Free(arena.Allocate(Arena::kPooledBytesMax + 1),
             Arena::kPooledBytesMax + 1);
}

TEST(Arena, WithoutAPool_EachPieceIsOfTheHeap) {
  Arena arena(0);
  const int64_t blocks = LiveBlocks();
  void* const small = arena.Allocate(1);
  void* const large = arena.Allocate(Arena::kPooledBytesMax);
  EXPECT_EQ(LiveBlocks(), blocks + 2);
  arena.Free(small, 1);
  arena.Free(large, Arena::kPooledBytesMax);
  EXPECT_EQ(LiveBlocks(), blocks);
}

#ifdef ABSL_HAVE_ADDRESS_SANITIZER

bool MayBeUsed(const volatile char* memory) {
  return __asan_address_is_poisoned(memory) == 0;
}

// Under the address sanitizer, a use of freed memory ends the program.
TEST(ArenaDeathTest, UseAfterFree_IsSeen) {
  Arena arena;
  auto* const piece = static_cast<volatile char*>(arena.Allocate(100));
  piece[99] = 1;
  arena.Free(const_cast<char*>(piece), 100);
  EXPECT_DEATH(piece[99] = 1, "use-after-poison");
}

TEST(Arena, WhatIsNotGivenOut_IsPoisoned) {
  Arena arena;
  for (const size_t bytes : {1, 8, 13, 16, 30, 288, 4095, 4096}) {
    const auto allocate = [&] {
      auto* const piece = static_cast<volatile char*>(arena.Allocate(bytes));
      EXPECT_TRUE(MayBeUsed(piece));
      EXPECT_TRUE(MayBeUsed(piece + bytes - 1));
      EXPECT_FALSE(MayBeUsed(piece + bytes)) << bytes;
      return piece;
    };
    const auto free = [&](volatile char* piece) {
      arena.Free(const_cast<char*>(piece), bytes);
      EXPECT_FALSE(MayBeUsed(piece)) << bytes;
      EXPECT_FALSE(MayBeUsed(piece + bytes - 1)) << bytes;
    };
    auto* const first = allocate();
    auto* const second = allocate();
    free(first);
    EXPECT_TRUE(MayBeUsed(second));
    free(second);
    // A reallocated piece may be used again; the other one may not.
    auto* const again = allocate();
    EXPECT_FALSE(MayBeUsed(again == first ? second : first));
    free(again);
  }
}

#endif  // ABSL_HAVE_ADDRESS_SANITIZER

TEST(ArenaSet, BorrowThatFails_ChangesNothing) {
  const int64_t blocks = LiveBlocks();
  {
    ArenaSet arenas;
    std::vector<Arena*> lent(20);
    for (Arena*& arena : lent) {
      size_t number = 1;
      for (; arena == nullptr; ++number) {
        AllocationFailure failure(number);
        try {
          arena = arenas.Borrow();
        } catch (const std::bad_alloc&) {
          ASSERT_TRUE(failure.failed());
        }
      }
      EXPECT_GT(number, 2u);
    }
    EXPECT_EQ(std::set<Arena*>(lent.begin(), lent.end()).size(), lent.size());
    AllocationFailure none_allowed(1);
    for (Arena* arena : lent) arenas.Return(arena);
    EXPECT_EQ(none_allowed.seen(), 0u);
  }
  EXPECT_EQ(LiveBlocks(), blocks);
}

TEST(ArenaSet, Borrow_GivesOneThatNobodyHas) {
  ArenaSet arenas;
  Arena* const a = arenas.Borrow();
  Arena* const b = arenas.Borrow();
  Arena* const c = arenas.Borrow();
  EXPECT_EQ(std::set<Arena*>({a, b, c}).size(), 3u);
  void* const memory = b->Allocate(8);
  std::memset(memory, 7, 8);
  arenas.Return(b);
  arenas.Return(a);
  // Returned arenas are lent again before new ones are made.
  const std::set<Arena*> again = {arenas.Borrow(), arenas.Borrow()};
  EXPECT_EQ(again, std::set<Arena*>({a, b}));
  EXPECT_EQ(again.count(arenas.Borrow()), 0u);
  // Memory in a returned arena stays valid.
  EXPECT_TRUE(IsFilled({static_cast<unsigned char*>(memory), 8, 7}));
  b->Free(memory, 8);
}

TEST(ArenaSet, ThreadsBorrowAtOnce_EachItsOwn) {
  ArenaSet arenas;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&arenas] {
      for (int i = 0; i < 1000; ++i) {
        Arena* const arena = arenas.Borrow();
        arena->Free(arena->Allocate(16), 16);
        arenas.Return(arena);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // At most four arenas were lent at once.
  std::set<Arena*> all;
  for (int i = 0; i < 5; ++i) all.insert(arenas.Borrow());
  EXPECT_EQ(all.size(), 5u);
}

}  // namespace
}  // namespace storage_internal
}  // namespace glue_security
