#include "glue_security/storage/memory/persistent_tree.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <new>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "glue_security/storage/memory/arena.h"
#include "glue_security/storage/memory/change.h"
#include "glue_security/storage/memory/epoch_domain.h"
#include "gtest/gtest.h"
#include "tests/storage/allocations.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace storage_internal {
namespace {

// An entry that counts its live instances.
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

// A tree beside a map of the same contents, used by a single owner.
class Pair {
 public:
  Pair(Arena* arena, int* live)
      : live_(live),
        epochs_(std::make_unique<EpochDomain>()),
        change_(std::make_unique<Change>(epochs_.get())) {
    change_->set_arena(arena);
  }

  // Returns a pair that shares all nodes with this one.
  Pair Fork() const {
    Pair fork(change_->arena(), live_);
    fork.root_ = root_;
    fork.map_ = map_;
    Tree::Share(fork.root_);
    return fork;
  }

  void Put(int key, int value) {
    NumberEntry* replaced = nullptr;
    root_ =
        Tree::Put(root_, Tree::IsUnique(root_), key,
                  new NumberEntry(key, value, live_), &replaced, change_.get());
    EXPECT_EQ(replaced != nullptr, map_.count(key) == 1);
    map_[key] = value;
    Let(replaced);
  }

  // REQUIRES: the key exists.
  void Erase(int key) {
    NumberEntry* erased = nullptr;
    root_ =
        Tree::Erase(root_, Tree::IsUnique(root_), key, &erased, change_.get());
    ASSERT_NE(erased, nullptr);
    EXPECT_EQ(erased->key, key);
    map_.erase(key);
    Let(erased);
  }

  // Erases the key with allocation `number` failing, and undoes the failure.
  // Returns false when there is no such allocation; then the key is erased.
  // REQUIRES: the key exists.
  bool FailToErase(int key, size_t number) {
    NumberEntry* erased = nullptr;
    Collect();
    try {
      AllocationFailure failure(number);
      root_ = Tree::Erase(root_, Tree::IsUnique(root_), key, &erased,
                          change_.get());
    } catch (const std::bad_alloc&) {
      change_->Undo();
      return true;
    }
    map_.erase(key);
    Let(erased);
    return false;
  }

  void Drop() {
    Tree::Release(root_, change_.get());
    root_ = nullptr;
    map_.clear();
    Collect();
  }

  // Publishes the changes so far and frees the nodes they replaced. Nobody
  // reads, and this many calls are enough for `Publish` to notice that.
  void Collect() {
    for (int i = 0; i < 10; ++i) change_->Publish();
  }

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

  // Visits the first few entries after `key`; the visit stops there.
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
    if (entry != nullptr) Tree::Release(entry, change_.get());
  }

  Tree::Node* root_ = nullptr;
  Map map_;
  int* live_;
  std::unique_ptr<EpochDomain> epochs_;
  std::unique_ptr<Change> change_;
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

// A tree of several levels grows at each end and shrinks from each end.
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

// `Find` reports whether only the caller owns the path to an entry.
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
  // A write copies the path to its own key and shares the rest.
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

// Brings a tree into a given shape by writes alone.
class Shaper {
 public:
  explicit Shaper(Pair* tree) : tree_(*tree) {}

  // Returns the node at the end of a path of child indexes from the root.
  const Tree::Node* At(std::initializer_list<size_t> path) const {
    const Tree::Node* node = tree_.root();
    for (const size_t place : path) {
      EXPECT_FALSE(node->leaf);
      EXPECT_LT(place, node->count);
      node = node->children[place];
    }
    return node;
  }

  // Returns the number of children of each child of the node.
  std::vector<size_t> Counts(std::initializer_list<size_t> path) const {
    const Tree::Node* const node = At(path);
    std::vector<size_t> counts;
    for (size_t i = 0; i < node->count; ++i) {
      counts.push_back(node->children[i]->count);
    }
    return counts;
  }

  // Erases the entries below the node, from the greatest down, and keeps the
  // least `kept` of them.
  void EraseBelow(std::initializer_list<size_t> path, size_t kept) {
    std::vector<int> keys;
    Tree::VisitAfter(At(path), nullptr, [&](const NumberEntry& entry) {
      keys.push_back(entry.key);
      return true;
    });
    for (size_t i = keys.size(); i > kept; --i) tree_.Erase(keys[i - 1]);
    tree_.Collect();
  }

