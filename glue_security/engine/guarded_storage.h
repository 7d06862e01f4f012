// Calls of a storage that may throw. A storage reports errors by Status; an
// exception from an embedder's storage is turned into a Status here.

#ifndef GLUE_SECURITY_ENGINE_GUARDED_STORAGE_H_
#define GLUE_SECURITY_ENGINE_GUARDED_STORAGE_H_

#include <exception>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

// Calls VisitSnapshot. Returns kUnavailable if the storage throws before it has
// shown anything.
//
// An exception of `visitor` does not pass through the storage, which may hold a
// lock or may not be written in C++. It is thrown again after the storage has
// returned.
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
    // An exception after the storage has shown something is ignored.
    if (!shown) status = absl::UnavailableError("");
  }
  if (thrown != nullptr) std::rethrow_exception(std::move(thrown));
  return status;
}

// Calls Storage::Commit. Returns kUnknown if it throws, since the batch may or
// may not have been applied.
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
