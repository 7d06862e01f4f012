// An engine over SqliteStorage, beside the reference model and on threads.

#include <memory>

#include "glue_security/storage/sqlite/sqlite_storage.h"
#include "glue_security/storage/storage.h"
#include "gtest/gtest.h"
#include "tests/storage/engine_over_storage.h"
#include "tests/storage/sqlite/restarting_sqlite.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

std::unique_ptr<Storage> OpenFull() {
  return std::make_unique<RestartingSqlite>();
}

std::unique_ptr<Storage> OpenNormal() {
  SqliteStorageOptions options;
  options.synchronous = SqliteStorageOptions::Synchronous::kNormal;
  options.read_connections = 1;
  options.checkpoint_bytes = 4096;
  return std::make_unique<RestartingSqlite>(options);
}

TEST(SqliteStorage, AnEngineOverItGivesTheAnswersOfTheModel) {
  ExpectAnswersOfTheModel(OpenFull, IsShortRun() ? 1'000 : 10'000);
  ExpectAnswersOfTheModel(OpenNormal, IsShortRun() ? 1'000 : 10'000);
}

TEST(SqliteStorage, HistoriesOfThreadsAreLegal) {
  ExpectLegalHistoriesOfThreads(OpenFull, IsShortRun() ? 50 : 500);
  ExpectLegalHistoriesOfThreads(OpenNormal, IsShortRun() ? 50 : 500);
}

}  // namespace
}  // namespace glue_security
