// Groups of commits, given to SqliteWriter as the queue gives them. Most of
// them fail: each member of a group gets the status that sqlite_storage.h and
// docs/storages/sqlite.md promise, and the file, opened again, holds all of the
// group or nothing.

#include "glue_security/storage/sqlite/sqlite_writer.h"

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/sqlite/lock_file.h"
#include "glue_security/storage/sqlite/sqlite_connection.h"
#include "glue_security/storage/sqlite/sqlite_schema.h"
#include "glue_security/storage/sqlite/sqlite_storage.h"
#include "glue_security/storage/storage.h"
#include "glue_security/storage/storage_maintenance.h"
#include "glue_security/storage/storage_metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage/allocations.h"
#include "tests/storage/sqlite/fault_vfs.h"
#include "tests/storage/sqlite/restarting_sqlite.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

using Call = FaultVfs::Call;
using Fault = FaultVfs::Fault;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Codes = std::vector<absl::StatusCode>;
using Contents = std::map<std::string, std::string>;

const CatalogKey kCatalog{"123456789012", "us-east-1"};

constexpr absl::StatusCode kOk = absl::StatusCode::kOk;
constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr absl::StatusCode kExhausted = absl::StatusCode::kResourceExhausted;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kUnavailable = absl::StatusCode::kUnavailable;
constexpr absl::StatusCode kUnknown = absl::StatusCode::kUnknown;

RecordKey Key(const std::string& id) {
  return {RecordKind::kSecurityConfiguration, id};
}

WriteBatch Put(const std::string& id, const std::string& value) {
  return {kCatalog, 0, {}, {{Key(id), value}}};
}

WriteBatch PutNew(const std::string& id, const std::string& value) {
  return {kCatalog, 0, {{Key(id), std::nullopt}}, {{Key(id), value}}};
}

// A group, with the batches that it refers to.
class Group {
 public:
  explicit Group(std::vector<WriteBatch> batches)
      : batches_(std::move(batches)) {
    for (const WriteBatch& batch : batches_) {
      commits_.emplace_back();
      commits_.back().batch = &batch;
      pending_.push_back(&commits_.back());
    }
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  // Returns the codes of the results, in their order.
  Codes ApplyTo(SqliteWriter* writer) {
    writer->ApplyGroup(pending_);
    Codes codes;
    for (const PendingCommit& commit : commits_) {
      codes.push_back(commit.result.status().code());
    }
    return codes;
  }

  // The value of a result. REQUIRES: its code is OK.
  CommitResult value(size_t i) const { return *commits_[i].result; }
  absl::string_view message(size_t i) const {
    return commits_[i].result.status().message();
  }

 private:
  const std::vector<WriteBatch> batches_;
  std::deque<PendingCommit> commits_;
  std::vector<PendingCommit*> pending_;
};

class SqliteWriterTest : public ::testing::Test {
 protected:
  SqliteWriterTest() {
    options_.path = folder_.File("db");
    options_.vfs = vfs_.name();
    options_.checkpoint_bytes = uint64_t{4} << 20;
    options_.busy_timeout = absl::ZeroDuration();
    options_.metrics = &metrics_;
  }

  std::unique_ptr<SqliteWriter> Open() { return OpenWith(vfs_); }
  std::unique_ptr<SqliteWriter> OpenWith(const FaultVfs& vfs) {
    WriterOptions options = options_;
    options.vfs = vfs.name();
    auto writer = SqliteWriter::Open(options);
    EXPECT_EQ(writer.status(), absl::OkStatus());
    return *std::move(writer);
  }

  // Begins with a new file that holds these records.
  std::unique_ptr<SqliteWriter> OpenNew(const Contents& contents) {
    for (const char* const suffix : {"", "-wal", "-shm", "-lock"}) {
      std::remove((options_.path + suffix).c_str());
    }
    auto writer = Open();
    for (const auto& [id, value] : contents) {
      Group group({Put(id, value)});
      EXPECT_THAT(group.ApplyTo(writer.get()), ElementsAre(kOk));
    }
    return writer;
  }

