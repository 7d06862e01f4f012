// Finds or loads libglue_security for libglue_security_c.

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/capi/functions.h"
#include "google/protobuf/descriptor.h"

namespace glue_security {
namespace {

constexpr char kNameStart[] = "libglue_security.so.";
constexpr char kName[] = "libglue_security.so." GLUE_SECURITY_VERSION;
constexpr char kFunctions[] = "glue_security_functions";
// A file of the messages that every copy of the library has.
constexpr char kMessages[] = "glue_security/v1/service.proto";

// The paths of the libraries in the process that are named like the engine's.
struct LoadedPaths {
  std::string same_version;
  std::string other_version;
  bool out_of_memory = false;
};

int NotePath(dl_phdr_info* info, size_t /*size*/, void* data) {
  auto* const paths = static_cast<LoadedPaths*>(data);
  const absl::string_view path = info->dlpi_name;
  const absl::string_view name = path.substr(path.rfind('/') + 1);
  if (!absl::StartsWith(name, kNameStart)) return 0;
  // No exception may pass through the loader.
  try {
    (name == kName ? paths->same_version : paths->other_version) =
        std::string(path);
  } catch (...) {
    paths->out_of_memory = true;
  }
  return 0;
}

// Returns the folder of this library with a slash, or "".
std::string OwnFolder() {
  Dl_info info{};
  char path[PATH_MAX];
  if (dladdr(reinterpret_cast<void*>(&NotePath), &info) == 0 ||
      info.dli_fname == nullptr || realpath(info.dli_fname, path) == nullptr) {
    return "";
  }
  const absl::string_view folder = path;
  return std::string(folder.substr(0, folder.rfind('/') + 1));
}

// Opens the library. Returns null and the reason when that fails. It is never
// unloaded: threads and forks may be inside it.
void* Open(std::string* why_not) {
  LoadedPaths loaded;
  dl_iterate_phdr(&NotePath, &loaded);
  if (loaded.out_of_memory) throw std::bad_alloc();
  constexpr int kMode = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE;
  void* library = nullptr;
  if (!loaded.same_version.empty()) {
    library = dlopen(loaded.same_version.c_str(), kMode | RTLD_NOLOAD);
  } else if (!loaded.other_version.empty()) {
    *why_not = absl::StrCat("the process has another version of the library, ",
                            loaded.other_version, "; ", kName, " is needed");
    return nullptr;
  } else if (google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
                 kMessages) != nullptr) {
    // A second copy would end the process inside protobuf.
    *why_not = absl::StrCat(
        "the process has another copy of the messages of glue_security, in a "
        "program or library that is not ",
        kName, "; use that copy, or link it with ", kName);
    return nullptr;
  } else {
    const std::string beside = OwnFolder() + kName;
    const bool is_beside = access(beside.c_str(), R_OK) == 0;
    library = dlopen(is_beside ? beside.c_str() : kName, kMode);
  }
  if (library == nullptr) {
    const char* const error = dlerror();
    *why_not = absl::StrCat(
        kName, " cannot be loaded: ", error == nullptr ? "unknown" : error);
  }
  return library;
}

const CapiFunctions* Load(std::string* why_not) {
  void* const library = Open(why_not);
  if (library == nullptr) return nullptr;
  auto* const table = reinterpret_cast<decltype(&glue_security_functions)>(
      dlsym(library, kFunctions));
  const CapiFunctions* const functions = table == nullptr ? nullptr : table();
  // The layout of the table and of the answers is that of one version.
  if (functions == nullptr ||
      std::strcmp(functions->version, GLUE_SECURITY_VERSION) != 0) {
    *why_not = absl::StrCat(kName, " is not of version " GLUE_SECURITY_VERSION);
    return nullptr;
  }
  return functions;
}

// Both need no initialisation, in which a fork could find them.
std::mutex loading;
std::atomic<const CapiFunctions*> found{nullptr};

// A fork waits for the thread that loads the library, and then for those that
// use it: in the child none of them would ever finish. One handler for both, in
// this order, since a library that is loaded while the process forks could not
// add its own in time.
void StopLoading() {
  loading.lock();
  if (const auto* const functions = found.load()) functions->before_fork();
}
void GoOnInParent() {
  if (const auto* const functions = found.load()) {
    functions->after_fork_in_parent();
  }
  loading.unlock();
}
void GoOnInChild() {
  if (const auto* const functions = found.load()) {
    functions->after_fork_in_child();
  }
  loading.unlock();
}

[[maybe_unused]] const int kForkHandlers =
    pthread_atfork(&StopLoading, &GoOnInParent, &GoOnInChild);

}  // namespace

const CapiFunctions* FindFunctions(std::string* why_not) {
  const CapiFunctions* functions = found.load(std::memory_order_acquire);
  if (functions != nullptr) return functions;
  const std::lock_guard<std::mutex> lock(loading);
  functions = found.load(std::memory_order_acquire);
  if (functions != nullptr) return functions;
  functions = Load(why_not);
  found.store(functions, std::memory_order_release);
  return functions;
}

}  // namespace glue_security
