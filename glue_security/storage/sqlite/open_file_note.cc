#include "glue_security/storage/sqlite/open_file_note.h"

#include <sys/stat.h>

#include <atomic>
#include <cerrno>

#include "absl/status/status.h"
#include "glue_security/storage/sqlite/fork_guard.h"

namespace glue_security {
namespace sqlite_internal {

// Entries make a list that only grows, and are used again. There is no lock,
// which a child could inherit from a thread that it does not have, and for
// which whoever waits to fork could wait.
struct OpenFileNote::Entry {
  enum class State { kFree, kTaken, kOpen };

  std::atomic<State> state{State::kTaken};
  std::atomic<dev_t> device{0};
  std::atomic<ino_t> inode{0};
  const ForkGuard guard;
  Entry* next = nullptr;
};

std::atomic<OpenFileNote::Entry*>& OpenFileNote::First() {
  static std::atomic<Entry*> first{nullptr};
  return first;
}

OpenFileNote::Entry* OpenFileNote::Take() {
  using State = Entry::State;
  std::atomic<Entry*>& first = First();
  for (Entry* entry = first.load(); entry != nullptr; entry = entry->next) {
    State free = State::kFree;
    // Entries of a parent are left as they are.
    if (!entry->guard.in_child() &&
        entry->state.compare_exchange_strong(free, State::kTaken)) {
      return entry;
    }
  }
  auto* const made = new Entry;
  made->next = first.load();
  while (!first.compare_exchange_weak(made->next, made)) {
    // Another thread was faster.
  }
  return made;
}

absl::StatusOr<std::unique_ptr<OpenFileNote>> OpenFileNote::Make(
    int descriptor) {
  struct stat file;
  if (fstat(descriptor, &file) != 0) {
    return absl::UnavailableError(
        absl::ErrnoToStatus(errno, "is not known to the system").message());
  }
  for (const Entry* entry = First().load(); entry != nullptr;
       entry = entry->next) {
    if (entry->guard.in_child() && entry->state == Entry::State::kOpen &&
        entry->device == file.st_dev && entry->inode == file.st_ino) {
      return absl::FailedPreconditionError(
          "was open in the process that this one was forked from; close it "
          "before the fork, or execute a program that opens it");
    }
  }
  std::unique_ptr<OpenFileNote> note(new OpenFileNote);
  note->entry_ = Take();
  note->entry_->device = file.st_dev;
  note->entry_->inode = file.st_ino;
  note->entry_->state = Entry::State::kOpen;
  return note;
}

OpenFileNote::~OpenFileNote() {
  if (entry_ == nullptr || entry_->guard.in_child()) return;
  entry_->state = Entry::State::kFree;
}

}  // namespace sqlite_internal
}  // namespace glue_security
