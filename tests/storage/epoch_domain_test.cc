#include "glue_security/storage/memory/epoch_domain.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/storage/allocations.h"

namespace glue_security {
namespace storage_internal {
namespace {

constexpr uint64_t kAlive = 0xA11FEA11FEA11FE;

// An object that counts its own destruction.
struct Object {
  explicit Object(std::atomic<int>* freed_counter) : freed(freed_counter) {}
  ~Object() {
    mark = 0;
    ++*freed;
  }
  std::atomic<int>* const freed;
  uint64_t mark = kAlive;
};

void FreeObject(void* object) { delete static_cast<Object*>(object); }

// Enough calls of `Publish` for it to look at the readers at least once.
constexpr int kManyCalls = 100;

class EpochDomainTest : public testing::Test {
 protected:
  // Retires one object in each of `calls` calls.
  void Retire(int calls, std::atomic<int>* freed) {
    for (int i = 0; i < calls; ++i) {
      RetireAll({{new Object(freed), &FreeObject}});
    }
  }

  void RetireAll(const std::vector<Retired>& retired) {
    for (const Retired& item : retired) domain_->Add(item);
    domain_->Publish();
  }

  std::unique_ptr<EpochDomain> domain_ = std::make_unique<EpochDomain>();
  std::atomic<int> before_{0};
  std::atomic<int> during_{0};
  std::atomic<int> after_{0};
};

TEST_F(EpochDomainTest, WithoutReaders_MemoryStaysBounded) {
  for (int round = 1; round <= 50; ++round) {
    Retire(kManyCalls, &before_);
    EXPECT_GE(before_, (round - 1) * kManyCalls);
  }
}

TEST_F(EpochDomainTest, Destructor_FreesAllThatIsRetired) {
  Retire(7, &before_);
  RetireAll({});
  RetireAll({{new Object(&before_), &FreeObject},
             {new Object(&before_), &FreeObject}});
  domain_.reset();
  EXPECT_EQ(before_, 9);
}

// A reader keeps everything alive that was reachable when it was made.
TEST_F(EpochDomainTest, Reader_KeepsWhatIsRetiredWhileItLives) {
  Retire(1, &before_);
  {
    const EpochDomain::Reader reader(domain_.get());
    Retire(20 * kManyCalls, &during_);
    EXPECT_EQ(during_, 0);
    // An object that was retired before the reader came may be freed.
    EXPECT_EQ(before_, 1);
  }
  Retire(kManyCalls, &after_);
  EXPECT_EQ(during_, 20 * kManyCalls);
}

TEST_F(EpochDomainTest, OfSeveralReaders_TheOldestDecides) {
  auto old_reader = std::make_unique<EpochDomain::Reader>(domain_.get());
  Retire(kManyCalls, &before_);
  const EpochDomain::Reader young_reader(domain_.get());
  Retire(kManyCalls, &during_);
  EXPECT_EQ(before_, 0);
  old_reader.reset();
  Retire(kManyCalls, &after_);
  EXPECT_EQ(before_, kManyCalls);
  EXPECT_EQ(during_, 0);
}

// Each reader claims a slot; when the slots of a block run out, another block
// is made. The last reader to go keeps everything alive, whichever it is.
TEST_F(EpochDomainTest, MoreReadersThanSlots_AllAreSeen) {
  constexpr int kReaders = 500;
  int retired = 0;
  for (const int of_ten : {0, 3, 7, 10}) {
    std::vector<std::unique_ptr<EpochDomain::Reader>> readers;
    for (int i = 0; i < kReaders; ++i) {
      readers.push_back(std::make_unique<EpochDomain::Reader>(domain_.get()));
    }
    for (size_t left = kReaders; left > 0; --left) {
      Retire(1, &during_);
      EXPECT_EQ(during_, retired);
      // The next to go is the first, the last, or one in between.
      const size_t next = (left - 1) * static_cast<size_t>(of_ten) / 10;
      readers.erase(readers.begin() + static_cast<int>(next));
    }
    retired += kReaders;
    // Their slots are free again.
    Retire(kManyCalls, &after_);
    EXPECT_EQ(during_, retired);
  }
}

// A reader without memory for its slot is not inside and keeps nothing alive.
// The readers that are inside stay inside.
TEST_F(EpochDomainTest, ReaderWithoutMemory_IsNotInside) {
  constexpr size_t kReaders = 100;
  std::vector<std::optional<EpochDomain::Reader>> readers(kReaders);
  size_t inside = 0;
  {
    AllocationFailure failure(1, Failing::kFromThereOn);
    for (auto& reader : readers) {
      reader.emplace(domain_.get());
      if (reader->inside()) ++inside;
    }
    EXPECT_EQ(failure.seen(), kReaders - inside);
  }
  EXPECT_GT(inside, 10u);
  EXPECT_LT(inside, kReaders);
  Retire(kManyCalls, &before_);
  EXPECT_EQ(before_, 0);
  // The last readers are the ones that are not inside.
  for (size_t i = 0; i < inside; ++i) readers[i].reset();
  Retire(kManyCalls, &during_);
  EXPECT_EQ(before_, kManyCalls);
  // With memory available all readers have room again.
  for (auto& reader : readers) {
    reader.emplace(domain_.get());
    EXPECT_TRUE(reader->inside());
  }
  readers.clear();
  Retire(kManyCalls, &after_);
}

// Abandoned objects, here for lack of memory, are not freed.
TEST_F(EpochDomainTest, Abandon_ForgetsWhatWasAdded) {
  constexpr size_t kCount = 500;
  std::vector<Retired> retired;
  for (size_t i = 0; i < kCount; ++i) {
    retired.push_back({new Object(&before_), &FreeObject});
  }
  size_t number = 1;
  for (bool failed = true; failed; ++number) {
    try {
      const AllocationFailure failure(number);
      for (const Retired& item : retired) domain_->Add(item);
      failed = false;
    } catch (const std::bad_alloc&) {
      domain_->Abandon();
      // Objects retired afterwards are freed.
      Retire(kManyCalls, &during_);
      domain_->Publish();
      ASSERT_EQ(before_, 0);
      ASSERT_GT(during_, 0);
    }
  }
  EXPECT_GT(number, 2u);
  {
    AllocationFailure failure(1);
    domain_->Publish();
    EXPECT_EQ(failure.seen(), 0u);
  }
  Retire(kManyCalls, &after_);
  EXPECT_EQ(before_, static_cast<int>(kCount));
}

// One writer replaces a shared object while readers use it; no reader sees a
// freed one.
TEST_F(EpochDomainTest, ReadersOnThreads_NeverSeeWhatIsFreed) {
  constexpr int kReplacements = 20'000;
  std::atomic<Object*> shared{new Object(&during_)};
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int t = 0; t < 4; ++t) {
    readers.emplace_back([&] {
      while (!done) {
        const EpochDomain::Reader reader(domain_.get());
        const Object* const object = shared.load();
        EXPECT_EQ(object->mark, kAlive);
      }
    });
  }
  for (int i = 0; i < kReplacements; ++i) {
    Object* const old = shared.exchange(new Object(&during_));
    RetireAll({{old, &FreeObject}});
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  domain_.reset();
  EXPECT_EQ(during_, kReplacements);
  delete shared.load();
}

// A reader that outlasts many replacements still sees its first object.
TEST_F(EpochDomainTest, ReaderThatStays_SeesWhatItSaw) {
  std::atomic<Object*> shared{new Object(&during_)};
  std::atomic<bool> seen{false};
  std::atomic<bool> replaced{false};
  std::thread staying([&] {
    const EpochDomain::Reader reader(domain_.get());
    const Object* const object = shared.load();
    seen = true;
    while (!replaced) std::this_thread::yield();
    EXPECT_EQ(object->mark, kAlive);
  });
  while (!seen) std::this_thread::yield();
  for (int i = 0; i < 1000; ++i) {
    Object* const old = shared.exchange(new Object(&during_));
    RetireAll({{old, &FreeObject}});
  }
  EXPECT_EQ(during_, 0);
  replaced = true;
  staying.join();
  domain_.reset();
  EXPECT_EQ(during_, 1000);
  delete shared.load();
}

}  // namespace
}  // namespace storage_internal
}  // namespace glue_security
