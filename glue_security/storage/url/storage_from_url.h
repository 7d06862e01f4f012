// StorageFromUrl: opens the storage that a URL names, for programs whose users
// choose it.
//
//   absl::StatusOr<OpenedStorage> opened = StorageFromUrl("sqlite:glue.db");
//   Engine engine(opened->storage.get());
//
//   memory                         in this process, empty at the start
//   sqlite:PATH                    the SQLite database in a file
//   sqlite:PATH?synchronous=normal the same, without a sync for each commit
//
// Further kinds are given as options, so that a program links only what it
// offers: `EtcdKind()` of glue_security/storage/etcd/etcd_url.h, or one of your
// own. A URL of another kind is refused with the forms that there are:
//
//   StorageFromUrl("redis://localhost");
//   // InvalidArgument: "redis://localhost": a storage is memory or sqlite:PATH

#ifndef GLUE_SECURITY_STORAGE_URL_STORAGE_FROM_URL_H_
#define GLUE_SECURITY_STORAGE_URL_STORAGE_FROM_URL_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/storage/storage_kind.h"

namespace glue_security {

struct StorageUrlOptions {
  // Used by "memory".
  MemoryStorageOptions memory;
  // Counts the work of a durable storage. Not owned; may be null.
  StorageMetrics* metrics = nullptr;
  // The kinds of storage besides memory and SQLite.
  std::vector<StorageKind> kinds;
};

// Opens the storage. A database that does not exist is made.
//
// Errors, in this order: kInvalidArgument, the URL is of no kind or not in its
// form, nothing was opened; those of the kind (`SqliteStorage::Open`).
absl::StatusOr<OpenedStorage> StorageFromUrl(
    absl::string_view url,
    const StorageUrlOptions& options = StorageUrlOptions());

// Returns the forms of a URL in a sentence's order: "memory, sqlite:PATH or
// etcd://HOST:PORT[,HOST:PORT]/PREFIX".
std::string StorageUrlForms(const StorageUrlOptions& options);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_URL_STORAGE_FROM_URL_H_