  // Opens the file in a sound system, verifies it, and returns its records.
  // Revisions are given in `revisions`, if it is not null.
  Contents Reopened(std::map<std::string, Revision>* revisions = nullptr) {
    vfs_.FailCall(0, Fault::kError);
    auto storage = SqliteStorage::Open(options_.path, {});
    EXPECT_EQ(storage.status(), absl::OkStatus());
    if (!storage.ok()) return {{"", "not opened"}};
    Contents contents;
    EXPECT_EQ((*storage)->VisitAll([&](const NamedRecord& record) {
      contents[record.key.id] = record.value;
      if (revisions != nullptr) (*revisions)[record.key.id] = record.revision;
      return absl::OkStatus();
    }),
              absl::OkStatus());
    EXPECT_EQ((*storage)->Verify(
                  [](const StorageProblem& problem) {
                    ADD_FAILURE() << problem.what;
                  },
                  [](uint64_t, uint64_t) {}),
              absl::OkStatus());
    return contents;
  }

  // Expects that the writer refuses everything.
  void ExpectPoisoned(SqliteWriter* writer) {
    vfs_.FailCall(0, Fault::kError);
    EXPECT_TRUE(absl::IsUnavailable(writer->CheckUsable()));
    Group group({Put("later", "1"), Put("later", "2")});
    EXPECT_THAT(group.ApplyTo(writer), Each(kUnavailable));
    EXPECT_THAT(std::string(group.message(0)), HasSubstr("open the storage"));
    const auto replaced = writer->ReplaceAll(
        ReplaceMode::kAll, []() -> const NamedRecord* { return nullptr; },
        [](const NamedRecord&) { return absl::OkStatus(); });
    EXPECT_TRUE(absl::IsUnavailable(replaced.status()));
    writer->CheckpointIfDue();
  }

  // Expects that the writer goes on.
  void ExpectUsable(SqliteWriter* writer) {
    vfs_.FailCall(0, Fault::kError);
    EXPECT_EQ(writer->CheckUsable(), absl::OkStatus());
    Group group({PutNew("later", "1"), PutNew("later", "2")});
    EXPECT_THAT(group.ApplyTo(writer), Each(kOk));
    EXPECT_EQ(group.value(0), CommitResult::kCommitted);
    EXPECT_EQ(group.value(1), CommitResult::kConflict);
  }

  // Leaves no revision but those that were given, as after 2^20 commits.
  void UseUpRevisions() {
    auto connection = *Connection::Open(options_.path, "", 0);
    auto table = *MetaTable::Open(connection.get());
    ASSERT_EQ(connection->Execute("BEGIN IMMEDIATE"), absl::OkStatus());
    auto meta = table.Read();
    ASSERT_TRUE(meta.ok());
    meta->reserved = meta->last;
    ASSERT_EQ(table.Write(*meta), absl::OkStatus());
    ASSERT_EQ(connection->Execute("COMMIT"), absl::OkStatus());
  }

  // Changes the file beside the writer.
  void Execute(const char* sql) {
    auto connection = *Connection::Open(options_.path, "", 0);
    ASSERT_EQ(connection->Execute(sql), absl::OkStatus());
  }

