#include "glue_security/storage/internal/persistent_tree.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "glue_security/storage/internal/arena.h"
#include "glue_security/storage/internal/epoch_domain.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace storage_internal {
namespace {

// An entry that tells a counter of its beginning and its end.
struct NumberEntry {
  using Key = int;

  NumberEntry(int its_key, int its_value, int* live_counter)
      : key(its_key), value(its_value), live(live_counter) {
    ++*live;
  }
  static int Compare(const Key& a, const NumberEntry& b) { return a - b.key; }
  static void Destroy(NumberEntry* entry) {
    EXPECT_EQ(entry->refs, 0u);
    --*entry->live;
    delete entry;
  }

  std::atomic<uint32_t> refs{1};
  const int key;
  const int value;
  int* const live;
};

using Tree = PersistentTree<NumberEntry>;
using Map = std::map<int, int>;

void FreeAll(Change* change) {
  for (const Retired& item : change->retired) item.free(item.object);
  change->retired.clear();
}

// A tree beside a map of the same contents, as its one owner would use it.
class Pair {
 public:
  Pair(Arena* arena, int* live) : live_(live) { change_.arena = arena; }

  // One that shares all with `other`.
  Pair Fork() const {
    Pair fork(*this);
    fork.change_.retired.clear();
    Tree::Share(fork.root_);
    return fork;
  }

  void Put(int key, int value) {
    NumberEntry* replaced = nullptr;
    root_ = Tree::Put(root_, Tree::IsUnique(root_), key,
                      new NumberEntry(key, value, live_), &replaced, &change_);
    EXPECT_EQ(replaced != nullptr, map_.count(key) == 1);
    map_[key] = value;
    Let(replaced);
  }

  // REQUIRES: the key is there.
  void Erase(int key) {
    NumberEntry* erased = nullptr;
    root_ = Tree::Erase(root_, Tree::IsUnique(root_), key, &erased, &change_);
    ASSERT_NE(erased, nullptr);
    EXPECT_EQ(erased->key, key);
    map_.erase(key);
    Let(erased);
  }

  void Drop() {
    Tree::Release(root_, &change_);
    root_ = nullptr;
    map_.clear();
    FreeAll(&change_);
  }

  // Frees what the changes so far have left behind.
  void Collect() { FreeAll(&change_); }

  void ExpectEqual() const {
    std::vector<std::pair<int, int>> seen;
    EXPECT_TRUE(Tree::VisitAfter(root_, nullptr, [&](const NumberEntry& e) {
      seen.emplace_back(e.key, e.value);
      return true;
    }));
    EXPECT_EQ(seen,
              (std::vector<std::pair<int, int>>(map_.begin(), map_.end())));
  }

  void ExpectFinds(int key) const {
    const NumberEntry* const found = Tree::Find(root_, key);
    const auto expected = map_.find(key);
    ASSERT_EQ(found != nullptr, expected != map_.end()) << key;
    if (found != nullptr) {
      EXPECT_EQ(found->value, expected->second);
    }
  }

  // The first few entries after `key`; the visit is broken off there.
  void ExpectRangeAfter(int key, size_t count) const {
    std::vector<int> seen;
    Tree::VisitAfter(root_, &key, [&](const NumberEntry& e) {
      seen.push_back(e.key);
      return seen.size() < count;
    });
    std::vector<int> expected;
    for (auto i = map_.upper_bound(key);
         i != map_.end() && expected.size() < count; ++i) {
      expected.push_back(i->first);
    }
    EXPECT_EQ(seen, expected);
  }

  void AddEntriesTo(std::set<const NumberEntry*>* entries) const {
    Tree::VisitAfter(root_, nullptr, [&](const NumberEntry& e) {
      entries->insert(&e);
      return true;
    });
  }

  const Map& map() const { return map_; }
  Tree::Node* root() const { return root_; }

 private:
  void Let(NumberEntry* entry) {
    if (entry != nullptr) Tree::Release(entry, &change_);
  }

  Tree::Node* root_ = nullptr;
  Map map_;
  int* live_;
  Change change_;
};

class PersistentTreeTest : public testing::Test {
 protected:
  ~PersistentTreeTest() override { EXPECT_EQ(live_, 0) << "entries leak"; }

