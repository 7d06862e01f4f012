#include "benchmarks/database_file.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"

namespace glue_security {

DatabaseFile::DatabaseFile() {
  static std::atomic<int> number{0};
  const char* const folder = std::getenv("GLUE_SECURITY_BENCHMARK_FOLDER");
  path_ = absl::StrCat(folder == nullptr ? "." : folder, "/benchmark_",
                       getpid(), "_", ++number, ".db");
  Remove();
}

DatabaseFile::~DatabaseFile() { Remove(); }

void DatabaseFile::Remove() {
  for (const char* suffix : {"", "-wal", "-shm", "-lock"}) {
    std::filesystem::remove(path_ + suffix);
  }
}

}  // namespace glue_security
