// StorageKind: a kind of storage that `StorageFromUrl`
// (glue_security/storage/url/storage_from_url.h) opens.
//
//   StorageKind kind;
//   kind.scheme = "postgresql";
//   kind.form = "postgresql://HOST/DATABASE";
//   kind.open = [](absl::string_view url, StorageMetrics* metrics)
//       -> absl::StatusOr<OpenedStorage> { ... };

#ifndef GLUE_SECURITY_STORAGE_STORAGE_KIND_H_
#define GLUE_SECURITY_STORAGE_STORAGE_KIND_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/storage/storage.h"
#include "glue_security/storage/storage_maintenance.h"
#include "glue_security/storage/storage_metrics.h"

namespace glue_security {

// A storage, and the work on all of its records.
struct OpenedStorage {
  std::unique_ptr<Storage> storage;
  // Lives as long as `storage`; null when the storage does not offer it.
  StorageMaintenance* maintenance = nullptr;
};

struct StorageKind {
  // The text before the first colon of a URL.
  std::string scheme;
  // The form of a URL, for messages.
  std::string form;
  // Opens the storage that the whole URL names. kInvalidArgument when it does
  // not have the form. `metrics` may be null.
  std::function<absl::StatusOr<OpenedStorage>(absl::string_view url,
                                              StorageMetrics* metrics)>
      open;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_STORAGE_KIND_H_