  int live_ = 0;
  Arena arena_;
};

TEST_F(PersistentTreeTest, Empty_HasNothing) {
  Pair tree(&arena_, &live_);
  tree.ExpectEqual();
  tree.ExpectFinds(1);
  tree.ExpectRangeAfter(1, 3);
  EXPECT_TRUE(Tree::IsUnique(tree.root()));
  Tree::Share(nullptr);
  Tree::ReleaseNow(nullptr);
}

// All orders in which a tree of several levels can grow at its ends and shrink.
TEST_F(PersistentTreeTest, AscendingAndDescending_FillAndEmptyIt) {
  constexpr int kKeys = 3000;
  for (const bool ascending_in : {true, false}) {
    for (const bool ascending_out : {true, false}) {
      Pair tree(&arena_, &live_);
      for (int i = 0; i < kKeys; ++i) {
        tree.Put(ascending_in ? i : kKeys - 1 - i, i);
      }
      tree.ExpectEqual();
      for (int i = 0; i < kKeys; ++i) {
        tree.Erase(ascending_out ? i : kKeys - 1 - i);
        if (i % 500 == 0) tree.ExpectEqual();
        if (i % 100 == 0) tree.ExpectFinds(i);
        tree.Collect();
      }
      EXPECT_EQ(tree.root(), nullptr);
      EXPECT_EQ(live_, 0);
    }
  }
}

TEST_F(PersistentTreeTest, OldRoot_StillShowsWhatItShowed) {
  Pair tree(&arena_, &live_);
  for (int i = 0; i < 2000; ++i) tree.Put(i, i);
  Pair old = tree.Fork();
  EXPECT_FALSE(Tree::IsUnique(tree.root()));
  for (int i = 0; i < 2000; i += 2) tree.Put(i, -i);
  for (int i = 1; i < 2000; i += 2) tree.Erase(i);
  tree.Collect();
  old.ExpectEqual();
  tree.ExpectEqual();
  EXPECT_EQ(old.map().size(), 2000u);
  old.Drop();
  tree.ExpectEqual();
  EXPECT_TRUE(Tree::IsUnique(tree.root()));
  tree.Drop();
}

// `Find` tells whether the way to an entry is the caller's alone.
TEST_F(PersistentTreeTest, Find_TellsWhetherThePathIsShared) {
  Pair tree(&arena_, &live_);
  for (int i = 0; i < 2000; ++i) tree.Put(i, i);
  const auto is_unique = [&](int key) {
    bool unique = true;
    EXPECT_NE(Tree::Find(tree.root(), key, &unique), nullptr);
    return unique;
  };
  EXPECT_TRUE(is_unique(7));
  Pair fork = tree.Fork();
  EXPECT_FALSE(is_unique(7));
  // A write makes the path to its own key anew, and shares the rest.
  tree.Put(7, -7);
  tree.Collect();
  EXPECT_TRUE(is_unique(7));
  EXPECT_FALSE(is_unique(8));
  EXPECT_FALSE(is_unique(1999));
  fork.Drop();
  EXPECT_TRUE(is_unique(8));
  EXPECT_TRUE(is_unique(1999));
  tree.Drop();
}

// Random writes on a family of forks that come and go, each against a map; what
// is alive is what some tree holds.
class RandomForest {
 public:
  RandomForest(uint64_t seed, Arena* arena, int* live)
      : random_(seed), live_(live) {
    trees_.emplace_back(arena, live);
  }

  void Step(int erases_of_ten) {
    const size_t at = Below(trees_.size());
    switch (Below(60)) {
      case 0:
        if (trees_.size() < 5) trees_.push_back(trees_[at].Fork());
        return;
      case 1:
        if (trees_.size() > 1) {
          trees_[at].Drop();
          trees_.erase(trees_.begin() + static_cast<int>(at));
        }
        return;
      default:
        break;
    }
    Pair& tree = trees_[at];
    const int key = static_cast<int>(Below(6000));
    if (static_cast<int>(Below(10)) >= erases_of_ten) {
      tree.Put(key, static_cast<int>(Below(1'000'000)));
    } else if (const auto found = tree.map().lower_bound(key);
               found != tree.map().end()) {
      tree.Erase(found->first);
    }
    // Late or at once: what is left behind is seen by nobody here.
    if (Below(3) == 0) tree.Collect();
    tree.ExpectFinds(static_cast<int>(Below(6000)));
    tree.ExpectRangeAfter(static_cast<int>(Below(6100)) - 50, 1 + Below(70));
  }

  void CompareAll() {
    std::set<const NumberEntry*> entries;
    for (Pair& tree : trees_) {
      tree.Collect();
      tree.ExpectEqual();
      tree.AddEntriesTo(&entries);
    }
    EXPECT_EQ(static_cast<size_t>(*live_), entries.size());
  }

  void DropAll() {
    for (Pair& tree : trees_) tree.Drop();
  }

  size_t largest() const {
    size_t size = 0;
    for (const Pair& tree : trees_) size = std::max(size, tree.map().size());
    return size;
  }

 private:
  size_t Below(size_t n) { return random_() % n; }

  std::mt19937_64 random_;
  int* const live_;
  std::vector<Pair> trees_;
};

TEST_F(PersistentTreeTest, RandomWritesAndForks_AgreeWithAMap) {
  const uint64_t seed = RunSeedOr(20261124);
  RandomForest forest(seed, &arena_, &live_);
  size_t largest = 0;
  // It grows, shrinks to next to nothing, and grows again.
  for (const int erases_of_ten : {1, 5, 9, 9, 2, 9}) {
    for (int i = 0; i < 10'000; ++i) {
      forest.Step(erases_of_ten);
      if (i % 1000 == 0) forest.CompareAll();
      if (HasFailure()) FAIL() << "at step " << i;
    }
    largest = std::max(largest, forest.largest());
  }
  // Three levels.
  EXPECT_GT(largest, 1500u);
  forest.CompareAll();
  forest.DropAll();
}

}  // namespace
}  // namespace storage_internal
}  // namespace glue_security
