#include "tests/storage/sqlite/database_file.h"

#include <sqlite3.h>

#include <cstdint>
#include <fstream>
#include <iterator>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace glue_security {

std::string BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string RunSql(const std::string& path, const char* sql) {
  std::string text;
  const auto take = [](void* to, int /*columns*/, char** values,
                       char** /*names*/) {
    if (values[0] != nullptr) *static_cast<std::string*>(to) = values[0];
    return 0;
  };
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql, take, &text, nullptr), SQLITE_OK)
      << sqlite3_errmsg(db);
  sqlite3_close(db);
  return text;
}

std::vector<std::string> ProblemsOf(SqliteStorage& storage) {
  std::vector<std::string> problems;
  EXPECT_EQ(storage.Verify(
                [&](const StorageProblem& problem) {
                  problems.push_back(problem.what);
                },
                [](uint64_t, uint64_t) {}),
            absl::OkStatus());
  return problems;
}

}  // namespace glue_security
