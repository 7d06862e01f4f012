// Every single bit of a small database, and of its log, is wrong once: the
// damage is found, or does no harm. The exception is the last transaction of
// the log, which cannot be told from one that a crash cut off.
//
// GLUE_SECURITY_FLIPS_EVERY=1 in the environment takes every bit; the default
// is one in 61. tools/sqlite_exhaustive.sh does so.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glue_security/storage/sqlite/sqlite_storage.h"
#include "gtest/gtest.h"
#include "tests/storage/sqlite/database_file.h"
#include "tests/storage/sqlite/restarting_sqlite.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

const CatalogKey kCatalog{"123456789012", "us-east-1"};

using Contents = std::map<std::string, std::string>;

// The files of a storage whose process ended.
struct Files {
  std::string database;
  std::string log;
  Contents contents;
  // The offset of the last transaction of the log.
  size_t last_transaction = 0;
};

void Put(SqliteStorage& storage, Contents* contents, const std::string& id,
         const std::string& value) {
  const WriteBatch batch{
      kCatalog,
      0,
      {},
      {{{RecordKind::kSecurityConfiguration, id}, value},
       {{RecordKind::kConfigurationCount, ""}, absl::StrCat(value.size())}}};
  ASSERT_EQ(*storage.Commit(batch), CommitResult::kCommitted);
  (*contents)[id] = value;
  (*contents)[""] = absl::StrCat(value.size());
}

// `commits`: those that the log holds.
Files MakeFiles(int commits) {
  const TemporaryFolder folder;
  const std::string path = folder.File("db");
  Files files;
  auto storage = *SqliteStorage::Open(path, {});
  for (int i = 0; i < 8; ++i) {
    Put(*storage, &files.contents, absl::StrCat("id", i),
        std::string(static_cast<size_t>(200 * i), 'v'));
  }
  storage = nullptr;
  storage = *SqliteStorage::Open(path, {});
  for (int i = 0; i < commits; ++i) {
    files.last_transaction = std::filesystem::file_size(path + "-wal");
    Put(*storage, &files.contents, absl::StrCat("id", i),
        std::string(static_cast<size_t>(10 * i), 'w'));
  }
  if (commits > 0) files.log = BytesOf(path + "-wal");
  if (commits == 0) storage = nullptr;
  files.database = BytesOf(path);
  return files;
}

enum class Outcome { kHarmless, kFoundAtOpen, kFoundByVerify, kSilent };

// Opens the files and looks at everything.
Outcome Look(const std::string& path, const Contents& contents) {
  SqliteStorageOptions options;
  options.read_connections = 1;
  auto storage = SqliteStorage::Open(path, options);
  if (!storage.ok()) return Outcome::kFoundAtOpen;
  bool found = false;
  const absl::Status status =
      (*storage)->Verify([&found](const StorageProblem&) { found = true; },
                         [](uint64_t, uint64_t) {});
  if (found || !status.ok()) return Outcome::kFoundByVerify;
  Contents seen;
  const absl::Status visited =
      (*storage)->VisitAll([&](const NamedRecord& record) {
        seen[record.key.id] = record.value;
        return absl::OkStatus();
      });
  if (!visited.ok()) return Outcome::kFoundByVerify;
  return seen == contents ? Outcome::kHarmless : Outcome::kSilent;
}

int64_t Every() {
  const char* const given = std::getenv("GLUE_SECURITY_FLIPS_EVERY");
  if (given != nullptr) return std::max(1, std::atoi(given));
  return IsShortRun() ? 997 : 61;
}

// Flips bits of one of the files. Those from `last` on may do harm.
void FlipEach(const Files& files, bool in_log, size_t last) {
  const TemporaryFolder folder;
  const std::string path = folder.File("db");
  const std::string& bytes = in_log ? files.log : files.database;
  std::map<Outcome, int64_t> counts;
  int64_t silent_in_last = 0;
  for (size_t bit = 0; bit < bytes.size() * 8;
       bit += static_cast<size_t>(Every())) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path + suffix);
    }
    WriteBytes(path, in_log ? files.database : damaged);
    if (!files.log.empty()) {
      WriteBytes(path + "-wal", in_log ? damaged : files.log);
    }
    const Outcome outcome = Look(path, files.contents);
    ++counts[outcome];
    if (outcome != Outcome::kSilent) continue;
    if (bit / 8 >= last) {
      ++silent_in_last;
      continue;
    }
    ADD_FAILURE() << "bit " << bit % 8 << " of byte " << bit / 8
                  << " is wrong, and nothing finds it";
  }
  std::cout << (in_log ? "log: " : "database: ") << bytes.size()
            << " bytes, flips: found at open " << counts[Outcome::kFoundAtOpen]
            << ", by Verify " << counts[Outcome::kFoundByVerify]
            << ", harmless " << counts[Outcome::kHarmless]
            << ", in the last transaction " << silent_in_last << "\n";
}

TEST(SqliteFlips, OfTheDatabase_AreFoundOrHarmless) {
  const Files files = MakeFiles(0);
  FlipEach(files, /*in_log=*/false, files.database.size());
}

TEST(SqliteFlips, OfTheLog_AreFoundOrHarmlessButInItsLastTransaction) {
  const Files files = MakeFiles(4);
  FlipEach(files, /*in_log=*/true, files.last_transaction);
}

}  // namespace
}  // namespace glue_security