 private:
  Pair& tree_;
};

std::vector<size_t> Counts(std::vector<std::pair<size_t, size_t>> runs) {
  std::vector<size_t> counts;
  for (const auto& [times, count] : runs) {
    counts.insert(counts.end(), times, count);
  }
  return counts;
}

// Writes until the root has two children, neither of them a leaf, and each of
// those has a single child. A node is joined when it shrinks beside a small
// neighbor. It is not joined beside a full neighbor, as an only child, or when
// a split or a join brings small nodes together.
void ShapeTwoSingleChildrenUnderTheRoot(Pair* tree) {
  constexpr int kFull = 32 * 32;
  Shaper shaper(tree);
  for (int i = 0; i < kFull; ++i) tree->Put(i, i);
  ASSERT_EQ(shaper.At({})->count, 32u);
  // The full node of full leaves splits at its end again and again, each time
  // giving a new neighbor with a single leaf. Its parent splits in the same
  // way: half of the neighbors go to a new node.
  for (int i = 0; i < 32 + 3 * 16; ++i) tree->Put(2 * kFull - i, i);
  ASSERT_EQ(shaper.Counts({}), Counts({{1, 17}, {4, 16}}));
  ASSERT_EQ(shaper.Counts({0}), Counts({{1, 32}, {16, 1}}));
  for (size_t i = 1; i <= 4; ++i) {
    ASSERT_EQ(shaper.Counts({i}), Counts({{16, 1}}));
  }
  // The neighbors are joined into one full node of small ones.
  const auto erase_last_below = [&](size_t place) {
    shaper.EraseBelow({place, shaper.At({place})->count - 1}, 0);
  };
  while (shaper.At({})->count > 2) erase_last_below(2);
  ASSERT_EQ(shaper.Counts({}), Counts({{1, 17}, {1, 32}}));
  ASSERT_EQ(shaper.Counts({1}), Counts({{32, 1}}));
  // Beside the full node the first one shrinks to a single child, which then
  // shrinks as well.
  while (shaper.At({0})->count > 1) erase_last_below(0);
  shaper.EraseBelow({0, 0}, 1);
  ASSERT_EQ(shaper.Counts({0}), Counts({{1, 1}}));
  // When the full one shrinks, the two are joined and become the root.
  while (shaper.At({1})->count > 8) erase_last_below(1);
  erase_last_below(1);
  ASSERT_EQ(shaper.Counts({}), Counts({{8, 1}}));
  while (shaper.At({})->count > 2) {
    shaper.EraseBelow({shaper.At({})->count - 1}, 0);
  }
  ASSERT_EQ(shaper.Counts({}), Counts({{2, 1}}));
  ASSERT_FALSE(shaper.At({0})->leaf);
  ASSERT_FALSE(shaper.At({1})->leaf);
}

// An erase makes the root a child that is older than the write and that has a
// single child itself. Readers without a lock may still see it.
TEST_F(PersistentTreeTest, EraseToAnOldSingleChild_LeavesReadersWhatTheySee) {
  Pair tree(&arena_, &live_);
  ShapeTwoSingleChildrenUnderTheRoot(&tree);
  if (HasFatalFailure()) return;
  const Tree::Node* const seen = tree.root();
  const Map map = tree.map();
  tree.Erase(map.begin()->first);
  // These writes would reuse memory that was freed too early.
  for (int i = 0; i < 100; ++i) tree.Put(-i, i);
  Map shown;
  Tree::VisitAfter(seen, nullptr, [&](const NumberEntry& entry) {
    shown[entry.key] = entry.value;
    return true;
  });
  EXPECT_EQ(shown, map);
  tree.Collect();
  tree.ExpectEqual();
  tree.Drop();
}

// A fork holds that child when the root becomes it.
TEST_F(PersistentTreeTest, EraseToASharedSingleChild_LeavesTheForkItsOwn) {
  Pair tree(&arena_, &live_);
  ShapeTwoSingleChildrenUnderTheRoot(&tree);
  if (HasFatalFailure()) return;
  Pair fork = tree.Fork();
  tree.Erase(tree.map().begin()->first);
  tree.Collect();
  for (int i = 0; i < 100; ++i) tree.Put(-i, i);
  fork.ExpectEqual();
  fork.Erase(fork.map().begin()->first);
  fork.Collect();
  fork.ExpectEqual();
  tree.ExpectEqual();
  tree.Drop();
  fork.ExpectEqual();
  fork.Drop();
}

// The erase runs out of memory, with a fork and without. Everything is
// unchanged then, reference counts included, so that in the end nothing is
// left.
TEST_F(PersistentTreeTest, EraseThatFails_IsUndone) {
  const int64_t blocks = LiveBlocks();
  {
    // Each node is a heap block of its own.
    Arena heap(0);
    Pair tree(&heap, &live_);
    ShapeTwoSingleChildrenUnderTheRoot(&tree);
    if (HasFatalFailure()) return;
    Pair fork = tree.Fork();
    for (Pair* pair : {&fork, &tree}) {
      const int key = pair->map().begin()->first;
      size_t number = 1;
      for (; pair->FailToErase(key, number); ++number) {
        tree.ExpectEqual();
        fork.ExpectEqual();
      }
      EXPECT_GT(number, 3u);
      tree.ExpectEqual();
      fork.ExpectEqual();
      // From here on the other one shares nothing.
      if (pair == &fork) fork.Drop();
    }
    EXPECT_TRUE(Tree::IsUnique(tree.root()));
    tree.Drop();
    EXPECT_EQ(live_, 0);
  }
  EXPECT_EQ(LiveBlocks(), blocks);
}

// Random writes to a changing family of forks, each compared with a map. An
// entry is alive exactly when some tree holds it.
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
    // Replaced nodes are freed now or later; no reader sees them here.
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
  // The trees grow, shrink to almost nothing, and grow again.
  for (const int erases_of_ten : {1, 5, 9, 9, 2, 9}) {
    for (int i = 0; i < 10'000; ++i) {
      forest.Step(erases_of_ten);
      if (i % 1000 == 0) forest.CompareAll();
      if (HasFailure()) FAIL() << "at step " << i;
    }
    largest = std::max(largest, forest.largest());
  }
  // The largest tree has three levels.
  EXPECT_GT(largest, 1500u);
  forest.CompareAll();
  forest.DropAll();
}

}  // namespace
}  // namespace storage_internal
}  // namespace glue_security