  const TemporaryFolder folder_;
  FaultVfs vfs_;
  StorageMetrics metrics_;
  WriterOptions options_;
};

// ---- Groups that do not fail

TEST_F(SqliteWriterTest, AConflict_IsOneOfItsBatchAlone) {
  auto writer = OpenNew({{"a", "A"}});
  const uint64_t groups = metrics_.groups;
  const uint64_t commits = metrics_.grouped_commits;
  Group group({PutNew("b", "B"), PutNew("a", "other"), PutNew("c", "C")});
  ASSERT_THAT(group.ApplyTo(writer.get()), Each(kOk));
  EXPECT_EQ(group.value(0), CommitResult::kCommitted);
  EXPECT_EQ(group.value(1), CommitResult::kConflict);
  EXPECT_EQ(group.value(2), CommitResult::kCommitted);
  EXPECT_EQ(metrics_.groups, groups + 1);
  EXPECT_EQ(metrics_.grouped_commits, commits + 2);
  EXPECT_EQ(writer->CheckUsable(), absl::OkStatus());
  writer = nullptr;
  std::map<std::string, Revision> revisions;
  EXPECT_EQ(Reopened(&revisions),
            (Contents{{"a", "A"}, {"b", "B"}, {"c", "C"}}));
  // Each batch has a revision of its own.
  EXPECT_GT(revisions["b"], revisions["a"]);
  EXPECT_GT(revisions["c"], revisions["b"]);
}

TEST_F(SqliteWriterTest, EachBatch_SeesThoseBeforeIt) {
  auto writer = OpenNew({});
  const WriteBatch removal{kCatalog, 0, {}, {{Key("a"), std::nullopt}}};
  Group group({PutNew("a", "1"), PutNew("a", "2"), removal, PutNew("a", "3")});
  ASSERT_THAT(group.ApplyTo(writer.get()), Each(kOk));
  EXPECT_EQ(group.value(0), CommitResult::kCommitted);
  EXPECT_EQ(group.value(1), CommitResult::kConflict);
  EXPECT_EQ(group.value(2), CommitResult::kCommitted);
  EXPECT_EQ(group.value(3), CommitResult::kCommitted);
  writer = nullptr;
  EXPECT_EQ(Reopened(), (Contents{{"a", "3"}}));
}

TEST_F(SqliteWriterTest, AGroupOfConflicts_WritesNothing) {
  auto writer = OpenNew({{"a", "A"}});
  const uint64_t groups = metrics_.groups;
  // A write would fail.
  vfs_.FailCall(1, Fault::kError, Call::kWrite);
  Group group({PutNew("a", "1"), PutNew("a", "2")});
  ASSERT_THAT(group.ApplyTo(writer.get()), Each(kOk));
  EXPECT_EQ(group.value(0), CommitResult::kConflict);
  EXPECT_EQ(group.value(1), CommitResult::kConflict);
  EXPECT_EQ(vfs_.calls(), 0);
  EXPECT_EQ(metrics_.groups, groups);
  ExpectUsable(writer.get());
}

// ---- Groups with a member at fault

// Makes SQLite refuse values of more than 10,000 bytes in every connection that
// is opened during its life, as it refuses a gigabyte.
class SmallValues {
 public:
  SmallValues() {
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&SmallValues::Limit));
  }
  ~SmallValues() { sqlite3_reset_auto_extension(); }
  SmallValues(const SmallValues&) = delete;
  SmallValues& operator=(const SmallValues&) = delete;

 private:
  static int Limit(sqlite3* db, char** /*message*/, const void* /*routines*/) {
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 10'000);
    return SQLITE_OK;
  }
};

