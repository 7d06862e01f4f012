// SqliteStorage beyond the contract of Storage: opening, what is refused,
// maintenance, revisions across openings, two objects on one file, failures.

#include "glue_security/storage/sqlite/sqlite_storage.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage/sqlite/database_file.h"
#include "tests/storage/sqlite/restarting_sqlite.h"
#include "tests/support/child.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const CatalogKey kCatalog{"123456789012", "us-east-1"};

RecordKey Configuration(const std::string& id) {
  return {RecordKind::kSecurityConfiguration, id};
}

absl::StatusOr<CommitResult> Put(Storage& storage, const std::string& id,
                                 const std::string& value) {
  return storage.Commit({kCatalog, 0, {}, {{Configuration(id), value}}});
}

std::optional<Record> Get(Storage& storage, const std::string& id) {
  auto snapshot = storage.Read({kCatalog, {Configuration(id)}, std::nullopt});
  EXPECT_EQ(snapshot.status(), absl::OkStatus());
  if (!snapshot.ok()) return std::nullopt;
  return snapshot->records[0];
}

std::string ValueOf(Storage& storage, const std::string& id) {
  const auto record = Get(storage, id);
  return record.has_value() ? record->value : "(none)";
}

std::vector<std::string> NamesOf(SqliteStorage& storage) {
  std::vector<std::string> names;
  EXPECT_EQ(storage.VisitAll([&](const NamedRecord& record) {
    names.push_back(record.catalog.region + "/" + record.key.id + "=" +
                    record.value);
    return absl::OkStatus();
  }),
            absl::OkStatus());
  return names;
}

class SqliteStorageTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteStorage> Open(
      const SqliteStorageOptions& options = {}) {
    auto storage = SqliteStorage::Open(path_, options);
    EXPECT_EQ(storage.status(), absl::OkStatus());
    return storage.ok() ? *std::move(storage) : nullptr;
  }
  absl::Status OpenFails(const std::string& path,
                         const SqliteStorageOptions& options = {}) {
    absl::Status status = SqliteStorage::Open(path, options).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
    return status;
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.File("db");
};

// ---- Opening

TEST_F(SqliteStorageTest, Open_NoFile_MakesAnEmptyDatabase) {
  const auto storage = Open();
  EXPECT_EQ(ValueOf(*storage, "a"), "(none)");
  EXPECT_EQ(storage->durability(), Durability::kPowerLoss);
  EXPECT_THAT(ProblemsOf(*storage), IsEmpty());
}

TEST_F(SqliteStorageTest, Open_Normal_SurvivesTheProcessOnly) {
  SqliteStorageOptions options;
  options.synchronous = SqliteStorageOptions::Synchronous::kNormal;
  EXPECT_EQ(Open(options)->durability(), Durability::kProcessCrash);
}

TEST_F(SqliteStorageTest, Open_AgainAfterTheEnd_HasTheRecords) {
  Put(*Open(), "a", "A").IgnoreError();
  EXPECT_EQ(ValueOf(*Open(), "a"), "A");
  // The end leaves one file, and the one that is locked.
  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
}

TEST_F(SqliteStorageTest, Open_NoFolder_NamesThePath) {
  EXPECT_EQ(OpenFails(folder_.File("none/db")).code(),
            absl::StatusCode::kNotFound);
}

