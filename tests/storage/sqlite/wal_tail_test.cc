// CheckWalTail on logs that SQLite wrote: whole ones, each truncation, each
// damaged byte, logs that were begun again, and logs in which failed writes lie
// behind the last commit.

#include "glue_security/storage/sqlite/wal_tail.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glue_security/storage/sqlite/sqlite_connection.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage/sqlite/database_file.h"
#include "tests/storage/sqlite/fault_vfs.h"
#include "tests/storage/sqlite/restarting_sqlite.h"
#include "tests/support/randomized_test.h"

namespace {

// The number of the call of read(2) that fails, counted down to 0; negative:
// none does.
int failing_read = -1;

}  // namespace

// The linker gives the calls of read(2) in this program to the second of these
// (--wrap=read).
extern "C" ssize_t __real_read(int descriptor, void* bytes, size_t size);
extern "C" ssize_t __wrap_read(int descriptor, void* bytes, size_t size) {
  if (failing_read >= 0 && failing_read-- == 0) {
    errno = EIO;
    return -1;
  }
  return __real_read(descriptor, bytes, size);
}

namespace glue_security {
namespace sqlite_internal {
namespace {

using ::testing::HasSubstr;

constexpr size_t kHeadBytes = 32;
constexpr size_t kFrameHeadBytes = 24;

// A database whose log grows by a transaction with each call.
class Database {
 public:
  Database(const std::string& path, int page_bytes, const std::string& vfs = "")
      : path_(path), page_bytes_(page_bytes) {
    auto opened = Connection::Open(path, vfs, 0);
    EXPECT_EQ(opened.status(), absl::OkStatus());
    connection_ = *std::move(opened);
    Run(absl::StrCat("PRAGMA page_size=", page_bytes,
                     "; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                     "CREATE TABLE t(x)"));
  }

  void Run(const std::string& sql) { EXPECT_EQ(Try(sql), absl::OkStatus()); }

  absl::Status Try(const std::string& sql) {
    return connection_->Execute(sql.c_str());
  }

  // Fills somewhat more than this many pages in one transaction.
  absl::Status TryInsert(int pages) {
    std::string hex;
    for (int i = 0; i < pages * page_bytes_ / 8; ++i) {
      absl::StrAppend(&hex, absl::Hex(random_(), absl::kZeroPad16));
    }
    return Try(absl::StrCat("INSERT INTO t VALUES(X'", hex, "')"));
  }
  void Insert(int pages) { EXPECT_EQ(TryInsert(pages), absl::OkStatus()); }

  // Copies the log into the database, so that the next transaction begins it
  // again.
  void Checkpoint() { Run("PRAGMA wal_checkpoint(RESTART)"); }

  int64_t pages() { return *connection_->QueryNumber("PRAGMA page_count"); }
  std::string log() const { return BytesOf(path_ + "-wal"); }

 private:
  const std::string path_;
  const int page_bytes_;
  // Each run has the same contents, so that the same damage is in doubt.
  std::mt19937_64 random_;
  std::unique_ptr<Connection> connection_;
};

// The bytes of a log, and the sizes that it had after each transaction.
struct Log {
  std::string bytes;
  std::vector<size_t> ends;
  size_t frame_bytes = 0;

  size_t last_transaction() const { return ends[ends.size() - 2]; }
  // Returns the place of a byte in its frame.
  size_t place(size_t offset) const {
    return (offset - kHeadBytes) % frame_bytes;
  }
};

// Makes a log of four transactions of several frames, and leaves it behind.
Log MakeLog(int page_bytes = 512) {
  const TemporaryFolder folder;
  Log log;
  log.frame_bytes = kFrameHeadBytes + static_cast<size_t>(page_bytes);
  {
    Database database(folder.File("db"), page_bytes);
    database.Checkpoint();
    for (const int pages : {2, 1, 3, 2}) {
      database.Insert(pages);
      log.ends.push_back(database.log().size());
    }
  }
  // The connection has closed without a checkpoint.
  log.bytes = BytesOf(folder.File("db-wal"));
  EXPECT_EQ(log.ends.back(), log.bytes.size());
  EXPECT_GE(log.ends[0], kHeadBytes + 2 * log.frame_bytes);
  EXPECT_GE(log.ends[3] - log.ends[2], 2 * log.frame_bytes);
  return log;
}

// Returns the number of rows that SQLite finds with this log.
int64_t RowsOf(const std::string& database, const std::string& log) {
  const TemporaryFolder folder;
  std::ofstream(folder.File("db"), std::ios::binary) << database;
  std::ofstream(folder.File("db-wal"), std::ios::binary) << log;
  auto connection = *Connection::Open(folder.File("db"), "", 0);
  return *connection->QueryNumber("SELECT count(*) FROM t");
}

class WalTailTest : public ::testing::Test {
 protected:
  ~WalTailTest() override {
    if (descriptor_ >= 0) close(descriptor_);
  }

  absl::Status Check(const std::string& log) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << log;
    return CheckWalTail(path_);
  }

  // Makes this the database of the logs that are checked.
  void SetDatabase(const std::string& bytes) {
    std::ofstream(folder_.File("db"), std::ios::binary | std::ios::trunc)
        << bytes;
  }

  // Checks the log that `Check` was given last, with one byte changed.
  absl::Status CheckChanged(const Log& log, size_t offset, int mask) {
    SetByte(offset, static_cast<char>(log.bytes[offset] ^ mask));
    absl::Status status = CheckWalTail(path_);
    SetByte(offset, log.bytes[offset]);
    return status;
  }

 private:
  const TemporaryFolder folder_;

 protected:
  const std::string path_ = folder_.File("db-wal");

 private:
  void SetByte(size_t offset, char byte) {
    if (descriptor_ < 0) descriptor_ = open(path_.c_str(), O_WRONLY);
    ASSERT_EQ(pwrite(descriptor_, &byte, 1, static_cast<off_t>(offset)), 1);
  }

  int descriptor_ = -1;
};

// The changes of a byte that a test makes. A frame says in its bytes 4 to 7
// whether a transaction ends, so that these get every other value.
std::vector<int> MasksOf(const Log& log, size_t offset) {
  const size_t place = log.place(offset);
  if (place >= kFrameHeadBytes) {
    return IsShortRun() ? std::vector<int>{0x80} : std::vector<int>{0x80, 0xff};
  }
  if (place < 4 || place >= 8) return {0x01, 0x80, 0xff};
  std::vector<int> all;
  for (int mask = 1; mask < 256; mask += IsShortRun() ? 2 : 1) {
    all.push_back(mask);
  }
  return all;
}

TEST_F(WalTailTest, NoLog_IsOk) {
  EXPECT_EQ(CheckWalTail(path_), absl::OkStatus());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(WalTailTest, AnEmptyLog_IsOk) { EXPECT_EQ(Check(""), absl::OkStatus()); }

TEST_F(WalTailTest, WholeLogs_OfAllPageSizes_AreOk) {
  for (int page_bytes = 512; page_bytes <= 65536; page_bytes *= 2) {
    const Log log = MakeLog(page_bytes);
    EXPECT_EQ(Check(log.bytes), absl::OkStatus()) << page_bytes;
    // The check does read pages of this size.
    std::string damaged = log.bytes;
    damaged[log.ends[0] - 1] ^= 1;
    EXPECT_TRUE(absl::IsDataLoss(Check(damaged))) << page_bytes;
  }
}

TEST_F(WalTailTest, EveryTruncation_IsOk) {
  const Log log = MakeLog();
  ASSERT_EQ(Check(log.bytes), absl::OkStatus());
  for (size_t size = log.bytes.size(); size-- > 0;) {
    std::filesystem::resize_file(path_, size);
    ASSERT_EQ(CheckWalTail(path_), absl::OkStatus()) << size;
  }
}

TEST_F(WalTailTest, EveryDamagedByte_OfAnEarlierTransaction_IsDataLoss) {
  const Log log = MakeLog();
  ASSERT_EQ(Check(log.bytes), absl::OkStatus());
  for (size_t at = kHeadBytes; at < log.last_transaction(); ++at) {
    for (const int mask : MasksOf(log, at)) {
      const absl::Status status = CheckChanged(log, at, mask);
      ASSERT_TRUE(absl::IsDataLoss(status))
          << "byte " << at << ", the " << log.place(at)
          << "th of its frame, xor " << mask << ": " << status;
    }
  }
}

TEST_F(WalTailTest, EveryDamagedByte_OfTheLastTransaction_IsOk) {
  const Log log = MakeLog();
  ASSERT_EQ(Check(log.bytes), absl::OkStatus());
  int doubts = 0;
  int checks = 0;
  for (size_t at = log.last_transaction(); at < log.bytes.size(); ++at) {
    for (const int mask : MasksOf(log, at)) {
      const absl::Status status = CheckChanged(log, at, mask);
      ++checks;
      // A mark of a commit with a likely size, and what looks like one.
      if (absl::IsDataLoss(status)) {
        ++doubts;
        continue;
      }
      ASSERT_EQ(status, absl::OkStatus())
          << "byte " << at << ", the " << log.place(at)
          << "th of its frame, xor " << mask;
    }
  }
  std::cout << doubts << " doubts in " << checks << " checks" << std::endl;
  EXPECT_LT(doubts * 50, checks);
}

// The size of the database marks the end of a transaction. These sizes have
// bits that the checksum confuses most with those of pages.
TEST_F(WalTailTest, EveryDamagedByte_OfDatabasesOfRoundSizes_IsDataLoss) {
  const TemporaryFolder folder;
  Database database(folder.File("db"), 512);
  database.Run("CREATE TABLE small(x); INSERT INTO small VALUES(0)");
  Log log;
  log.frame_bytes = kFrameHeadBytes + 512;
  for (const int pages : {16, 32, 48, 64, 128}) {
    for (int i = 0; database.pages() < pages; ++i) {
      database.Run(absl::StrCat("CREATE TABLE t", pages, "_", i, "(x)"));
    }
    database.Checkpoint();
    log.ends.clear();
    for (int i = 0; i < 3; ++i) {
      database.Run("UPDATE small SET x = x + 1");
      log.ends.push_back(kHeadBytes + (log.ends.size() + 1) * log.frame_bytes);
    }
    log.bytes = database.log().substr(0, log.ends.back());
    ASSERT_EQ(Check(log.bytes), absl::OkStatus());
    for (size_t at = kHeadBytes; at < log.last_transaction(); ++at) {
      std::vector<int> masks = MasksOf(log, at);
      for (int bit = 1; bit < 256; bit *= 2) masks.push_back(bit);
      for (const int mask : masks) {
        ASSERT_TRUE(absl::IsDataLoss(CheckChanged(log, at, mask)))
            << pages << " pages, byte " << at << ", xor " << mask;
      }
    }
  }
}

TEST_F(WalTailTest, DamageOverSeveralFrames_IsDataLossWhenATransactionFollows) {
  const Log log = MakeLog();
  const size_t earlier = log.last_transaction();
  for (const size_t bytes : {size_t{512}, size_t{1024}, size_t{4096}}) {
    // From the begin of a transaction on, so that a later one is left.
    for (size_t at = kHeadBytes; at + bytes <= log.ends[1]; at += 8) {
      std::string damaged = log.bytes;
      std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(at), bytes,
                  '\0');
      ASSERT_TRUE(absl::IsDataLoss(Check(damaged)))
          << bytes << " bytes at " << at;
    }
  }
  std::string damaged = log.bytes;
  std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(earlier),
            damaged.end(), '\0');
  EXPECT_EQ(Check(damaged), absl::OkStatus());
}

TEST_F(WalTailTest, TheMessage_NamesThePathAndTheFrame) {
  const Log log = MakeLog();
  std::string damaged = log.bytes;
  damaged[kHeadBytes + log.frame_bytes + 100] ^= 1;
  const absl::Status status = Check(damaged);
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(status.message(), HasSubstr(path_));
  EXPECT_THAT(status.message(), HasSubstr("frame 2 "));
}

TEST_F(WalTailTest, DamageInTheHead_IsDataLossWhenAFrameFollows) {
  const Log log = MakeLog();
  ASSERT_EQ(Check(log.bytes), absl::OkStatus());
  for (size_t at = 0; at < kHeadBytes; ++at) {
    for (int mask = 1; mask < 256; ++mask) {
      const absl::Status status = CheckChanged(log, at, mask);
      ASSERT_TRUE(absl::IsDataLoss(status)) << at << " xor " << mask;
      ASSERT_THAT(status.message(), HasSubstr("head"));
    }
  }
}

TEST_F(WalTailTest, DamageInTheHead_IsOkWhenNoFrameFollows) {
  const Log log = MakeLog();
  for (size_t at = 0; at < kHeadBytes; ++at) {
    std::string damaged = log.bytes.substr(0, kHeadBytes);
    damaged[at] ^= 1;
    EXPECT_EQ(Check(damaged), absl::OkStatus()) << at;
  }
}

// A crash while a log is begun again can cut off the write of its head.
TEST_F(WalTailTest, ADamagedHead_BeforeFramesOfTheLogBefore_IsOk) {
  const TemporaryFolder folder;
  Database database(folder.File("db"), 512);
  database.Insert(5);
  const std::string before = database.log();
  database.Checkpoint();
  database.Insert(1);
  const std::string after = database.log();
  ASSERT_NE(after.substr(0, kHeadBytes), before.substr(0, kHeadBytes));
  std::string head = after.substr(0, kHeadBytes);
  head[9] ^= 1;
  EXPECT_EQ(Check(head + before.substr(kHeadBytes)), absl::OkStatus());
  EXPECT_TRUE(absl::IsDataLoss(Check(head + after.substr(kHeadBytes))));
}

// Each byte of the head is damaged, or only its first bytes are of a log that
// is begun again. Harmless, since the database has all commits.
TEST_F(WalTailTest, ADamagedHead_OfALogThatTheDatabaseHas_IsOk) {
  const TemporaryFolder folder;
  Database database(folder.File("db"), 512);
  for (const int pages : {2, 1, 3}) database.Insert(pages);
  const std::string log = database.log();
  const std::string before = BytesOf(folder.File("db"));
  database.Checkpoint();
  const std::string after = BytesOf(folder.File("db"));
  database.Insert(1);
  const std::string next = database.log();
  for (size_t cut = 13; cut < kHeadBytes; ++cut) {
    const std::string torn = next.substr(0, cut) + log.substr(cut);
    SetDatabase(after);
    EXPECT_EQ(Check(torn), absl::OkStatus()) << cut;
    // The number of the log has changed, and the second salt has not.
    if (cut < 16 || cut > 20) continue;
    SetDatabase(before);
    EXPECT_TRUE(absl::IsDataLoss(Check(torn))) << cut;
  }
  // Magic and page size tell how to read the log.
  for (size_t at = 12; at < kHeadBytes; ++at) {
    std::string damaged = log;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    SetDatabase(after);
    EXPECT_EQ(Check(damaged), absl::OkStatus()) << at;
    SetDatabase(before);
    EXPECT_TRUE(absl::IsDataLoss(Check(damaged))) << at;
  }
}

// A page of the last transaction is missing, in whatever place.
TEST_F(WalTailTest, ADamagedHead_OfALogThatTheDatabaseHasBut1Page_IsDataLoss) {
  const TemporaryFolder folder;
  Database database(folder.File("db"), 512);
  for (const int pages : {2, 1, 3}) database.Insert(pages);
  std::string log = database.log();
  database.Checkpoint();
  const std::string after = BytesOf(folder.File("db"));
  log[12] = static_cast<char>(log[12] ^ 1);
  SetDatabase(after);
  ASSERT_EQ(Check(log), absl::OkStatus());
  for (size_t page = 0; page < after.size() / 512; ++page) {
    std::string other = after;
    other[512 * page + 100] = static_cast<char>(other[512 * page + 100] ^ 1);
    SetDatabase(other);
    EXPECT_TRUE(absl::IsDataLoss(Check(log))) << page;
  }
  SetDatabase(after.substr(0, after.size() - 512));
  EXPECT_TRUE(absl::IsDataLoss(Check(log)));
}

TEST_F(WalTailTest, ALogThatWasBegunAgain_IsOk) {
  const TemporaryFolder folder;
  Database database(folder.File("db"), 512);
  for (int round = 0; round < 3; ++round) {
    // Fewer frames than before, so that old ones follow.
    for (int i = 0; i < 4 - round; ++i) database.Insert(6 - 2 * round);
    EXPECT_EQ(Check(database.log()), absl::OkStatus()) << round;
    database.Checkpoint();
    EXPECT_EQ(Check(database.log()), absl::OkStatus()) << round;
  }
}

TEST_F(WalTailTest, ALogThatWasBegunAgain_IsCheckedUpToItsOwnEnd) {
  const TemporaryFolder folder;
  Database database(folder.File("db"), 512);
  for (int i = 0; i < 4; ++i) database.Insert(6);
  const std::string before = database.log();
  database.Checkpoint();
  Log log;
  log.frame_bytes = kFrameHeadBytes + 512;
  for (int i = 0; i < 3; ++i) {
    database.Insert(1);
    // The new frames end before the first that is the old one.
    log.bytes = database.log();
    const auto [end, old] =
        std::mismatch(log.bytes.rbegin(), log.bytes.rend(), before.rbegin());
    static_cast<void>(old);
    const auto bytes = static_cast<size_t>(log.bytes.rend() - end);
    const size_t frames =
        (bytes - kHeadBytes + log.frame_bytes - 1) / log.frame_bytes;
    log.ends.push_back(kHeadBytes + frames * log.frame_bytes);
  }
  ASSERT_EQ(log.bytes.size(), before.size());
  ASSERT_LT(log.ends.back(), log.bytes.size() - log.frame_bytes);
  ASSERT_EQ(Check(log.bytes), absl::OkStatus());
  for (size_t at = kHeadBytes; at < log.bytes.size(); at += 7) {
    const absl::Status status = CheckChanged(log, at, 0x11);
    ASSERT_EQ(absl::IsDataLoss(status), at < log.last_transaction())
        << at << ": " << status;
    ASSERT_EQ(status.ok(), at >= log.last_transaction()) << at;
  }
}

// SQLite writes a transaction over the frames of one whose commit failed, or
// whose process was killed during the sync, and they keep the salts of the log.
TEST_F(WalTailTest, FailedTransactionsBehindTheLast_AreOk) {
  for (int first = 1; first <= 8; ++first) {
    for (int second = 1; second <= first; ++second) {
      for (int third = 1; third <= second; ++third) {
        const TemporaryFolder folder;
        FaultVfs vfs;
        Database database(folder.File("db"), 512, vfs.name());
        database.Insert(1);
        for (const int pages : {first, second}) {
          vfs.FailCall(1, FaultVfs::Fault::kError, FaultVfs::Call::kSync);
          EXPECT_FALSE(database.TryInsert(pages).ok());
          ASSERT_TRUE(vfs.has_failed());
        }
        database.Insert(third);
        const std::string log = database.log();
        EXPECT_EQ(Check(log), absl::OkStatus())
            << first << ", " << second << ", " << third;
        // SQLite drops nothing that was acknowledged.
        ASSERT_EQ(RowsOf(BytesOf(folder.File("db")), log), 2);
      }
    }
  }
}

TEST_F(WalTailTest, DamageBeforeFailedTransactions_IsDataLoss) {
  const TemporaryFolder folder;
  FaultVfs vfs;
  Database database(folder.File("db"), 512, vfs.name());
  database.Insert(2);
  for (const int pages : {8, 5}) {
    vfs.FailCall(1, FaultVfs::Fault::kError, FaultVfs::Call::kSync);
    EXPECT_FALSE(database.TryInsert(pages).ok());
  }
  const size_t end = kHeadBytes + (kFrameHeadBytes + 512) * 2;
  database.Insert(2);
  Log log;
  log.bytes = database.log();
  log.frame_bytes = kFrameHeadBytes + 512;
  ASSERT_EQ(Check(log.bytes), absl::OkStatus());
  for (size_t at = kHeadBytes; at < end; ++at) {
    ASSERT_TRUE(absl::IsDataLoss(CheckChanged(log, at, 0x04))) << at;
  }
}

uint32_t WordAt(const std::string& bytes, size_t at) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; ++i) {
    word = word << 8 | static_cast<uint8_t>(bytes[at + i]);
  }
  return word;
}

void SetWord(std::string* bytes, size_t at, uint32_t word) {
  for (size_t i = 0; i < 4; ++i) {
    (*bytes)[at + i] = static_cast<char>(word >> (24 - 8 * i));
  }
}

// Returns the log as a machine of the other byte order would have written it:
// with checksums over words of the other order.
std::string InBigEndian(const Log& log) {
  std::string bytes = log.bytes;
  uint32_t first = 0;
  uint32_t second = 0;
  const auto add = [&](size_t at, size_t size) {
    for (size_t i = at; i < at + size; i += 8) {
      first += WordAt(bytes, i) + second;
      second += WordAt(bytes, i + 4) + first;
    }
  };
  SetWord(&bytes, 0, 0x377f0683);
  add(0, 24);
  SetWord(&bytes, 24, first);
  SetWord(&bytes, 28, second);
  for (size_t at = kHeadBytes; at < bytes.size(); at += log.frame_bytes) {
    add(at, 8);
    add(at + kFrameHeadBytes, log.frame_bytes - kFrameHeadBytes);
    SetWord(&bytes, at + 16, first);
    SetWord(&bytes, at + 20, second);
  }
  return bytes;
}

TEST_F(WalTailTest, LogsOfBothByteOrders_AreRead) {
  Log log = MakeLog();
  const bool is_big = WordAt(log.bytes, 0) == 0x377f0683;
  if (!is_big) log.bytes = InBigEndian(log);
  ASSERT_EQ(Check(log.bytes), absl::OkStatus());
  for (size_t at = kHeadBytes; at < log.bytes.size(); at += 5) {
    const absl::Status status = CheckChanged(log, at, 0x03);
    ASSERT_EQ(absl::IsDataLoss(status), at < log.last_transaction()) << at;
    ASSERT_EQ(status.ok(), at >= log.last_transaction()) << at;
  }
}

TEST_F(WalTailTest, AFileThatCannotBeRead_IsUnavailable) {
  std::filesystem::create_directory(path_);
  absl::Status status = CheckWalTail(path_);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr(path_));
  std::filesystem::remove(path_);

