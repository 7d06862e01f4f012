// Change: one write of a storage under way.
//
// A write changes nothing that anybody else sees until its new root is
// published. If it runs out of memory before that, it is undone, and all is as
// it was:
//
// INVARIANT: until the write is published,
//   - what it has made is in the undo list, and nothing of it is freed;
//   - what it leaves behind waits in the domain of epochs, and is neither freed
//     nor changed. A node or an entry that hands its children over (see
//     persistent_tree.h) still names them, and no count of theirs was touched,
//     so that it is whole again when the write's own nodes are dropped;
//   - a hold that it has added to something older is in the undo list.
// Each of these is in its list before it is done, so that whatever fails, the
// list is complete.

#ifndef GLUE_SECURITY_STORAGE_INTERNAL_CHANGE_H_
#define GLUE_SECURITY_STORAGE_INTERNAL_CHANGE_H_

#include <cstddef>
#include <vector>

#include "glue_security/storage/internal/arena.h"
#include "glue_security/storage/internal/epoch_domain.h"

namespace glue_security {
namespace storage_internal {

// One write at a time; its memory is used again by the next. Not thread-safe.
class Change {
 public:
  // What is left behind waits in `epochs`, which outlives this.
  explicit Change(EpochDomain* epochs) : epochs_(epochs) {}

  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  // Where the nodes and records of the write live.
  Arena* arena() const { return arena_; }
  void set_arena(Arena* arena) { arena_ = arena; }

  // Memory for an object, which the caller makes at once. If the write is
  // undone, `free` frees it.
  void* Allocate(size_t bytes, void (*free)(void* object)) {
    if (undo_.size() == undo_.capacity()) undo_.reserve(2 * undo_.size() + 16);
    void* const memory = arena_->Allocate(bytes);
    undo_.push_back({memory, free});
    return memory;
  }

  // Calls `undo(object)` if the write is undone. To be called just before that
  // is done which it takes back.
  void AddUndo(void* object, void (*undo)(void* object)) {
    undo_.push_back({object, undo});
  }

  // Calls `free(object)` when the write is published and no reader can see the
  // object any more.
  void Retire(void* object, void (*free)(void* object)) {
    epochs_->Add({object, free});
  }

  // Takes back all that the write did, the last first.
  void Undo() noexcept {
    for (size_t i = undo_.size(); i > 0; --i) {
      undo_[i - 1].free(undo_[i - 1].object);
    }
    undo_.clear();
    epochs_->Abandon();
  }

  // The new root is published.
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

#endif  // GLUE_SECURITY_STORAGE_INTERNAL_CHANGE_H_
