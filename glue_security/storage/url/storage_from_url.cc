#include "glue_security/storage/url/storage_from_url.h"

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glue_security/storage/sqlite/sqlite_storage.h"

namespace glue_security {
namespace {

constexpr char kMemory[] = "memory";
constexpr char kSqlite[] = "sqlite:";
constexpr char kSynchronous[] = "synchronous=";

absl::Status WrongUrl(absl::string_view url, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("\"", url, "\": ", why));
}

template <typename AnyStorage>
OpenedStorage Opened(std::unique_ptr<AnyStorage> storage) {
  OpenedStorage opened;
  opened.maintenance = storage.get();
  opened.storage = std::move(storage);
  return opened;
}

absl::StatusOr<OpenedStorage> OpenSqlite(absl::string_view url,
                                         StorageMetrics* metrics) {
  SqliteStorageOptions options;
  options.metrics = metrics;
  absl::string_view path = absl::StripPrefix(url, kSqlite);
  const size_t question = path.find('?');
  if (question != absl::string_view::npos) {
    absl::string_view option = path.substr(question + 1);
    path = path.substr(0, question);
    if (!absl::ConsumePrefix(&option, kSynchronous) ||
        (option != "full" && option != "normal")) {
      return WrongUrl(url,
                      "the options of sqlite are synchronous=full and "
                      "synchronous=normal");
    }
    if (option == "normal") {
      options.synchronous = SqliteStorageOptions::Synchronous::kNormal;
    }
  }
  if (path.empty()) return WrongUrl(url, "a path follows sqlite:");
  auto storage = SqliteStorage::Open(std::string(path), options);
  if (!storage.ok()) return storage.status();
  return Opened(*std::move(storage));
}

}  // namespace

std::string StorageUrlForms(const StorageUrlOptions& options) {
  std::string forms = kMemory;
  const std::string sqlite = absl::StrCat(kSqlite, "PATH");
  if (options.kinds.empty()) return absl::StrCat(forms, " or ", sqlite);
  absl::StrAppend(&forms, ", ", sqlite);
  for (const StorageKind& kind : options.kinds) {
    const bool is_last = &kind == &options.kinds.back();
    absl::StrAppend(&forms, is_last ? " or " : ", ", kind.form);
  }
  return forms;
}

absl::StatusOr<OpenedStorage> StorageFromUrl(absl::string_view url,
                                             const StorageUrlOptions& options) {
  if (url == kMemory) {
    return Opened(std::make_unique<MemoryStorage>(options.memory));
  }
  if (absl::StartsWith(url, kSqlite)) return OpenSqlite(url, options.metrics);
  for (const StorageKind& kind : options.kinds) {
    if (absl::StartsWith(url, absl::StrCat(kind.scheme, ":"))) {
      return kind.open(url, options.metrics);
    }
  }
  return WrongUrl(url, absl::StrCat("a storage is ", StorageUrlForms(options)));
}

}  // namespace glue_security
