// PersistentTree: an ordered map as an immutable B+ tree. A change makes new
// nodes along one path and shares all others, so an older root still shows the
// old contents. Used by `MemoryStorage`; memory_storage.h gives an overview.
//
// Ownership. A node or entry counts its references: from parent nodes, and from
// holders of a root. When a tree's root is not shared, a node that is replaced
// hands its children over to the copy, and no count of a child changes. The old
// node is then a husk: its memory is freed but its children are not released.
// Nothing is freed or released at once, because readers without a lock may
// still see it and the write may yet fail. Everything goes to the lists of a
// `Change`.
//
// Running out of memory. `Put` and `Erase` throw std::bad_alloc. The caller
// then undoes the change, which restores the tree and every tree that shares a
// node with it, the counts included.
//
// `Entry` has:
//   using Key = ...;                              the type of its keys
//   static int Compare(const Key&, const Entry&)  < 0, 0, > 0
//   std::atomic<uint32_t> refs;                   starts at 1
//   static void Destroy(Entry*);                  at 0
// An entry passed to `Put` is already in the undo list of the change.
//
// All functions take time logarithmic in the size of the tree.

#ifndef GLUE_SECURITY_STORAGE_MEMORY_PERSISTENT_TREE_H_
#define GLUE_SECURITY_STORAGE_MEMORY_PERSISTENT_TREE_H_

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "glue_security/storage/memory/arena.h"
#include "glue_security/storage/memory/change.h"

namespace glue_security {
namespace storage_internal {

template <typename Entry>
class PersistentTree {
 public:
  using Key = typename Entry::Key;

  // A root; nullptr is the empty tree.
  struct Node;

  // Returns the entry of `key`, or nullptr. When `unique` is not null, sets it
  // to false if a node on the path, or the entry, has more than one reference.
  static Entry* Find(const Node* node, const Key& key, bool* unique = nullptr) {
    while (node != nullptr) {
      if (unique != nullptr && IsShared(node->refs)) *unique = false;
      bool found;
      const size_t i = LastNotAfter(*node, key, &found);
      if (i == kFanout) return nullptr;
      if (!node->leaf) {
        node = node->children[i];
        continue;
      }
      if (!found) return nullptr;
      Entry* const entry = node->entries[i];
      if (unique != nullptr && IsShared(entry->refs)) *unique = false;
      return entry;
    }
    return nullptr;
  }

  // Calls `visit(entry)` for the entries with keys above `after` (all of them
  // when it is nullptr) in ascending order, until it returns false.
  template <typename Visit>
  static bool VisitAfter(const Node* node, const Key* after, Visit&& visit) {
    if (node == nullptr) return true;
    size_t i = 0;
    if (after != nullptr) {
      bool unused;
      const size_t last = LastNotAfter(*node, *after, &unused);
      if (last != kFanout) i = node->leaf ? last + 1 : last;
    }
    for (; i < node->count; ++i) {
      if (node->leaf) {
        if (!visit(*node->entries[i])) return false;
      } else {
        if (!VisitAfter(node->children[i], after, visit)) return false;
        after = nullptr;
      }
    }
    return true;
  }

  // Returns the root of the tree with `entry` under `key`, which replaces an
  // older entry. Takes over the caller's references to `root` and `entry`. The
  // caller gets a reference to the new root and to `*replaced`, the older entry
  // or nullptr. `unique`: the caller has the only reference to `root`.
  static Node* Put(Node* root, bool unique, const Key& key, Entry* entry,
                   Entry** replaced, Change* change) {
    *replaced = nullptr;
    if (root == nullptr) {
      Node* leaf = Node::New(change, /*is_leaf=*/true);
      leaf->InsertEntry(0, entry);
      return leaf;
    }
    const auto [left, right] =
        PutInto(root, unique, key, entry, replaced, change);
    if (right == nullptr) return left;
    Node* const parent = Node::New(change, /*is_leaf=*/false);
    parent->InsertChild(0, left);
    parent->InsertChild(1, right);
    return parent;
  }