TEST_F(SqliteStorageTest, Open_PathsOfNoFile_AreRefused) {
  EXPECT_EQ(OpenFails("").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenFails(folder_.File("")).code(),
            absl::StatusCode::kInvalidArgument);
  std::filesystem::create_symlink("nothing", folder_.File("link"));
  EXPECT_EQ(OpenFails(folder_.File("link")).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(SqliteStorage::Open(std::string("a\0b", 3), {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(SqliteStorageTest, Open_ByALink_SharesTheLockOfTheFile) {
  Put(*Open(), "a", "A").IgnoreError();
  std::filesystem::create_symlink(path_, folder_.File("link"));
  auto storage = SqliteStorage::Open(folder_.File("link"), {});
  ASSERT_EQ(storage.status(), absl::OkStatus());
  EXPECT_EQ(ValueOf(**storage, "a"), "A");
  EXPECT_FALSE(std::filesystem::exists(folder_.File("link-lock")));
}

TEST_F(SqliteStorageTest, Open_NoDatabase_IsDataLossAndLeavesTheFile) {
  const std::string text(10'000, 'x');
  WriteBytes(path_, text);
  EXPECT_EQ(OpenFails(path_).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(BytesOf(path_), text);
}

TEST_F(SqliteStorageTest, Open_OfAnotherApplication_IsRefusedUnchanged) {
  RunSql(path_, "CREATE TABLE theirs(a); INSERT INTO theirs VALUES(1)");
  const std::string before = BytesOf(path_);
  EXPECT_EQ(OpenFails(path_).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(BytesOf(path_), before);
}

TEST_F(SqliteStorageTest, Open_NewerFormat_NamesBothNumbers) {
  Put(*Open(), "a", "A").IgnoreError();
  RunSql(path_, "PRAGMA user_version=7");
  const absl::Status status = OpenFails(path_);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("format 7"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("format 2"));
  RunSql(path_, "PRAGMA user_version=2");
  EXPECT_EQ(ValueOf(*Open(), "a"), "A");
}

TEST_F(SqliteStorageTest, Open_OptionsOutOfRange_AreRefused) {
  SqliteStorageOptions options;
  options.read_connections = 0;
  EXPECT_EQ(OpenFails(path_, options).code(),
            absl::StatusCode::kInvalidArgument);
  options = {};
  options.record_bytes_max = 1'000'000'000;
  EXPECT_EQ(OpenFails(path_, options).code(),
            absl::StatusCode::kInvalidArgument);
  options = {};
  options.busy_timeout = absl::Seconds(-1);
  EXPECT_EQ(OpenFails(path_, options).code(),
            absl::StatusCode::kInvalidArgument);
  options = {};
  options.vfs = "none of this name";
  EXPECT_EQ(OpenFails(path_, options).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(SqliteStorageTest, Open_WhileAnotherProgramWrites_IsUnavailable) {
  Open();
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr),
            SQLITE_OK);
  SqliteStorageOptions options;
  options.busy_timeout = absl::ZeroDuration();
  EXPECT_EQ(OpenFails(path_, options).code(), absl::StatusCode::kUnavailable);
  sqlite3_close(db);
  Open(options);
}

TEST_F(SqliteStorageTest, Open_FormatTwo_ReadsTheFileOfItsFirstVersion) {
  std::filesystem::copy_file("tests/storage/sqlite/format_2.db", path_);
  std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  const auto storage = Open();
  EXPECT_THAT(
      NamesOf(*storage),
      ElementsAre("us-east-1/=policy", "us-east-1/a=A",
                  std::string("us-east-1/b\0c=", 14) + std::string("\0\xff", 2),
                  "us-west-2/z="));
  EXPECT_THAT(ProblemsOf(*storage), IsEmpty());
  const Revision before = Get(*storage, "a")->revision;
  Put(*storage, "a", "B").IgnoreError();
  EXPECT_GT(Get(*storage, "a")->revision, before);
}

// ---- Writing

TEST_F(SqliteStorageTest, Commit_TooLarge_IsInvalidAndChangesNothing) {
  SqliteStorageOptions options;
  options.record_bytes_max = 100;
  const auto storage = Open(options);
  EXPECT_EQ(Put(*storage, "a", std::string(100, 'x')).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ValueOf(*storage, "a"), "(none)");
  EXPECT_EQ(*Put(*storage, "a", "A"), CommitResult::kCommitted);
}

TEST_F(SqliteStorageTest, ReplaceAll_TooLarge_IsInvalidAndChangesNothing) {
  SqliteStorageOptions options;
  options.record_bytes_max = 100;
  const auto storage = Open(options);
  EXPECT_EQ(*Put(*storage, "a", "A"), CommitResult::kCommitted);
  auto records = ReadAll(storage.get());
  ASSERT_TRUE(records.ok());
  records->push_back(records->front());
  records->back().key.id = "b";
  records->back().value = std::string(100, 'x');
  EXPECT_EQ(
      ReplaceAllWith(*records, ReplaceMode::kAll, storage.get()).status(),
      absl::InvalidArgumentError("a record of 122 bytes is larger than 100"));
  EXPECT_EQ(ValueOf(*storage, "a"), "A");
  EXPECT_EQ(ValueOf(*storage, "b"), "(none)");
  records->back().value = "B";
  EXPECT_EQ(*ReplaceAllWith(*records, ReplaceMode::kAll, storage.get()), 2);
  EXPECT_EQ(ValueOf(*storage, "b"), "B");
}

TEST_F(SqliteStorageTest, Commit_LockedByAnotherProgram_IsNotApplied) {
  SqliteStorageOptions options;
  options.busy_timeout = absl::ZeroDuration();
  const auto storage = Open(options);
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr),
            SQLITE_OK);
  EXPECT_EQ(Put(*storage, "a", "A").status().code(),
            absl::StatusCode::kUnavailable);
  sqlite3_close(db);
  EXPECT_EQ(ValueOf(*storage, "a"), "(none)");
  EXPECT_EQ(*Put(*storage, "a", "A"), CommitResult::kCommitted);
}

TEST_F(SqliteStorageTest, Revisions_AfterAnOpening_AreBehindAllReserved) {
  Put(*Open(), "a", "A").IgnoreError();
  const auto storage = Open();
  const Revision first = Get(*storage, "a")->revision;
  Put(*storage, "b", "B").IgnoreError();
  EXPECT_GT(Get(*storage, "b")->revision, first + 1000);
}

TEST_F(SqliteStorageTest, TwoObjectsOnOneFile_SeeEachOther) {
  const auto first = Open();
  const auto second = Open();
  EXPECT_EQ(*Put(*first, "a", "A"), CommitResult::kCommitted);
  EXPECT_EQ(ValueOf(*second, "a"), "A");
  const Revision revision = Get(*second, "a")->revision;
  const WriteBatch batch{kCatalog,
                         0,
                         {{Configuration("a"), revision}},
                         {{Configuration("a"), "B"}}};
  EXPECT_EQ(*second->Commit(batch), CommitResult::kCommitted);
  EXPECT_EQ(*first->Commit(batch), CommitResult::kConflict);
  EXPECT_EQ(ValueOf(*first, "a"), "B");
}

TEST_F(SqliteStorageTest, Groups_OfEightThreads_AreCounted) {
  StorageMetrics metrics;
  SqliteStorageOptions options;
  options.metrics = &metrics;
  const auto storage = Open(options);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&storage, t] {
      for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(*Put(*storage, std::to_string(t), std::to_string(i)),
                  CommitResult::kCommitted);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(metrics.commits, 160u);
  EXPECT_EQ(metrics.grouped_commits, 160u);
  EXPECT_LE(metrics.groups, 160u);
  EXPECT_GE(metrics.syncs, metrics.groups);
  EXPECT_THAT(ProblemsOf(*storage), IsEmpty());
}

TEST_F(SqliteStorageTest, AfterAFork_TheChildIsRefusedAndTheParentGoesOn) {
  auto storage = Open();
  Put(*storage, "a", "A").IgnoreError();
  EXPECT_TRUE(HoldsInChild([&] {
    const bool refused = absl::IsUnavailable(Put(*storage, "a", "B").status());
    storage = nullptr;
    return refused;
  }));
  EXPECT_EQ(ValueOf(*storage, "a"), "A");
  EXPECT_EQ(*Put(*storage, "a", "C"), CommitResult::kCommitted);
}

// SQLite takes no locks for a file that was open when the process was forked:
// the parent would remove the log under the child.
TEST_F(SqliteStorageTest, AfterAFork_TheChildCannotOpenWhatWasOpen) {
  auto storage = Open();
  auto second = Open();
  const auto is_refused = [this] {
    const absl::Status status = SqliteStorage::Open(path_, {}).status();
    return absl::IsFailedPrecondition(status) &&
           absl::StrContains(status.message(), path_) &&
           absl::StrContains(status.message(), "forked");
  };
  EXPECT_FALSE(is_refused());
  EXPECT_TRUE(HoldsInChild([&] {
    if (!is_refused()) return false;
    // It stays so when what was inherited is gone, and in a child of its own.
    storage = nullptr;
    second = nullptr;
    return is_refused() && HoldsInChild(is_refused);
  }));
  // A file that was closed before the fork can be opened by both.
  storage = nullptr;
  EXPECT_TRUE(HoldsInChild(is_refused));
  second = nullptr;
  EXPECT_TRUE(HoldsInChild([&] { return Put(*Open(), "a", "A").ok(); }));
  EXPECT_EQ(ValueOf(*Open(), "a"), "A");
}

// ---- Maintenance

TEST_F(SqliteStorageTest, ReplaceAll_MakesItsRecordsTheOnlyOnes) {
  const auto storage = Open();
  Put(*storage, "a", "A").IgnoreError();
  const Revision before = Get(*storage, "a")->revision;
  const std::vector<NamedRecord> records = {
      {kCatalog, Configuration("b"), 0, "B"},
      {{"1", "eu"}, Configuration("a"), 0, "C"}};
  auto next = records.begin();
  const auto source = [&]() -> const NamedRecord* {
    return next == records.end() ? nullptr : &*next++;
  };
  EXPECT_EQ(
      storage->ReplaceAll(ReplaceMode::kOnlyIfEmpty, source).status().code(),
      absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ValueOf(*storage, "a"), "A");
  EXPECT_EQ(*storage->ReplaceAll(ReplaceMode::kAll, source), 2u);
  EXPECT_THAT(NamesOf(*storage), ElementsAre("eu/a=C", "us-east-1/b=B"));
  EXPECT_GT(Get(*storage, "b")->revision, before);
  EXPECT_THAT(ProblemsOf(*storage), IsEmpty());
}

TEST_F(SqliteStorageTest, ReplaceAll_ThatThrows_ChangesNothing) {
  const auto storage = Open();
  Put(*storage, "a", "A").IgnoreError();
  EXPECT_THROW(storage
                   ->ReplaceAll(ReplaceMode::kAll,
                                []() -> const NamedRecord* { throw 1; })
                   .IgnoreError(),
               int);
  EXPECT_EQ(ValueOf(*storage, "a"), "A");
  EXPECT_EQ(*Put(*storage, "a", "B"), CommitResult::kCommitted);
}

TEST_F(SqliteStorageTest, Stats_CountsCatalogsRecordsAndBytes) {
  const auto storage = Open();
  Put(*storage, "ab", "12345").IgnoreError();
  const auto stats = storage->Stats();
  ASSERT_EQ(stats.status(), absl::OkStatus());
  EXPECT_EQ(stats->catalogs, 1u);
  EXPECT_EQ(stats->records, 1u);
  EXPECT_EQ(stats->record_bytes, 7u);
  std::vector<std::string> names;
  for (const auto& [name, value] : stats->details) names.push_back(name);
  EXPECT_THAT(names, UnorderedElementsAre(
                         "file_bytes", "wal_bytes", "page_bytes", "pages",
                         "free_pages", "format", "store_id", "last_revision"));
}

TEST_F(SqliteStorageTest, Verify_FindsWhatWasChangedRemovedAndAdded) {
  Put(*Open(), "a", "A").IgnoreError();
  Put(*Open(), "b", "B").IgnoreError();
  const std::string good = BytesOf(path_);
  for (const auto& [sql, what] :
       {std::pair("UPDATE record SET value = x'00' WHERE id = x'61'",
                  "the checksum of the record does not match"),
        std::pair("DELETE FROM record WHERE id = x'61'",
                  "the number of records is 1 and should be 2"),
        std::pair("DELETE FROM record",
                  "the number of records is 0 and should be 2"),
        std::pair("UPDATE record SET sum = sum + 1 WHERE id = x'61'",
                  "the records are not those that were written"),
        std::pair("UPDATE meta SET last_revision = 1",
                  "the checksum of the row of facts does not match")}) {
    auto storage = Open();
    RunSql(path_, sql);
    EXPECT_THAT(ProblemsOf(*storage), testing::Contains(what)) << sql;
    storage = nullptr;
    WriteBytes(path_, good);
    std::filesystem::remove(path_ + "-wal");
    std::filesystem::remove(path_ + "-shm");
  }
}

TEST_F(SqliteStorageTest, Read_OfAChangedRecord_IsDataLoss) {
  Put(*Open(), "a", "A").IgnoreError();
  RunSql(path_, "UPDATE record SET value = x'00'");
  const auto storage = Open();
  EXPECT_EQ(storage->Read({kCatalog, {Configuration("a")}, std::nullopt})
                .status()
                .code(),
            absl::StatusCode::kDataLoss);
  bool shown = false;
  EXPECT_EQ(
      storage
          ->VisitRecord(kCatalog, Configuration("a"),
                        [&](BranchId, const RecordView*) { shown = true; })
          .code(),
      absl::StatusCode::kDataLoss);
  EXPECT_FALSE(shown);
}

TEST_F(SqliteStorageTest, ExportTo_IsADatabaseWithAnIdOfItsOwn) {
  const auto storage = Open();
  Put(*storage, "a", "A").IgnoreError();
  const std::string copy = folder_.File("copy");
  EXPECT_EQ(storage->ExportTo(copy), absl::OkStatus());
  EXPECT_EQ(storage->ExportTo(copy).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(storage->ExportTo(folder_.File("none/copy")).code(),
            absl::StatusCode::kNotFound);
  const auto other = SqliteStorage::Open(copy, {});
  ASSERT_EQ(other.status(), absl::OkStatus());
  EXPECT_EQ(ValueOf(**other, "a"), "A");
  EXPECT_THAT(ProblemsOf(**other), IsEmpty());
  const auto id_of = [](SqliteStorage& of) {
    std::string id;
    const auto stats = of.Stats();
    for (const auto& [name, value] : stats->details) {
      if (name == "store_id") id = value;
    }
    return id;
  };
  EXPECT_NE(id_of(**other), id_of(*storage));
}

// ---- Failures

TEST_F(SqliteStorageTest, AfterAFailedSync_EveryCallIsRefusedUntilOpenedAgain) {
  FaultVfs vfs;
  SqliteStorageOptions options;
  options.vfs = vfs.name();
  auto storage = Open(options);
  Put(*storage, "a", "A").IgnoreError();
  vfs.FailCall(1, FaultVfs::Fault::kError, FaultVfs::Call::kSync);
  EXPECT_EQ(Put(*storage, "a", "B").status().code(),
            absl::StatusCode::kUnknown);
  EXPECT_EQ(Put(*storage, "b", "B").status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(storage->Read({kCatalog, {}, std::nullopt}).status().code(),
            absl::StatusCode::kUnavailable);
  storage = Open(options);
  EXPECT_THAT(ValueOf(*storage, "a"), testing::AnyOf("A", "B"));
  EXPECT_EQ(*Put(*storage, "b", "C"), CommitResult::kCommitted);
}

// A copy in the place of a database whose process was killed is beside the log
// of that process, which SQLite would write into it.
TEST_F(SqliteStorageTest, ACopyBesideTheLogOfAnother_IsRefusedUnchanged) {
  const std::string copy = folder_.File("copy");
  {
    const auto storage = Open();
    EXPECT_EQ(*Put(*storage, "a", "A"), CommitResult::kCommitted);
    EXPECT_EQ(storage->ExportTo(copy), absl::OkStatus());
    EXPECT_EQ(*Put(*storage, "a", "B"), CommitResult::kCommitted);
    std::filesystem::copy_file(path_ + "-wal", folder_.File("log"));
  }
  for (const auto synchronous : {SqliteStorageOptions::Synchronous::kFull,
                                 SqliteStorageOptions::Synchronous::kNormal}) {
    std::filesystem::remove(path_);
    std::filesystem::copy_file(copy, path_);
    std::filesystem::copy_file(folder_.File("log"), path_ + "-wal");
    const std::string before = BytesOf(path_);
    SqliteStorageOptions options;
    options.synchronous = synchronous;
    const absl::Status status = OpenFails(path_, options);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()), HasSubstr(path_ + "-wal"));
    EXPECT_EQ(BytesOf(path_), before);
    std::filesystem::remove(path_ + "-wal");
    EXPECT_EQ(ValueOf(*Open(options), "a"), "A");
  }
}

// The pages of a log whose sync failed may never reach the disk, although the
// next sync succeeds. So no page of it may be copied into the database.
class FailedCheckpointTest : public SqliteStorageTest {
 protected:
  FailedCheckpointTest() {
    options_.vfs = vfs_.name();
    options_.synchronous = SqliteStorageOptions::Synchronous::kNormal;
  }

  void FailNextSync() {
    vfs_.FailCall(1, FaultVfs::Fault::kError, FaultVfs::Call::kSync);
  }
  void ExpectEndCopiesNothing(std::unique_ptr<SqliteStorage> storage) {
    const std::string before = BytesOf(path_);
    storage = nullptr;
    EXPECT_TRUE(vfs_.has_failed());
    EXPECT_EQ(BytesOf(path_), before);
    EXPECT_EQ(ValueOf(*Open(options_), "a"), "A");
  }

  FaultVfs vfs_;
  SqliteStorageOptions options_;
};

TEST_F(FailedCheckpointTest, AfterACommit_EndsAllWrites) {
  options_.checkpoint_bytes = 4096;
  auto storage = Open(options_);
  FailNextSync();
  EXPECT_EQ(*Put(*storage, "a", "A"), CommitResult::kCommitted);
  EXPECT_TRUE(vfs_.has_failed());
  EXPECT_EQ(Put(*storage, "b", "B").status().code(),
            absl::StatusCode::kUnavailable);
  ExpectEndCopiesNothing(std::move(storage));
}

TEST_F(FailedCheckpointTest, AtTheEnd_LeavesTheDatabaseAsItIs) {
  auto storage = Open(options_);
  EXPECT_EQ(*Put(*storage, "a", "A"), CommitResult::kCommitted);
  FailNextSync();
  ExpectEndCopiesNothing(std::move(storage));
}

// Opening and `Verify` check the file, whose long records have pages of their
// own. A page that cannot be read is not a damaged one.
TEST_F(SqliteStorageTest, AFailedRead_IsNoDamage) {
  FaultVfs vfs;
  SqliteStorageOptions options;
  options.vfs = vfs.name();
  for (const char* id : {"a", "b", "c"}) {
    EXPECT_EQ(*Put(*Open(options), id, std::string(9000, 'v')),
              CommitResult::kCommitted);
  }
  int failures = 0;
  for (int call = 1;; ++call) {
    vfs.FailCall(call, FaultVfs::Fault::kError, FaultVfs::Call::kRead);
    absl::Status status = SqliteStorage::Open(path_, options).status();
    if (!vfs.has_failed()) break;
    failures += status.ok() ? 0 : 1;
    EXPECT_TRUE(status.ok() || absl::IsUnavailable(status))
        << call << ": " << status;
  }
  EXPECT_GT(failures, 10);
  vfs.FailCall(0, FaultVfs::Fault::kError);
  const auto storage = Open(options);
  for (int call = 1;; ++call) {
    vfs.FailCall(call, FaultVfs::Fault::kError, FaultVfs::Call::kRead);
    const absl::Status status = storage->Verify(
        [&](const StorageProblem& problem) { ADD_FAILURE() << problem.what; },
        [](uint64_t, uint64_t) {});
    if (!vfs.has_failed()) break;
    EXPECT_TRUE(status.ok() || absl::IsUnavailable(status))
        << call << ": " << status;
  }
}

TEST_F(SqliteStorageTest, OnAFullDisk_AnswersAndLosesNothingAndGoesOn) {
  FaultVfs vfs;
  SqliteStorageOptions options;
  options.vfs = vfs.name();
  options.checkpoint_bytes = 16'384;
  auto storage = Open(options);
  int written = 0;
  for (; written < 20; ++written) {
    Put(*storage, std::to_string(written), std::string(500, 'v')).IgnoreError();
  }
  vfs.SetFull(true);
  int refused = 0;
  for (int i = 0; i < 200 && refused < 3; ++i) {
    const auto result =
        Put(*storage, std::to_string(written), std::string(500, 'v'));
    if (result.ok()) {
      ++written;
      continue;
    }
    EXPECT_EQ(result.status().code(), absl::StatusCode::kResourceExhausted);
    ++refused;
  }
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(NamesOf(*storage).size(), static_cast<size_t>(written));
  vfs.SetFull(false);
  EXPECT_EQ(*Put(*storage, "next", "N"), CommitResult::kCommitted);
  storage = nullptr;
  storage = Open(options);
  EXPECT_EQ(NamesOf(*storage).size(), static_cast<size_t>(written) + 1);
  EXPECT_THAT(ProblemsOf(*storage), IsEmpty());
}

TEST_F(SqliteStorageTest, ALongLog_IsCopiedAndBegunAgain) {
  SqliteStorageOptions options;
  options.checkpoint_bytes = 65'536;
  const auto storage = Open(options);
  for (int i = 0; i < 300; ++i) {
    Put(*storage, std::to_string(i % 10), std::string(1000, 'v')).IgnoreError();
  }
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 200'000u);
}

TEST_F(SqliteStorageTest, ASyncThatLies_LosesAcknowledgedCommitsWithThePower) {
  FaultVfs vfs;
  vfs.TrackPower();
  SqliteStorageOptions options;
  options.vfs = vfs.name();
  auto storage = Open(options);
  Put(*storage, "a", "A").IgnoreError();
  const Revision before = Get(*storage, "a")->revision;
  vfs.SetLying(true);
  EXPECT_EQ(*Put(*storage, "a", "B"), CommitResult::kCommitted);
  vfs.SetCrashed(true);
  storage = nullptr;
  vfs.SetCrashed(false);
  vfs.SetLying(false);
  vfs.LosePower(0);
  storage = Open(options);
  // The promise of kPowerLoss is broken, and no other: the file is sound, and
  // the revision of what was lost is not given again.
  EXPECT_EQ(ValueOf(*storage, "a"), "A");
  EXPECT_THAT(ProblemsOf(*storage), IsEmpty());
  Put(*storage, "a", "C").IgnoreError();
  EXPECT_GT(Get(*storage, "a")->revision, before + 1);
}

TEST_F(SqliteStorageTest, ADamagedLog_IsDataLossUntilTheLossIsAccepted) {
  auto storage = Open();
  for (const char* value : {"1", "2", "3"}) {
    Put(*storage, "a", value).IgnoreError();
  }
  const Revision last = Get(*storage, "a")->revision;
  std::string log = BytesOf(path_ + "-wal");
  const std::string database = BytesOf(path_);
  storage = nullptr;
  WriteBytes(path_, database);
  // In the first frame.
  log[100] = static_cast<char>(log[100] ^ 1);
  WriteBytes(path_ + "-wal", log);
  SqliteStorageOptions options;
  EXPECT_EQ(OpenFails(path_, options).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(BytesOf(path_ + "-wal"), log);
  options.accept_lost_tail = true;
  storage = Open(options);
  Put(*storage, "b", "B").IgnoreError();
  EXPECT_GT(Get(*storage, "b")->revision, last);
  storage = nullptr;
  storage = Open();
  EXPECT_EQ(ValueOf(*storage, "b"), "B");
}

}  // namespace
}  // namespace glue_security