  std::filesystem::create_symlink(path_, path_);
  status = CheckWalTail(path_);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr(path_));
}

TEST_F(WalTailTest, AReadThatFails_IsUnavailable) {
  const Log log = MakeLog();
  std::string bad_head = log.bytes;
  bad_head[0] ^= 1;
  for (const std::string& bytes : {log.bytes, bad_head}) {
    const absl::Status whole = Check(bytes);
    // Each of the reads fails once.
    int reads = 0;
    for (;; ++reads) {
      failing_read = reads;
      const absl::Status status = CheckWalTail(path_);
      const bool has_failed = failing_read < 0;
      failing_read = -1;
      if (!has_failed) {
        EXPECT_EQ(status, whole);
        break;
      }
      ASSERT_TRUE(absl::IsUnavailable(status)) << reads << ": " << status;
    }
    EXPECT_GE(reads, 2);
  }
}

TEST_F(WalTailTest, TheFile_IsNotChanged) {
  const Log log = MakeLog();
  std::string damaged = log.bytes;
  damaged[kHeadBytes + 50] ^= 1;
  for (const std::string& bytes :
       {log.bytes, damaged, log.bytes.substr(0, log.ends[2] + 100)}) {
    Check(bytes).IgnoreError();
    const auto time = std::filesystem::last_write_time(path_);
    CheckWalTail(path_).IgnoreError();
    EXPECT_EQ(BytesOf(path_), bytes);
    EXPECT_EQ(std::filesystem::last_write_time(path_), time);
  }
}

}  // namespace
}  // namespace sqlite_internal
}  // namespace glue_security
