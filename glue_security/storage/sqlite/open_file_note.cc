#include "glue_security/storage/sqlite/open_file_note.h"

#include <pthread.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

#include "absl/status/status.h"

namespace glue_security {
namespace sqlite_internal {

// Never destroyed, so that threads may use it until the process ends.
struct OpenFileNote::List {
  static List& Get() {
    static auto* const kList = [] {
      // A child would wait for a thread that the lock belongs to, and that it
      // does not have.
      pthread_atfork([] { Get().mutex.lock(); }, [] { Get().mutex.unlock(); },
                     [] { Get().mutex.unlock(); });
      return new List;
    }();
    return *kList;
  }

  std::mutex mutex;
  std::list<Entry> entries;
};

absl::StatusOr<std::unique_ptr<OpenFileNote>> OpenFileNote::Make(
    int descriptor) {
  struct stat file;
  if (fstat(descriptor, &file) != 0) {
    return absl::UnavailableError(
        absl::ErrnoToStatus(errno, "is not known to the system").message());
  }
  const auto is_inherited = [&file](const Entry& entry) {
    return entry.device == file.st_dev && entry.inode == file.st_ino &&
           entry.guard.in_child();
  };
  List& list = List::Get();
  const std::lock_guard<std::mutex> lock(list.mutex);
  if (std::any_of(list.entries.begin(), list.entries.end(), is_inherited)) {
    return absl::FailedPreconditionError(
        "was open in the process that this one was forked from; close it "
        "before the fork, or execute a program that opens it");
  }
  std::list<Entry> entry(1);
  entry.front().device = file.st_dev;
  entry.front().inode = file.st_ino;
  std::unique_ptr<OpenFileNote> noted(new OpenFileNote(entry.begin()));
  list.entries.splice(list.entries.end(), entry);
  return noted;
}

OpenFileNote::~OpenFileNote() {
  if (entry_->guard.in_child()) return;
  List& list = List::Get();
  const std::lock_guard<std::mutex> lock(list.mutex);
  list.entries.erase(entry_);
}

}  // namespace sqlite_internal
}  // namespace glue_security
