// SqliteStorage keeps the contract: the suite for storages, and interleaved
// clients of the engine, over a system that fails and processes that end.

#include <memory>
#include <utility>

#include "glue_security/testing/interleaved/storage_interleaved.h"
#include "glue_security/testing/storage_suite/storage_conformance.h"
#include "gtest/gtest.h"
#include "tests/storage/sqlite/restarting_sqlite.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

RestartingSqlite& SqliteOf(Storage& storage) {
  return static_cast<RestartingSqlite&>(storage);
}

StorageUnderTest Target(const char* name, const SqliteStorageOptions& options) {
  StorageUnderTest target;
  target.name = name;
  target.create = [options] {
    return std::make_unique<RestartingSqlite>(options);
  };
  target.reopen = [](std::unique_ptr<Storage> storage) {
    SqliteOf(*storage).Crash();
    return storage;
  };
  target.set_step = [](Storage& storage, std::function<void()> step) {
    SqliteOf(storage).SetStep(std::move(step));
  };
  target.fail_next_commit = [](Storage& storage, int way) {
    return SqliteOf(storage).FailNextCommit(way);
  };
  target.settle = [](Storage& storage) { SqliteOf(storage).Crash(); };
  // A commit takes some 30 microseconds here.
  target.rounds = IsShortRun() ? 200 : 2'000;
  return target;
}

StorageUnderTest Full() {
  SqliteStorageOptions options;
  // Each client can be inside of a read.
  options.read_connections = 6;
  return Target("SqliteFull", options);
}

StorageUnderTest Normal() {
  SqliteStorageOptions options;
  options.read_connections = 4;
  options.synchronous = SqliteStorageOptions::Synchronous::kNormal;
  // A checkpoint at nearly every commit.
  options.checkpoint_bytes = 4096;
  return Target("SqliteNormal", options);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StorageConformance,
                         ::testing::Values(Full(), Normal()),
                         StorageConformance::Name);

TEST(SqliteStorage, IsSafeForConcurrentClients) {
  StorageInterleavedOptions options;
  if (IsShortRun()) options.runs = 100;
  StorageUnderTest target = Full();
  // Other clients are inside of calls when a commit fails.
  target.fail_next_commit = [](Storage& storage, int way) {
    return SqliteOf(storage).FailNextCommitAndGoOn(way);
  };
  target.settle = [](Storage& storage) { SqliteOf(storage).Restart(); };
  const StorageInterleavedReport report =
      CheckStorageInterleaved(target, options);
  EXPECT_TRUE(report.ok()) << report.text;
}

}  // namespace
}  // namespace glue_security
