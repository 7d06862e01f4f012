// A file of format 1 is upgraded when it is opened: nothing is lost, whatever
// fails meanwhile, and what was damaged before is still found.

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glue_security/storage/sqlite/record_checksum.h"
#include "glue_security/storage/sqlite/sqlite_storage.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage/sqlite/database_file.h"
#include "tests/storage/sqlite/restarting_sqlite.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const CatalogKey kEast{"123456789012", "us-east-1"};

std::vector<std::string> NamesOf(SqliteStorage& storage) {
  std::vector<std::string> names;
  EXPECT_EQ(storage.VisitAll([&](const NamedRecord& record) {
    names.push_back(absl::StrCat(record.catalog.region, "/", record.key.id, "=",
                                 record.value, " ", record.revision));
    return absl::OkStatus();
  }),
            absl::OkStatus());
  return names;
}

// A file of format 1 in a folder of its own.
class OldFile {
 public:
  OldFile() {
    std::filesystem::copy_file("tests/storage/sqlite/format_1.db", path_);
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  }

  const std::string& path() const { return path_; }
  std::string copy() const { return path_ + ".before-1"; }
  std::string format() const { return RunSql(path_, "PRAGMA user_version"); }

  std::unique_ptr<SqliteStorage> Open(
      const SqliteStorageOptions& options = {}) {
    auto storage = SqliteStorage::Open(path_, options);
    EXPECT_EQ(storage.status(), absl::OkStatus());
    return storage.ok() ? *std::move(storage) : nullptr;
  }

 private:
  const TemporaryFolder folder_;
  const std::string path_ = folder_.File("db");
};

const std::vector<std::string>& Names() {
  static const auto& names = *new std::vector<std::string>{
      "us-east-1/=policy 1", "us-east-1/a=A 2",
      std::string("us-east-1/b\0c=", 14) + std::string("\0\xff", 2) + " 2",
      "us-west-2/z= 3"};
  return names;
}

TEST(SqliteUpgrade, KeepsRecordsRevisionsAndACopy) {
  OldFile file;
  ASSERT_EQ(file.format(), "1");
  constexpr char kStoreId[] = "SELECT hex(store_id) FROM meta";
  const std::string store_id = RunSql(file.path(), kStoreId);
  {
    const auto storage = file.Open();
    EXPECT_EQ(NamesOf(*storage), Names());
    EXPECT_THAT(ProblemsOf(*storage), IsEmpty());
    EXPECT_EQ(*storage->Commit(
                  {kEast, 0, {}, {{{RecordKind::kResourcePolicy, ""}, "new"}}}),
              CommitResult::kCommitted);
    EXPECT_THAT(ProblemsOf(*storage), IsEmpty());
    const auto snapshot = storage->Read(
        {kEast, {{RecordKind::kResourcePolicy, ""}}, std::nullopt});
    // Behind all that a process of the older version may have given.
    EXPECT_GT(snapshot->records[0]->revision, uint64_t{1} << 20);
  }
  EXPECT_EQ(file.format(), "2");
  EXPECT_EQ(RunSql(file.path(), kStoreId), store_id);
  EXPECT_EQ(RunSql(file.copy(), "PRAGMA user_version"), "1");
  EXPECT_EQ(RunSql(file.copy(), "SELECT sum(count) FROM record_set"), "4");
  // Going back is to put the copy in its place.
  std::filesystem::rename(file.copy(), file.path());
  EXPECT_EQ(NamesOf(*file.Open()), Names());
}

TEST(SqliteUpgrade, OfARecordThatVanished_StillMissesIt) {
  OldFile file;
  RunSql(file.path(), "DELETE FROM record WHERE id = x'61'");
  EXPECT_THAT(ProblemsOf(*file.Open()),
              ElementsAre("the number of records is 3 and should be 4"));
}