  // Returns the root of the tree without `key`; references as with `Put`.
  // REQUIRES: the tree has `key`.
  static Node* Erase(Node* root, bool unique, const Key& key, Entry** erased,
                     Change* change) {
    Node* node = EraseFrom(root, unique, key, erased, change);
    // A root with a single child is replaced by the child. The first such root
    // is new, but the child need not be: when the last entry below its only
    // neighbour was erased, it is an older node, which readers see and others
    // may refer to. An older node can have a single child, too. `SplitIfFull`
    // makes such nodes. Others shrink to one child, and are joined to a
    // neighbour only where both fit into one node. A join of their parents can
    // bring two of them together, alone under the root. So each node on the way
    // down hands its child over as when it is copied, and none is deleted here.
    bool only_way = true;
    while (node != nullptr && !node->leaf && node->count == 1) {
      only_way = only_way && !IsShared(node->refs);
      Node* const child = node->children[0];
      HandChildrenOver(node, only_way, change);
      node = child;
    }
    return node;
  }

  // Releases a reference to `root` once the change is published and no reader
  // can see the old state.
  static void Release(Node* root, Change* change) {
    if (root != nullptr) change->Retire(root, &ReleaseNode);
  }

  // Releases a reference to `entry` in the same way.
  static void Release(Entry* entry, Change* change) {
    change->Retire(entry, &ReleaseEntry);
  }

  // Releases a reference to `root` at once. REQUIRES: no reader can see the
  // tree, or this is not the last reference.
  static void ReleaseNow(Node* root) {
    if (root != nullptr) ReleaseNode(root);
  }

  // Adds a reference to `root`.
  static void Share(Node* root) {
    if (root != nullptr) Hold(&root->refs);
  }

  // Returns true when only the caller refers to `root`.
  static bool IsUnique(const Node* root) {
    return root == nullptr || !IsShared(root->refs);
  }

 private:
  static constexpr size_t kFanout = 32;
  // A node with fewer children is joined to a neighbour, if both fit into one.
  static constexpr size_t kFewChildren = kFanout / 4;

 public:
  struct Node {
    // Makes an empty node. Only a node that is not a leaf has room for
    // `firsts`.
    static Node* New(Change* change, bool is_leaf) {
      void* const memory = change->Allocate(SizeOf(is_leaf), &FreeHusk);
      auto* const node = new (memory) Node(change->arena(), is_leaf);
      if (!is_leaf) {
        node->firsts = reinterpret_cast<const Entry**>(node + 1);
      }
      return node;
    }
    static void Delete(Node* node) {
      Arena* const arena = node->arena;
      const size_t bytes = SizeOf(node->leaf);
      node->~Node();
      arena->Free(node, bytes);
    }

    // Returns the least entry below this node.
    const Entry* first() const { return leaf ? entries[0] : firsts[0]; }

    void InsertEntry(size_t i, Entry* entry) {
      std::copy_backward(entries + i, entries + count, entries + count + 1);
      entries[i] = entry;
      ++count;
    }
    void InsertChild(size_t i, Node* child) {
      std::copy_backward(children + i, children + count, children + count + 1);
      std::copy_backward(firsts + i, firsts + count, firsts + count + 1);
      SetChild(i, child);
      ++count;
    }
    void SetChild(size_t i, Node* child) {
      children[i] = child;
      firsts[i] = child->first();
    }
    void RemoveAt(size_t i) {
      if (leaf) {
        std::copy(entries + i + 1, entries + count, entries + i);
      } else {
        std::copy(children + i + 1, children + count, children + i);
        std::copy(firsts + i + 1, firsts + count, firsts + i);
      }
      --count;
    }
    // Moves the elements from `from` on to the end of `to`.
    void MoveTail(size_t from, Node* to) {
      if (leaf) {
        std::copy(entries + from, entries + count, to->entries + to->count);
      } else {
        std::copy(children + from, children + count, to->children + to->count);
        std::copy(firsts + from, firsts + count, to->firsts + to->count);
      }
      to->count += count - from;
      count = from;
    }

