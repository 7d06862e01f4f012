// Calls of a storage that may throw. A storage reports by Status; where an
// embedder's throws all the same, the exception becomes one here, and goes no
// further.

#ifndef GLUE_SECURITY_ENGINE_GUARDED_STORAGE_H_
#define GLUE_SECURITY_ENGINE_GUARDED_STORAGE_H_

#include <exception>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

// VisitSnapshot, and kUnavailable where the storage throws before it has shown
// anything.
//
// An exception of `visitor` does not pass through the storage, which may hold a
// lock or not be C++: it is thrown again when the storage has returned.
template <typename Visitor>
absl::Status VisitGuarded(Storage* storage, const ReadSet& read_set,
                          Visitor&& visitor) {
  bool shown = false;
  std::exception_ptr thrown;
  const auto show = [&](const SnapshotView& snapshot) {
    shown = true;
    try {
      visitor(snapshot);
    } catch (...) {
      thrown = std::current_exception();
    }
  };
  absl::Status status;
  try {
    status = VisitSnapshot(storage, read_set, show);
  } catch (...) {
    // What it does after it has shown something is not passed on.
    if (!shown) status = absl::UnavailableError("");
  }
  if (thrown != nullptr) std::rethrow_exception(std::move(thrown));
  return status;
}

// Storage::Commit, and kUnknown where it throws: nobody knows what became of
// the batch.
inline absl::StatusOr<CommitResult> CommitGuarded(Storage* storage,
                                                  const WriteBatch& batch) {
  try {
    return storage->Commit(batch);
  } catch (...) {
    return absl::UnknownError("");
  }
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENGINE_GUARDED_STORAGE_H_