TEST_F(SqliteWriterTest, ABatchThatIsTooLarge_FailsItsGroup) {
  const SmallValues small;
  for (size_t culprit = 0; culprit < 3; ++culprit) {
    auto writer = OpenNew({{"a", "A"}});
    std::vector<WriteBatch> batches = {Put("b", "B"), Put("c", "C"),
                                       Put("a", "changed")};
    batches[culprit] = Put("large", std::string(20'000, 'x'));
    Group group(batches);
    Codes expected(3, kUnavailable);
    expected[culprit] = kInvalid;
    EXPECT_EQ(group.ApplyTo(writer.get()), expected) << culprit;
    EXPECT_THAT(std::string(group.message((culprit + 1) % 3)),
                HasSubstr("another commit of the group"));
    // The others may be sent again.
    batches.erase(batches.begin() + static_cast<std::ptrdiff_t>(culprit));
    Group others(batches);
    EXPECT_THAT(others.ApplyTo(writer.get()), Each(kOk));
    writer = nullptr;
    Contents contents = Reopened();
    Contents all = {{"a", "changed"}, {"b", "B"}, {"c", "C"}};
    if (culprit == 0) all.erase("b");
    if (culprit == 1) all.erase("c");
    if (culprit == 2) all["a"] = "A";
    EXPECT_EQ(contents, all) << culprit;
  }
}

TEST_F(SqliteWriterTest, ABatchThatIsTooLarge_AppliesNothingOfItsGroup) {
  const SmallValues small;
  auto writer = OpenNew({{"a", "A"}});
  Group group({Put("b", "B"), PutNew("a", "other"), Put("a", "changed"),
               Put("large", std::string(20'000, 'x')), Put("c", "C")});
  // The conflict, too: it may come from a batch that was not applied.
  EXPECT_THAT(group.ApplyTo(writer.get()),
              ElementsAre(kUnavailable, kUnavailable, kUnavailable, kInvalid,
                          kUnavailable));
  EXPECT_EQ(writer->CheckUsable(), absl::OkStatus());
  Group alone({Put("large", std::string(20'000, 'x'))});
  EXPECT_THAT(alone.ApplyTo(writer.get()), ElementsAre(kInvalid));
  writer = nullptr;
  EXPECT_EQ(Reopened(), (Contents{{"a", "A"}}));
}

TEST_F(SqliteWriterTest, DamageThatABatchFinds_IsItsOwn) {
  auto writer = OpenNew({{"a", "A"}});
  Execute("ALTER TABLE record RENAME COLUMN value TO gone");
  // A conflict comes before the value is written.
  Group group({PutNew("a", "other"), Put("a", "B"), Put("c", "C")});
  EXPECT_THAT(group.ApplyTo(writer.get()),
              ElementsAre(kUnavailable, kDataLoss, kUnavailable));
  Execute("ALTER TABLE record RENAME COLUMN gone TO value");
  ExpectUsable(writer.get());
  writer = nullptr;
  EXPECT_EQ(Reopened(), (Contents{{"a", "A"}, {"later", "1"}}));
}

TEST_F(SqliteWriterTest, DamageOfTheFacts_IsThatOfEachMember) {
  auto writer = OpenNew({{"a", "A"}});
  Execute("UPDATE meta SET sum = sum + 1");
  Group group({Put("b", "B"), PutNew("a", "other"), Put("c", "C")});
  EXPECT_THAT(group.ApplyTo(writer.get()), Each(kDataLoss));
  Execute("UPDATE meta SET sum = sum - 1");
  ExpectUsable(writer.get());
  writer = nullptr;
  EXPECT_EQ(Reopened(), (Contents{{"a", "A"}, {"later", "1"}}));
}

TEST_F(SqliteWriterTest, ALockOfAnother_IsUnavailableForTheGroup) {
  auto writer = OpenNew({{"a", "A"}});
  {
    const auto file = *LockFile::Open(options_.path + "-lock");
    const auto lock = file->Lock(absl::ZeroDuration());
    ASSERT_TRUE(lock.ok());
    Group group({Put("b", "B"), PutNew("a", "other"), Put("c", "C")});
    EXPECT_THAT(group.ApplyTo(writer.get()), Each(kUnavailable));
  }
  ExpectUsable(writer.get());
  writer = nullptr;
  EXPECT_EQ(Reopened(), (Contents{{"a", "A"}, {"later", "1"}}));
}

// ---- Groups that fail as a whole

// The group of the tests that follow, and the records before and after it.
std::vector<WriteBatch> Three() {
  return {{kCatalog,
           0,
           {},
           {{Key("a"), "changed"}, {Key("b"), std::string(5000, 'b')}}},
          PutNew("a", "other"),
          {kCatalog, 0, {}, {{Key("c"), std::nullopt}}}};
}
const Contents kBefore = {{"a", "A"}, {"c", "C"}};
const Contents kAfter = {{"a", "changed"}, {"b", std::string(5000, 'b')}};

TEST_F(SqliteWriterTest, AWriteThatFails_IsUnknownForTheGroup) {
  for (const Fault fault : {Fault::kError, Fault::kShort}) {
    int64_t number = 1;
    for (;; ++number) {
      auto writer = OpenNew(kBefore);
      vfs_.FailCall(number, fault, Call::kWrite);
      Group group(Three());
      const Codes codes = group.ApplyTo(writer.get());
      if (!vfs_.has_failed()) break;
      EXPECT_THAT(codes, Each(kUnknown)) << number;
      ExpectPoisoned(writer.get());
      writer = nullptr;
      // The last write was not made, so that there is no commit.
      EXPECT_EQ(Reopened(), kBefore) << number;
      // The new writer knows nothing of it.
      writer = Open();
      ExpectUsable(writer.get());
    }
    // A page is written by two calls.
    EXPECT_GT(number, 6);
  }
}

TEST_F(SqliteWriterTest, ASyncThatFails_IsUnknownForTheGroup) {
  auto writer = OpenNew(kBefore);
  vfs_.FailCall(1, Fault::kError, Call::kSync);
  Group group(Three());
  EXPECT_THAT(group.ApplyTo(writer.get()), Each(kUnknown));
  ASSERT_TRUE(vfs_.has_failed());
  ExpectPoisoned(writer.get());
  writer = nullptr;
  // All was written, so that the commit is found.
  EXPECT_EQ(Reopened(), kAfter);
}

TEST_F(SqliteWriterTest, ASyncThatFails_BeforeALossOfPower_LeavesAllOrNothing) {
  vfs_.TrackPower();
  for (uint64_t seed = 0; seed < 20; ++seed) {
    auto writer = OpenNew(kBefore);
    vfs_.FailCall(1, Fault::kError, Call::kSync);
    Group group(Three());
    EXPECT_THAT(group.ApplyTo(writer.get()), Each(kUnknown));
    vfs_.SetCrashed(true);
    writer = nullptr;
    vfs_.SetCrashed(false);
    vfs_.LosePower(seed);
    const Contents contents = Reopened();
    EXPECT_TRUE(contents == kBefore || contents == kAfter) << seed;
  }
}

TEST_F(SqliteWriterTest, AFullDisk_AppliesNothingAndTheWriterGoesOn) {
  int64_t number = 1;
  for (;; ++number) {
    auto writer = OpenNew(kBefore);
    vfs_.FailCall(number, Fault::kFull, Call::kWrite);
    Group group(Three());
    const Codes codes = group.ApplyTo(writer.get());
    if (!vfs_.has_failed()) break;
    EXPECT_THAT(codes, Each(kExhausted)) << number;
    ExpectUsable(writer.get());
    writer = nullptr;
    Contents contents = kBefore;
    contents["later"] = "1";
    EXPECT_EQ(Reopened(), contents) << number;
  }
  EXPECT_GT(number, 6);
}

// Every call of the system fails once, those before the COMMIT among them.
TEST_F(SqliteWriterTest, EveryFailure_SaysWhatBecameOfTheGroup) {
  std::map<absl::StatusCode, int> seen;
  for (const Fault fault : {Fault::kError, Fault::kShort, Fault::kFull}) {
    for (int64_t number = 1;; ++number) {
      // Nothing is in the memory of a new connection, so that it has to read.
      OpenNew(kBefore).reset();
      auto writer = Open();
      vfs_.FailCall(number, fault);
      Group group(Three());
      const Codes codes = group.ApplyTo(writer.get());
      if (vfs_.calls() < number) break;
      ++seen[codes[0]];
      EXPECT_THAT(codes, Each(codes[0])) << number;
      const bool is_usable = writer->CheckUsable().ok();
      vfs_.FailCall(0, Fault::kError);
      writer = nullptr;
      const Contents contents = Reopened();
      EXPECT_EQ(is_usable, codes[0] != kUnknown) << number;
      switch (codes[0]) {
        case kOk:
          EXPECT_EQ(contents, kAfter) << number;
          break;
        case kUnknown:
          EXPECT_TRUE(contents == kBefore || contents == kAfter) << number;
          break;
        default:
          EXPECT_TRUE(codes[0] == kUnavailable || codes[0] == kExhausted)
              << number << ": " << absl::StatusCodeToString(codes[0]);
          EXPECT_EQ(contents, kBefore) << number;
      }
    }
  }
  EXPECT_GT(seen[kUnknown], 0);
  EXPECT_GT(seen[kExhausted], 0);
}

// ---- Reservations of revisions

TEST_F(SqliteWriterTest, AReservationThatFails_AppliesNothingOfTheGroup) {
  for (const Call call : {Call::kWrite, Call::kSync}) {
    auto writer = OpenNew(kBefore);
    UseUpRevisions();
    vfs_.FailCall(1, Fault::kError, call);
    Group group(Three());
    EXPECT_THAT(group.ApplyTo(writer.get()), Each(kUnavailable));
    ASSERT_TRUE(vfs_.has_failed());
    // No sync of the writer proves anything any more.
    ExpectPoisoned(writer.get());
    writer = nullptr;
    EXPECT_EQ(Reopened(), kBefore);
  }
}

TEST_F(SqliteWriterTest, AReservationOnAFullDisk_AppliesNothingAndGoesOn) {
  auto writer = OpenNew(kBefore);
  UseUpRevisions();
  vfs_.FailCall(1, Fault::kFull, Call::kWrite);
  Group group(Three());
  EXPECT_THAT(group.ApplyTo(writer.get()), Each(kExhausted));
  ASSERT_TRUE(vfs_.has_failed());
  ExpectUsable(writer.get());
}

TEST_F(SqliteWriterTest, AReservation_IsMadeWhenRevisionsAreUsedUp) {
  auto writer = OpenNew(kBefore);
  UseUpRevisions();
  Group group(Three());
  EXPECT_THAT(group.ApplyTo(writer.get()), Each(kOk));
  writer = nullptr;
  EXPECT_EQ(Reopened(), kAfter);
}

// ---- Out of memory

TEST_F(SqliteWriterTest, BadAlloc_AppliesNothingAndTheWriterGoesOn) {
  for (const Failing failing : {Failing::kOnce, Failing::kFromThereOn}) {
    for (size_t number = 1;; ++number) {
      auto writer = OpenNew(kBefore);
      // The results are looked at when there is memory again.
      const std::vector<WriteBatch> batches = Three();
      std::vector<PendingCommit> commits(batches.size());
      std::vector<PendingCommit*> pending;
      for (size_t i = 0; i < batches.size(); ++i) {
        commits[i].batch = &batches[i];
        pending.push_back(&commits[i]);
      }
      bool has_failed = false;
      {
        const AllocationFailure failure(number, failing);
        writer->ApplyGroup(pending);
        has_failed = failure.failed();
      }
      const absl::StatusCode code = commits[0].result.status().code();
      for (const PendingCommit& commit : commits) {
        EXPECT_EQ(commit.result.status().code(), code) << number;
      }
      if (!has_failed) {
        EXPECT_EQ(code, kOk);
        EXPECT_GT(number, 1);
        break;
      }
      EXPECT_EQ(code, kExhausted) << number;
      ExpectUsable(writer.get());
      writer = nullptr;
      Contents contents = kBefore;
      contents["later"] = "1";
      EXPECT_EQ(Reopened(), contents) << number;
    }
  }
}

// The fate of a commit whose sync failed is open, with or without the memory to
// say more about it.
TEST_F(SqliteWriterTest, ASyncThatFailsWithoutMemory_IsUnknownForTheGroup) {
  for (size_t number = 1;; ++number) {
    auto writer = OpenNew(kBefore);
    const std::vector<WriteBatch> batches = Three();
    std::vector<PendingCommit> commits(batches.size());
    std::vector<PendingCommit*> pending;
    for (size_t i = 0; i < batches.size(); ++i) {
      commits[i].batch = &batches[i];
      pending.push_back(&commits[i]);
    }
    vfs_.FailCall(1, Fault::kError, Call::kSync);
    bool has_failed = false;
    {
      const AllocationFailure failure(number, Failing::kFromThereOn);
      writer->ApplyGroup(pending);
      has_failed = failure.failed();
    }
    for (const PendingCommit& commit : commits) {
      EXPECT_EQ(commit.result.status().code(),
                vfs_.has_failed() ? kUnknown : kExhausted)
          << number;
    }
    if (!has_failed) {
      EXPECT_GT(number, 1);
      break;
    }
  }
}

// The queue calls it between two groups, and has nobody to tell.
TEST_F(SqliteWriterTest, ACheckpointWithoutMemory_ThrowsNothing) {
  options_.checkpoint_bytes = 1;
  auto writer = OpenNew(kBefore);
  const auto file = *LockFile::Open(options_.path + "-lock");
  for (const bool is_locked : {true, false}) {
    std::optional<absl::StatusOr<HeldLock>> lock;
    if (is_locked) lock.emplace(file->Lock(absl::ZeroDuration()));
    bool has_failed = false;
    bool has_thrown = false;
    {
      const AllocationFailure failure(1, Failing::kFromThereOn);
      try {
        writer->CheckpointIfDue();
      } catch (const std::bad_alloc&) {
        has_thrown = true;
      }
      has_failed = failure.failed();
    }
    EXPECT_FALSE(has_thrown) << is_locked;
    // The message about the lock needs memory.
    EXPECT_EQ(has_failed, is_locked);
  }
  ExpectUsable(writer.get());
}

TEST_F(SqliteWriterTest, TheEndOfTheWriter_NeedsNoMemory) {
  for (const bool is_locked : {true, false}) {
    OpenNew(kBefore).reset();
    // The VFS of the tests needs memory itself.
    options_.vfs = "";
    auto writer = *SqliteWriter::Open(options_);
    const auto file = *LockFile::Open(options_.path + "-lock");
    std::optional<absl::StatusOr<HeldLock>> lock;
    if (is_locked) lock.emplace(file->Lock(absl::ZeroDuration()));
    {
      const AllocationFailure failure(1, Failing::kFromThereOn);
      writer = nullptr;
    }
    lock.reset();
    EXPECT_EQ(Reopened(), kBefore) << is_locked;
  }
}

TEST_F(SqliteWriterTest, TheEndOfAWriterThatRefuses_NeedsNoMemory) {
  auto writer = OpenNew(kBefore);
  vfs_.FailCall(1, Fault::kError, Call::kSync);
  Group group(Three());
  EXPECT_THAT(group.ApplyTo(writer.get()), Each(kUnknown));
  vfs_.FailCall(0, Fault::kError);
  {
    const AllocationFailure failure(1, Failing::kFromThereOn);
    writer = nullptr;
  }
  EXPECT_EQ(Reopened(), kAfter);
}

// ---- Several processes

// Two processes are killed while they sync a commit. A third one, which had the
// file open before, writes its commit over theirs, and leaves remains of both.
TEST_F(SqliteWriterTest, CommitsOfKilledProcesses_AreNoDamage) {
  OpenNew(kBefore).reset();
  FaultVfs first_system;
  FaultVfs second_system;
  auto writer = Open();
  auto first = OpenWith(first_system);
  auto second = OpenWith(second_system);
  const auto kill_in_sync = [](FaultVfs* system,
                               std::unique_ptr<SqliteWriter>* process,
                               size_t bytes) {
    system->FailCall(1, Fault::kCrash, Call::kSync);
    Group group({Put("killed", std::string(bytes, 'k'))});
    group.ApplyTo(process->get());
    ASSERT_TRUE(system->has_failed());
    *process = nullptr;
  };
  kill_in_sync(&first_system, &first, 80'000);
  kill_in_sync(&second_system, &second, 40'000);
  Group group({Put("a", "changed")});
  ASSERT_THAT(group.ApplyTo(writer.get()), Each(kOk));
  // Another process opens the file while the third one uses it.
  auto next = SqliteWriter::Open(options_);
  EXPECT_EQ(next.status(), absl::OkStatus());
  Group later({Put("c", "changed")});
  ASSERT_THAT(later.ApplyTo(writer.get()), Each(kOk));
  next = absl::UnknownError("closed");
  writer = nullptr;
  EXPECT_EQ(Reopened(), (Contents{{"a", "changed"}, {"c", "changed"}}));
}

}  // namespace
}  // namespace sqlite_internal
}  // namespace glue_security
