// SqliteStorage beside raw SQLite that does the same row writes and reads:
// with prepared statements, in the same tables, on a file in the same folder.

#include <sqlite3.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "benchmark/benchmark.h"
#include "benchmarks/database_file.h"
#include "glue_security/storage/sqlite/record_checksum.h"
#include "glue_security/storage/sqlite/sqlite_storage.h"

namespace glue_security {
namespace {

using Synchronous = SqliteStorageOptions::Synchronous;

const CatalogKey kCatalog{"123456789012", "us-east-1"};
constexpr size_t kValueBytes = 1024;
constexpr int kNames = 1000;

// A name and a counter, as a creation writes them.
WriteBatch BatchOf(int number) {
  return {kCatalog,
          0,
          {},
          {{{RecordKind::kSecurityConfiguration,
             "name" + std::to_string(number % kNames)},
            std::string(kValueBytes, 'v')},
           {{RecordKind::kConfigurationCount, ""}, std::to_string(number)}}};
}

// The row writes of SqliteStorage, and nothing else.
class RawSqlite {
 public:
  RawSqlite(const std::string& path, Synchronous synchronous) {
    // The tables.
    SqliteStorage::Open(path, {}).status().IgnoreError();
    Check(sqlite3_open_v2(path.c_str(), &db_,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                          nullptr));
    Run("PRAGMA wal_autocheckpoint=1000");
    Run(synchronous == Synchronous::kFull ? "PRAGMA synchronous=FULL"
                                          : "PRAGMA synchronous=NORMAL");
    Prepare("BEGIN IMMEDIATE", &begin_);
    Prepare("COMMIT", &commit_);
    Prepare(
        "INSERT INTO record VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
        "SET revision = excluded.revision, value = excluded.value, "
        "sum = excluded.sum",
        &put_);
    Prepare(
        "UPDATE meta SET last_revision = ?, record_count = ?, record_sum = ?",
        &meta_);
    Prepare(
        "SELECT revision, value, sum FROM record WHERE "
        "catalog_id = ? AND region = ? AND kind = ? AND id = ?",
        &get_);
  }
  ~RawSqlite() {
    for (sqlite3_stmt* const statement : {begin_, commit_, put_, meta_, get_}) {
      sqlite3_finalize(statement);
    }
    sqlite3_close(db_);
  }
  RawSqlite(const RawSqlite&) = delete;
  RawSqlite& operator=(const RawSqlite&) = delete;

  void Commit(const WriteBatch& batch) {
    ++revision_;
    Step(begin_);
    for (const Mutation& mutation : batch.mutations) {
      BindName(put_, mutation.key.kind);
      BindText(put_, 4, mutation.key.id);
      sqlite3_bind_int64(put_, 5, revision_);
      BindText(put_, 6, *mutation.value);
      sqlite3_bind_int64(put_, 7, revision_);
      Step(put_);
    }
    for (int i = 1; i <= 3; ++i) sqlite3_bind_int64(meta_, i, revision_);
    Step(meta_);
    Step(commit_);
  }

  // Reads a record and computes its checksum.
  uint64_t Get(const RecordKey& key) {
    BindName(get_, key.kind);
    BindText(get_, 4, key.id);
    if (sqlite3_step(get_) != SQLITE_ROW) std::abort();
    const absl::string_view value(
        static_cast<const char*>(sqlite3_column_blob(get_, 1)),
        static_cast<size_t>(sqlite3_column_bytes(get_, 1)));
    const uint64_t sum = sqlite_internal::RecordChecksum(
        kCatalog, key.kind, key.id,
        static_cast<Revision>(sqlite3_column_int64(get_, 0)), value);
    sqlite3_reset(get_);
    return sum;
  }

 private:
  static void Check(int code) {
    if (code != SQLITE_OK) std::abort();
  }
  void Run(const char* sql) {
    Check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr));
  }
  void Prepare(const char* sql, sqlite3_stmt** statement) {
    Check(sqlite3_prepare_v2(db_, sql, -1, statement, nullptr));
  }
  static void Step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) std::abort();
    sqlite3_reset(statement);
  }
  static void BindText(sqlite3_stmt* statement, int index,
                       const std::string& text) {
    sqlite3_bind_blob64(statement, index, text.data(), text.size(),
                        SQLITE_STATIC);
  }
  static void BindName(sqlite3_stmt* statement, RecordKind kind) {
    BindText(statement, 1, kCatalog.catalog_id);
    BindText(statement, 2, kCatalog.region);
    sqlite3_bind_int64(statement, 3, static_cast<int64_t>(kind));
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  sqlite3_stmt* put_ = nullptr;
  sqlite3_stmt* meta_ = nullptr;
  sqlite3_stmt* get_ = nullptr;
  int64_t revision_ = 0;
};

Synchronous SynchronousOf(const benchmark::State& state) {
  return state.range(0) == 0 ? Synchronous::kFull : Synchronous::kNormal;
}

// ---- Commits

struct OurScene {
  DatabaseFile file;
  std::unique_ptr<SqliteStorage> storage;
};
// The scene of the benchmark that runs: one thread makes it, all use it.
OurScene* our_scene = nullptr;

void BM_SqliteCommit(benchmark::State& state) {
  if (state.thread_index() == 0) {
    our_scene = new OurScene;
    SqliteStorageOptions options;
    options.synchronous = SynchronousOf(state);
    our_scene->storage = *SqliteStorage::Open(our_scene->file.path(), options);
  }
  int number = 1000 * state.thread_index();
  for (auto _ : state) {
    if (!our_scene->storage->Commit(BatchOf(++number)).ok()) std::abort();
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) delete std::exchange(our_scene, nullptr);
}
BENCHMARK(BM_SqliteCommit)
    ->Arg(0)
    ->Arg(1)
    ->Threads(1)
    ->Threads(8)
    ->UseRealTime();

struct RawScene {
  explicit RawScene(Synchronous synchronous) : raw(file.path(), synchronous) {}

  DatabaseFile file;
  RawSqlite raw;
};

// Raw SQLite has one writer at a time, so that threads would not help it.
void BM_SqliteCommitFloor_Raw(benchmark::State& state) {
  RawScene scene(SynchronousOf(state));
  int number = 0;
  for (auto _ : state) scene.raw.Commit(BatchOf(++number));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_SqliteCommitFloor_Raw)->Arg(0)->Arg(1)->UseRealTime();

// ---- Reads

void BM_SqliteVisit(benchmark::State& state) {
  const DatabaseFile file;
  auto storage = *SqliteStorage::Open(file.path(), {});
  for (int i = 0; i < kNames; ++i) {
    if (!storage->Commit(BatchOf(i)).ok()) std::abort();
  }
  const RecordKey key{RecordKind::kSecurityConfiguration, "name500"};
  for (auto _ : state) {
    storage
        ->VisitRecord(kCatalog, key,
                      [](BranchId, const RecordView* record) {
                        benchmark::DoNotOptimize(record->value.data());
                      })
        .IgnoreError();
  }
}
BENCHMARK(BM_SqliteVisit);

void BM_SqliteVisitFloor_Raw(benchmark::State& state) {
  RawScene scene(Synchronous::kNormal);
  for (int i = 0; i < kNames; ++i) scene.raw.Commit(BatchOf(i));
  const RecordKey key{RecordKind::kSecurityConfiguration, "name500"};
  for (auto _ : state) benchmark::DoNotOptimize(scene.raw.Get(key));
}
BENCHMARK(BM_SqliteVisitFloor_Raw);

}  // namespace
}  // namespace glue_security