TEST(SqliteUpgrade, OfDamagedFacts_ChangesNothing) {
  OldFile file;
  RunSql(file.path(), "UPDATE meta SET last_revision = 1");
  EXPECT_EQ(SqliteStorage::Open(file.path(), {}).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(file.format(), "1");
  EXPECT_FALSE(std::filesystem::exists(file.copy()));
}

TEST(SqliteUpgrade, BesideAnotherFile_IsRefused) {
  for (const bool is_database : {false, true}) {
    OldFile file;
    if (is_database) {
      // An older copy of the same database.
      std::filesystem::copy_file(file.path(), file.copy());
      RunSql(file.copy(), "UPDATE meta SET last_revision = 1");
    } else {
      WriteBytes(file.copy(), "theirs");
    }
    const std::string before = BytesOf(file.copy());
    const absl::Status status = SqliteStorage::Open(file.path(), {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()), HasSubstr(file.copy()));
    EXPECT_EQ(BytesOf(file.copy()), before);
    EXPECT_EQ(file.format(), "1");
    std::filesystem::remove(file.copy());
    EXPECT_EQ(NamesOf(*file.Open()), Names());
  }
}

TEST(SqliteUpgrade, ThatWasInterruptedAfterTheCopy_GoesOnWithIt) {
  OldFile file;
  std::filesystem::copy_file(file.path(), file.copy());
  const std::string before = BytesOf(file.copy());
  EXPECT_EQ(NamesOf(*file.Open()), Names());
  EXPECT_EQ(BytesOf(file.copy()), before);
}

// A failure to read the copy says nothing about it.
TEST(SqliteUpgrade, BesideItsCopyThatCannotBeRead_IsUnavailable) {
  int failures = 0;
  for (int64_t call = 1;; ++call) {
    OldFile file;
    std::filesystem::copy_file(file.path(), file.copy());
    FaultVfs vfs;
    SqliteStorageOptions options;
    options.vfs = vfs.name();
    vfs.FailCall(call, FaultVfs::Fault::kError);
    const absl::Status status =
        SqliteStorage::Open(file.path(), options).status();
    if (call > vfs.calls()) break;
    if (status.ok()) continue;
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    ++failures;
  }
  EXPECT_GT(failures, 50);
}

// So it is when power takes the last commits of kNormal after the copy was
// made, or when the older version commits after an upgrade that failed.
TEST(SqliteUpgrade, BesideACopyOfAnEarlierState_MakesAnother) {
  OldFile file;
  std::filesystem::copy_file(file.path(), file.copy());
  const std::string id = RunSql(file.path(), "SELECT store_id FROM meta");
  const auto reserved =
      std::stoull(RunSql(file.path(), "SELECT reserved_revision FROM meta"));
  const auto sum = sqlite_internal::FactsChecksum(id, {1, reserved});
  RunSql(file.copy(), absl::StrCat("UPDATE meta SET last_revision = 1, sum = ",
                                   static_cast<int64_t>(sum))
                          .c_str());
  const std::string before = BytesOf(file.copy());
  EXPECT_EQ(NamesOf(*file.Open()), Names());
  EXPECT_EQ(BytesOf(file.copy()), before);
  EXPECT_EQ(RunSql(file.copy() + ".2", "SELECT sum(count) FROM record_set"),
            "4");
}

// Nobody may read the copy who could not read the file.
TEST(SqliteUpgrade, GivesTheCopyTheModeOfTheFile) {
  using std::filesystem::perms;
  for (const perms mode : {perms(0600), perms(0640), perms(0644)}) {
    OldFile file;
    std::filesystem::permissions(file.path(), mode);
    {
      const auto storage = file.Open();
      EXPECT_EQ(storage->ExportTo(file.path() + ".export"), absl::OkStatus());
    }
    for (const char* name : {".before-1", ".export"}) {
      EXPECT_EQ(std::filesystem::status(file.path() + name).permissions(), mode)
          << name;
    }
  }
}

// Takes the right to give files away from this thread.
class WithoutChown {
 public:
  WithoutChown() {
    syscall(SYS_capget, &header_, rights_.data());
    auto fewer = rights_;
    fewer[0].effective &= ~(1U << CAP_CHOWN);
    EXPECT_EQ(syscall(SYS_capset, &header_, fewer.data()), 0);
  }
  ~WithoutChown() { syscall(SYS_capset, &header_, rights_.data()); }
  WithoutChown(const WithoutChown&) = delete;
  WithoutChown& operator=(const WithoutChown&) = delete;

 private:
  __user_cap_header_struct header_{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> rights_{};
};

struct stat StatOf(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
  return found;
}

// The server may run as another user than whoever upgrades or exports.
TEST(SqliteUpgrade, GivesTheCopyTheOwnerOfTheFile) {
  constexpr uid_t kOwner = 12'345;
  OldFile file;
  if (chown(file.path().c_str(), kOwner, kOwner) != 0) {
    GTEST_SKIP() << "only root gives files away";
  }
  std::filesystem::permissions(file.path(), std::filesystem::perms(0660));
  const auto storage = file.Open();
  EXPECT_EQ(storage->ExportTo(file.path() + ".export"), absl::OkStatus());
  for (const char* name : {".before-1", ".export"}) {
    const auto found = StatOf(file.path() + name);
    EXPECT_EQ(found.st_uid, kOwner) << name;
    EXPECT_EQ(found.st_gid, kOwner) << name;
    EXPECT_EQ(found.st_mode & 0777, 0660U) << name;
  }

  // A copy that belongs to somebody else is for that user alone.
  const WithoutChown without;
  EXPECT_EQ(storage->ExportTo(file.path() + ".mine"), absl::OkStatus());
  const auto mine = StatOf(file.path() + ".mine");
  EXPECT_EQ(mine.st_uid, geteuid());
  EXPECT_EQ(mine.st_mode & 0777, 0600U);
}

TEST(SqliteUpgrade, RemovesTheDraftOfOneThatWasKilled) {
  OldFile file;
  for (const char* name : {".draft", ".draft-journal"}) {
    WriteBytes(file.copy() + name, "half a copy");
  }
  EXPECT_EQ(NamesOf(*file.Open()), Names());
  for (const char* name : {".draft", ".draft-journal"}) {
    EXPECT_FALSE(std::filesystem::exists(file.copy() + name)) << name;
  }
}

// Each call of the system fails in each way, or the process ends there, or the
// power is lost.
TEST(SqliteUpgrade, WhateverFails_NothingIsLost) {
  using Fault = FaultVfs::Fault;
  int failures = 0;
  for (const Fault fault : {Fault::kError, Fault::kShort, Fault::kFull,
                            Fault::kTornCrash, Fault::kCrash}) {
    for (int64_t call = 1;; ++call) {
      OldFile file;
      FaultVfs vfs;
      vfs.TrackPower();
      SqliteStorageOptions options;
      options.vfs = vfs.name();
      vfs.FailCall(call, fault);
      const absl::Status status =
          SqliteStorage::Open(file.path(), options).status();
      const int64_t calls = vfs.calls();
      if (!status.ok()) {
        EXPECT_THAT(status.code(),
                    testing::AnyOf(absl::StatusCode::kUnavailable,
                                   absl::StatusCode::kResourceExhausted))
            << status;
        ++failures;
      }
      vfs.FailCall(0, fault);
      vfs.SetCrashed(false);
      if (call % 2 == 0) vfs.LosePower(call % 4 == 0 ? 0 : 1);
      const std::string what =
          absl::StrCat("fault ", static_cast<int>(fault), " at call ", call);
      const auto storage = file.Open(options);
      ASSERT_NE(storage, nullptr) << what;
      EXPECT_EQ(NamesOf(*storage), Names()) << what;
      EXPECT_THAT(ProblemsOf(*storage), IsEmpty()) << what;
      ASSERT_EQ(RunSql(file.copy(), "SELECT sum(count) FROM record_set"), "4")
          << what;
      if (HasFailure()) return;
      if (call > calls) break;
    }
  }
  std::cout << failures << " failures\n";
  EXPECT_GT(failures, 100);
}

}  // namespace
}  // namespace glue_security
