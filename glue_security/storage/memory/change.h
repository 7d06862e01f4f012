// Change: one write of a storage in progress.
//
// A write changes nothing that readers see until its new root is published. If
// it runs out of memory before that, it is undone, and nothing has changed:
//
// INVARIANT: until the write is published,
//   - every object that it has made is in the undo list, and none is freed;
//   - every object that it retires waits in the domain of epochs, neither freed
//     nor changed. A node or an entry that hands its children over (see
//     persistent_tree.h) still points to them, and their counts did not change,
//     so it is whole again when the write's own nodes are dropped;
//   - every reference that it has added to an older object is in the undo list.
// Each step is in its list before it is done, so the list is complete whichever
// step fails.

#ifndef GLUE_SECURITY_STORAGE_MEMORY_CHANGE_H_
#define GLUE_SECURITY_STORAGE_MEMORY_CHANGE_H_

#include <cstddef>
#include <vector>

#include "glue_security/storage/memory/arena.h"
#include "glue_security/storage/memory/epoch_domain.h"

namespace glue_security {
namespace storage_internal {

// Used for one write at a time; the next write reuses its memory. Not
// thread-safe.
class Change {
 public:
  // Retired objects wait in `epochs`, which outlives this object.
  explicit Change(EpochDomain* epochs) : epochs_(epochs) {}

  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  // The arena of the nodes and records that the write makes.
  Arena* arena() const { return arena_; }
  void set_arena(Arena* arena) { arena_ = arena; }

  // Returns memory for an object, which the caller constructs at once. If the
  // write is undone, `free` frees it.
  void* Allocate(size_t bytes, void (*free)(void* object)) {
    if (undo_.size() == undo_.capacity()) undo_.reserve(2 * undo_.size() + 16);
    void* const memory = arena_->Allocate(bytes);
    undo_.push_back({memory, free});
    return memory;
  }

  // Registers `undo(object)`, to be called if the write is undone. Call this
  // just before the step that `undo` takes back.
  void AddUndo(void* object, void (*undo)(void* object)) {
    undo_.push_back({object, undo});
  }

  // Registers `free(object)`, to be called once the write is published and no
  // reader can see the object any more.
  void Retire(void* object, void (*free)(void* object)) {
    epochs_->Add({object, free});
  }

  // Takes back every step of the write, the last one first.
  void Undo() noexcept {
    for (size_t i = undo_.size(); i > 0; --i) {
      undo_[i - 1].free(undo_[i - 1].object);
    }
    undo_.clear();
    epochs_->Abandon();
  }

  // Ends the write. Call this when its new root is published.
  void Publish() noexcept {
    undo_.clear();
    epochs_->Publish();
  }

 private:
  EpochDomain* const epochs_;
  Arena* arena_ = nullptr;
  std::vector<Retired> undo_;
};

}  // namespace storage_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_MEMORY_CHANGE_H_
