// Change: one write of a storage under way.
//
// A write changes nothing that anybody else sees until its new root is
// published. If it runs out of memory before that, it is undone, and all is as
// it was:
//
// INVARIANT: until the write is published,
//   - what it has made is in the undo list, and nothing of it is freed;
//   - what it leaves behind is in the retired list, and is neither freed nor
//     changed. A node or an entry that hands its children over (see
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
  Change() = default;

  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  // Where the nodes and records of the write live.
  Arena* arena() const { return arena_; }
  void set_arena(Arena* arena) { arena_ = arena; }

  // Memory for an object. If the write is undone, `free` frees it: by then
  // there must be an object in it.
  void* Allocate(size_t bytes, void (*free)(void* object)) {
    undo_.push_back({nullptr, free});
    void* const memory = arena_->Allocate(bytes);
    undo_.back().object = memory;
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
    retired_.push_back({object, free});
  }

  const std::vector<Retired>& retired() const { return retired_; }

  // Takes back all that the write did, the last first.
  void Undo() noexcept {
    for (size_t i = undo_.size(); i > 0; --i) {
      const Retired& item = undo_[i - 1];
      if (item.object != nullptr) item.free(item.object);
    }
    Clear();
  }

  // The write is published: there is nothing to undo any more, and somebody
  // else has what it retired.
  void Clear() noexcept {
    undo_.clear();
    retired_.clear();
  }

 private:
  Arena* arena_ = nullptr;
  std::vector<Retired> undo_;
  std::vector<Retired> retired_;
};

}  // namespace storage_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_INTERNAL_CHANGE_H_
