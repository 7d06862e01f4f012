// Helpers of the tests of SqliteStorage that work on its file from outside.

#ifndef GLUE_SECURITY_TESTS_STORAGE_SQLITE_DATABASE_FILE_H_
#define GLUE_SECURITY_TESTS_STORAGE_SQLITE_DATABASE_FILE_H_

#include <string>
#include <vector>

#include "glue_security/storage/sqlite/sqlite_storage.h"

namespace glue_security {

// Returns the bytes of a file, none when there is none.
std::string BytesOf(const std::string& path);

// Makes `bytes` those of a file.
void WriteBytes(const std::string& path, const std::string& bytes);

// Runs SQL statements over a connection of its own. Returns the first column of
// the last row, or "". A failure is one of the test.
std::string RunSql(const std::string& path, const char* sql);

// Returns what Verify finds. An error of Verify is a failure of the test.
std::vector<std::string> ProblemsOf(SqliteStorage& storage);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_STORAGE_SQLITE_DATABASE_FILE_H_
