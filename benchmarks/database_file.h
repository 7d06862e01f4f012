// DatabaseFile: a path for an SQLite database in the folder of
// GLUE_SECURITY_BENCHMARK_FOLDER, or in the current one.

#ifndef GLUE_SECURITY_BENCHMARKS_DATABASE_FILE_H_
#define GLUE_SECURITY_BENCHMARKS_DATABASE_FILE_H_

#include <string>

namespace glue_security {

// A path without files at the start. The files are removed at the end.
class DatabaseFile {
 public:
  DatabaseFile();
  ~DatabaseFile();
  DatabaseFile(const DatabaseFile&) = delete;
  DatabaseFile& operator=(const DatabaseFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  void Remove();

  std::string path_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_BENCHMARKS_DATABASE_FILE_H_