    std::atomic<uint32_t> refs{1};
    const bool leaf;
    Arena* const arena;
    size_t count = 0;
    // A leaf has entries. Any other node has children, and for each child its
    // least entry, which the child owns.
    union {
      Entry* entries[kFanout];
      Node* children[kFanout];
    };
    // The least entry of each child; nullptr in a leaf. Stored after the node,
    // in the same piece of memory.
    const Entry** firsts = nullptr;

   private:
    Node(Arena* its_arena, bool is_leaf) : leaf(is_leaf), arena(its_arena) {}

    static size_t SizeOf(bool is_leaf) {
      return sizeof(Node) + (is_leaf ? 0 : kFanout * sizeof(const Entry*));
    }
  };

 private:
  static bool IsShared(const std::atomic<uint32_t>& refs) {
    return refs.load(std::memory_order_acquire) != 1;
  }
  static void Hold(std::atomic<uint32_t>* refs) {
    refs->fetch_add(1, std::memory_order_relaxed);
  }
  static bool LetGo(std::atomic<uint32_t>* refs) {
    return refs->fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

  static void FreeHusk(void* object) {
    Node::Delete(static_cast<Node*>(object));
  }

  static void ReleaseEntry(void* object) {
    auto* const entry = static_cast<Entry*>(object);
    if (LetGo(&entry->refs)) Entry::Destroy(entry);
  }

  static void ReleaseNode(void* object) {
    auto* const node = static_cast<Node*>(object);
    if (!LetGo(&node->refs)) return;
    for (size_t i = 0; i < node->count; ++i) {
      if (node->leaf) {
        ReleaseEntry(node->entries[i]);
      } else {
        ReleaseNode(node->children[i]);
      }
    }
    Node::Delete(node);
  }

  // Returns the last index whose entry, or least entry, is not above `key`;
  // kFanout when all are above. Sets `*found` when that entry has the key.
  static size_t LastNotAfter(const Node& node, const Key& key, bool* found) {
    size_t low = 0;
    size_t high = node.count;
    *found = false;
    while (low < high) {
      const size_t middle = (low + high) / 2;
      const Entry* const entry =
          node.leaf ? node.entries[middle] : node.firsts[middle];
      const int order = Entry::Compare(key, *entry);
      if (order < 0) {
        high = middle;
      } else {
        low = middle + 1;
        *found = order == 0;
      }
    }
    return low == 0 ? kFanout : low - 1;
  }

  // Returns a new node with the contents of `node`. Takes over the caller's
  // reference to `node`.
  static Node* Copy(Node* node, bool unique, Change* change) {
    Node* const copy = Node::New(change, node->leaf);
    Absorb(node, unique, copy, change);
    return copy;
  }

  // Replaces the caller's reference to `node` by a reference to each of its
  // children. `unique`: the caller has the only reference to `node`.
  static void HandChildrenOver(Node* node, bool unique, Change* change) {
    if (unique) {
      change->Retire(node, &FreeHusk);
      return;
    }
    change->Retire(node, &ReleaseNode);
    change->AddUndo(node, &LetChildrenGo);
    for (size_t i = 0; i < node->count; ++i) Hold(RefsOf(node, i));
  }

  // Releases the references to the children that were added for a copy.
  static void LetChildrenGo(void* object) {
    auto* const node = static_cast<Node*>(object);
    for (size_t i = 0; i < node->count; ++i) {
      const bool last = LetGo(RefsOf(node, i));
      assert(!last);
      static_cast<void>(last);
    }
  }

  static std::atomic<uint32_t>* RefsOf(Node* node, size_t i) {
    return node->leaf ? &node->entries[i]->refs : &node->children[i]->refs;
  }

  // Appends the contents of `node` to the new node `to`. Takes over the
  // caller's reference to `node`.
  static void Absorb(Node* node, bool unique, Node* to, Change* change) {
    HandChildrenOver(node, unique, change);
    if (node->leaf) {
      std::copy_n(node->entries, node->count, to->entries + to->count);
    } else {
      std::copy_n(node->children, node->count, to->children + to->count);
      std::copy_n(node->firsts, node->count, to->firsts + to->count);
    }
    to->count += node->count;
  }

  static std::pair<Node*, Node*> PutInto(Node* node, bool unique,
                                         const Key& key, Entry* entry,
                                         Entry** replaced, Change* change) {
    unique = unique && !IsShared(node->refs);
    Node* const copy = Copy(node, unique, change);
    bool found;
    const size_t last = LastNotAfter(*copy, key, &found);
    if (copy->leaf) {
      if (found) {
        *replaced = copy->entries[last];
        copy->entries[last] = entry;
        return {copy, nullptr};
      }
      const size_t at = last == kFanout ? 0 : last + 1;
      Node* const right = SplitIfFull(copy, at, change);
      if (right != nullptr && at >= copy->count) {
        right->InsertEntry(at - copy->count, entry);
      } else {
        copy->InsertEntry(at, entry);
      }
      return {copy, right};
    }
    const size_t at = last == kFanout ? 0 : last;
    const auto [left, added] =
        PutInto(copy->children[at], unique, key, entry, replaced, change);
    copy->SetChild(at, left);
    if (added == nullptr) return {copy, nullptr};
    Node* const right = SplitIfFull(copy, at + 1, change);
    if (right != nullptr && at + 1 >= copy->count) {
      right->InsertChild(at + 1 - copy->count, added);
    } else {
      copy->InsertChild(at + 1, added);
    }
    return {copy, right};
  }

  // Makes room in the new node `node` for one more element at `at`. Returns
  // nullptr when there is room, else a new right neighbour. A node that grows
  // at its end stays full, so that ascending insertions fill their nodes.
  static Node* SplitIfFull(Node* node, size_t at, Change* change) {
    if (node->count < kFanout) return nullptr;
    Node* const right = Node::New(change, node->leaf);
    if (at < kFanout) node->MoveTail(kFanout / 2, right);
    return right;
  }

  // Returns nullptr when no entry is left.
  static Node* EraseFrom(Node* node, bool unique, const Key& key,
                         Entry** erased, Change* change) {
    unique = unique && !IsShared(node->refs);
    Node* const copy = Copy(node, unique, change);
    bool unused;
    const size_t at = LastNotAfter(*copy, key, &unused);
    if (copy->leaf) {
      *erased = copy->entries[at];
      copy->RemoveAt(at);
    } else {
      Node* const child =
          EraseFrom(copy->children[at], unique, key, erased, change);
      if (child == nullptr) {
        copy->RemoveAt(at);
      } else {
        copy->SetChild(at, child);
        JoinIfFew(copy, at, unique, change);
      }
    }
    if (copy->count > 0) return copy;
    change->Retire(copy, &FreeHusk);
    return nullptr;
  }

  // Joins the new child at `at` with a neighbour when it has few children and
  // both fit into one node.
  static void JoinIfFew(Node* parent, size_t at, bool unique, Change* change) {
    Node* const child = parent->children[at];
    if (child->count >= kFewChildren || parent->count < 2) return;
    const size_t beside = at == 0 ? 1 : at - 1;
    Node* const neighbour = parent->children[beside];
    if (child->count + neighbour->count > kFanout) return;
    const bool unique_neighbour = unique && !IsShared(neighbour->refs);
    Node* const joined = Node::New(change, child->leaf);
    if (beside < at) Absorb(neighbour, unique_neighbour, joined, change);
    child->MoveTail(0, joined);
    if (beside > at) Absorb(neighbour, unique_neighbour, joined, change);
    change->Retire(child, &FreeHusk);
    parent->SetChild(std::min(at, beside), joined);
    parent->RemoveAt(std::max(at, beside));
  }
};

}  // namespace storage_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_MEMORY_PERSISTENT_TREE_H_
