// A process that uses a database, for tests of several processes, and of
// processes that are killed.
//
//   sqlite_driver kill PATH CALL
//       Opens the database, lets four threads write to it, and closes it, over
//       and over. Each acknowledged write is a line "A THREAD NUMBER" on the
//       standard output. CALL is the number of the call of the system, counted
//       from the first such line, before which the process kills itself, after
//       a line "K PLACE"; 0: it is killed by others.
//   sqlite_driver share PATH NAME ROUNDS
//       Reads and writes a few records, in turns with other processes, and
//       prints a line for each call: "R KEY BEGIN END VALUE" or "W KEY BEGIN
//       END RESULT BEFORE VALUE".

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/storage/sqlite/sqlite_storage.h"
#include "tests/storage/sqlite/fault_vfs.h"

namespace glue_security {
namespace {

const CatalogKey kCatalog{"123456789012", "us-east-1"};
constexpr int kThreads = 4;
constexpr int kWritesOfThread = 4;

RecordKey Key(const std::string& id) {
  return {RecordKind::kSecurityConfiguration, id};
}

// One write to the pipe, which is never torn.
void Report(const std::string& line) {
  const ssize_t written = write(STDOUT_FILENO, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) _exit(3);
}

void Require(bool holds, const char* what) {
  if (holds) return;
  Report(absl::StrCat("X ", what, "\n"));
  _exit(3);
}

const char* PlaceOf(FaultVfs::Call call, const std::string& path,
                    bool is_opening) {
  if (is_opening) return "open";
  if (call != FaultVfs::Call::kWrite && call != FaultVfs::Call::kSync &&
      call != FaultVfs::Call::kTruncate) {
    return "other";
  }
  return absl::EndsWith(path, "-wal") && call != FaultVfs::Call::kTruncate
             ? "commit"
             : "checkpoint";
}

// Writes as one thread, which counts in a record of its own and leaves a record
// for each number.
void WriteAsThread(SqliteStorage& storage, int thread,
                   const std::function<void()>& acknowledged) {
  const RecordKey counter = Key(absl::StrCat("c", thread));
  for (int i = 0; i < kWritesOfThread; ++i) {
    const auto snapshot = storage.Read({kCatalog, {counter}, std::nullopt});
    Require(snapshot.ok(), "read");
    int number = 0;
    std::optional<Revision> revision;
    if (snapshot->records[0].has_value()) {
      number = std::atoi(snapshot->records[0]->value.c_str());
      revision = snapshot->records[0]->revision;
    }
    ++number;
    const RecordKey log = Key(absl::StrCat("l", thread, "-", number));
    const auto result = storage.Commit(
        {kCatalog,
         0,
         {{counter, revision}, {log, std::nullopt}},
         {{counter, absl::StrCat(number)}, {log, std::string(300, 'l')}}});
    Require(result.ok() && *result == CommitResult::kCommitted, "commit");
    Report(absl::StrCat("A ", thread, " ", number, "\n"));
    acknowledged();
  }
}

int RunUntilKilled(const std::string& path, int64_t call) {
  FaultVfs vfs;
  std::atomic<bool> is_opening{false};
  vfs.SetBeforeKill([&](FaultVfs::Call hit, const std::string& file) {
    Report(absl::StrCat("K ", PlaceOf(hit, file, is_opening), "\n"));
  });
  std::atomic<bool> armed{call == 0};
  const auto acknowledged = [&] {
    if (armed.exchange(true)) return;
    vfs.FailCall(call, FaultVfs::Fault::kKill);
  };
  SqliteStorageOptions options;
  options.vfs = vfs.name();
  options.checkpoint_bytes = 65'536;
  while (true) {
    is_opening = true;
    auto storage = SqliteStorage::Open(path, options);
    Require(storage.ok(), "open");
    is_opening = false;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back(
          [&, t] { WriteAsThread(**storage, t, acknowledged); });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

int64_t Now() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

int Share(const std::string& path, const std::string& name, int rounds) {
  SqliteStorageOptions options;
  options.busy_timeout = absl::Seconds(60);
  options.checkpoint_bytes = 65'536;
  auto storage = SqliteStorage::Open(path, options);
  if (!storage.ok()) std::cerr << storage.status() << "\n";
  Require(storage.ok(), "open");
  for (int i = 0; i < rounds; ++i) {
    const std::string id = absl::StrCat("k", i % 3);
    int64_t begin = Now();
    const auto snapshot = (*storage)->Read({kCatalog, {Key(id)}, std::nullopt});
    int64_t end = Now();
    Require(snapshot.ok(), "read");
    std::string before = "none";
    std::optional<Revision> revision;
    if (snapshot->records[0].has_value()) {
      before = snapshot->records[0]->value;
      revision = snapshot->records[0]->revision;
    }
    Report(absl::StrCat("R ", id, " ", begin, " ", end, " ", before, "\n"));
    const std::string value = absl::StrCat(name, "-", i);
    begin = Now();
    const auto result = (*storage)->Commit(
        {kCatalog, 0, {{Key(id), revision}}, {{Key(id), value}}});
    end = Now();
    Require(result.ok(), "commit");
    Report(absl::StrCat("W ", id, " ", begin, " ", end, " ",
                        *result == CommitResult::kCommitted ? 1 : 0, " ",
                        before, " ", value, "\n"));
  }
  return 0;
}

int Main(const std::vector<std::string>& arguments) {
  if (arguments.size() == 3 && arguments[0] == "kill") {
    return RunUntilKilled(arguments[1], std::atoll(arguments[2].c_str()));
  }
  if (arguments.size() == 4 && arguments[0] == "share") {
    return Share(arguments[1], arguments[2], std::atoi(arguments[3].c_str()));
  }
  std::fputs("usage: sqlite_driver kill|share PATH ...\n", stderr);
  return 2;
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  return glue_security::Main(std::vector<std::string>(argv + 1, argv + argc));
}
