// OpenFileNote: notes that this process has a database open, so that its
// children know.
//
// SQLite keeps the locks that a process has on a file in memory of its own. A
// child of fork() inherits this memory, but not the locks: were it to open the
// same file, SQLite would take no locks for it, and another process could
// remove the log while the child writes to it. So a child may not open a file
// that its parent had open at the fork, for as long as it lives; a program that
// it executes may.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_OPEN_FILE_NOTE_H_
#define GLUE_SECURITY_STORAGE_SQLITE_OPEN_FILE_NOTE_H_

#include <atomic>
#include <memory>

#include "absl/status/statusor.h"

namespace glue_security {
namespace sqlite_internal {

// The functions may be called by several threads, and beside a fork.
class OpenFileNote {
 public:
  // Notes the file of a descriptor. Errors: kFailedPrecondition, the process
  // that this one was forked from had it open at the fork; kUnavailable, the
  // system does not say which file it is. Throws std::bad_alloc.
  static absl::StatusOr<std::unique_ptr<OpenFileNote>> Make(int descriptor);

  // Drops the note. A child of a fork keeps those that it inherited.
  ~OpenFileNote();
  OpenFileNote(const OpenFileNote&) = delete;
  OpenFileNote& operator=(const OpenFileNote&) = delete;

 private:
  struct Entry;

  OpenFileNote() = default;
  // The head of the list of all entries.
  static std::atomic<Entry*>& First();
  // Returns an entry that nobody else uses.
  static Entry* Take();

  Entry* entry_ = nullptr;
};

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_OPEN_FILE_NOTE_H_
