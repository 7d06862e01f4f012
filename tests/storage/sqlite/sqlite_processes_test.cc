// Several processes on one file, and processes that are killed.
//
// GLUE_SECURITY_KILL_CYCLES=N in the environment kills so many processes; the
// default is 100. tools/sqlite_kill.sh does so.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glue_security/storage/sqlite/sqlite_storage.h"
#include "gtest/gtest.h"
#include "tests/storage/sqlite/restarting_sqlite.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

constexpr char kDriver[] = "tests/storage/sqlite/sqlite_driver";
constexpr int kThreads = 4;
const CatalogKey kCatalog{"123456789012", "us-east-1"};

// A driver that runs, and what it prints.
class Driver {
 public:
  explicit Driver(const std::vector<std::string>& arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    process_ = fork();
    if (process_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      std::vector<char*> argv = {const_cast<char*>(kDriver)};
      for (const std::string& argument : arguments) {
        argv.push_back(const_cast<char*>(argument.c_str()));
      }
      argv.push_back(nullptr);
      execv(kDriver, argv.data());
      _exit(127);
    }
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
  }
  ~Driver() {
    Kill();
    Wait();
    fclose(output_);
  }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  // Returns false at the end of the output.
  bool ReadLine(std::string* line) {
    line->clear();
    for (int c = getc(output_); c != EOF; c = getc(output_)) {
      if (c == '\n') return true;
      line->push_back(static_cast<char>(c));
    }
    return false;
  }
  void Kill() {
    if (process_ > 0) kill(process_, SIGKILL);
  }
  // Returns the status of the process, as from waitpid.
  int Wait() {
    if (process_ > 0) waitpid(process_, &status_, 0);
    process_ = 0;
    return status_;
  }

 private:
  pid_t process_ = 0;
  int status_ = 0;
  FILE* output_ = nullptr;
};

// ---- Processes that are killed

struct Cycle {
  std::array<int, kThreads> acknowledged{};
  std::string place = "outside";
  bool any = false;
};

// Runs a driver until it is dead.
Cycle RunDriver(const std::string& path, int64_t call, int lines_before_kill,
                const std::array<int, kThreads>& before) {
  Cycle cycle;
  cycle.acknowledged = before;
  Driver driver({"kill", path, absl::StrCat(call)});
  std::string line;
  int lines = 0;
  while (driver.ReadLine(&line)) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "K") {
      words >> cycle.place;
    } else if (kind == "A") {
      size_t thread = 0;
      int number = 0;
      words >> thread >> number;
      EXPECT_EQ(number, cycle.acknowledged.at(thread) + 1) << line;
      cycle.acknowledged.at(thread) = number;
      cycle.any = true;
    } else {
      ADD_FAILURE() << line;
    }
    if (call == 0 && ++lines == lines_before_kill) driver.Kill();
  }
  const int status = driver.Wait();
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  return cycle;
}

// Compares the database with what was acknowledged. Sets `found` to the numbers
// of the threads, and raises `last` to the greatest revision.
void Judge(const std::string& path, const Cycle& cycle,
           std::array<int, kThreads>* found, Revision* last) {
  auto storage = SqliteStorage::Open(path, {});
  ASSERT_EQ(storage.status(), absl::OkStatus());
  EXPECT_EQ(
      (*storage)->Verify(
          [](const StorageProblem& problem) { ADD_FAILURE() << problem.what; },
          [](uint64_t, uint64_t) {}),
      absl::OkStatus());
  std::map<std::string, Record> records;
  EXPECT_EQ((*storage)->VisitAll([&](const NamedRecord& record) {
    records[record.key.id] = {record.revision, record.value};
    return absl::OkStatus();
  }),
            absl::OkStatus());
  std::set<Revision> revisions;
  size_t total = 0;
  Revision greatest = *last;
  for (size_t t = 0; t < kThreads; ++t) {
    const auto counter = records.find(absl::StrCat("c", t));
    const int number =
        counter == records.end() ? 0 : std::atoi(counter->second.value.c_str());
    // The last write may have become durable without its acknowledgement.
    EXPECT_GE(number, cycle.acknowledged[t]) << "an acknowledged write is lost";
    EXPECT_LE(number, cycle.acknowledged[t] + 1) << "a write nobody made";
    total += (number > 0 ? 1 : 0) + static_cast<size_t>(number);
    for (int n = 1; n <= number; ++n) {
      const auto log = records.find(absl::StrCat("l", t, "-", n));
      ASSERT_NE(log, records.end()) << "write " << n << " of thread " << t;
      EXPECT_TRUE(revisions.insert(log->second.revision).second)
          << "a revision was given twice";
      if (n > (*found)[t]) {
        EXPECT_GT(log->second.revision, *last) << "a revision was used again";
      }
      greatest = std::max(greatest, log->second.revision);
    }
    (*found)[t] = number;
  }
  EXPECT_EQ(records.size(), total) << "there are records that nobody wrote";
  *last = greatest;
}

TEST(SqliteProcesses, Killed_LoseNothingAcknowledged) {
  const char* const given = std::getenv("GLUE_SECURITY_KILL_CYCLES");
  const int cycles = given != nullptr ? std::atoi(given)
                     : IsShortRun()   ? 10
                                      : 100;
  std::mt19937_64 random(RunSeed());
  const TemporaryFolder folder;
  std::map<std::string, int> places;
  std::array<int, kThreads> found{};
  Revision last = 0;
  int number = 0;
  std::string path;
  for (int i = 0; i < cycles; ++i) {
    // A new file now and then, so that it stays small.
    if (i % 25 == 0) {
      path = folder.File(absl::StrCat("db", ++number));
      found = {};
      last = 0;
    }
    const bool from_outside = random() % 4 == 0;
    const auto call =
        from_outside ? 0 : static_cast<int64_t>(1 + random() % 1000);
    const Cycle cycle =
        RunDriver(path, call, static_cast<int>(1 + random() % 60), found);
    EXPECT_TRUE(cycle.any) << "a cycle without an acknowledged write";
    ++places[cycle.place];
    Judge(path, cycle, &found, &last);
    ASSERT_FALSE(HasFailure()) << "cycle " << i << ", call " << call;
  }
  for (const auto& [place, count] : places) {
    std::cout << "killed in " << place << ": " << count << "\n";
  }
}

// ---- Several processes at once

struct SharedCall {
  bool is_write = false;
  int64_t begin = 0;
  int64_t end = 0;
  bool committed = false;
  // The value that was read, or that a write was based on.
  std::string before;
  std::string value;
};

// Orders the committed writes of one record by the values that they were based
// on, and says why the calls are not linearizable; empty: they are.
std::string FindViolation(const std::vector<SharedCall>& calls) {
  std::map<std::string, const SharedCall*> next;
  size_t writes = 0;
  for (const SharedCall& call : calls) {
    if (!call.is_write || !call.committed) continue;
    ++writes;
    if (!next.emplace(call.before, &call).second) {
      return absl::StrCat("two writes are based on ", call.before);
    }
  }
  std::vector<const SharedCall*> order;
  std::map<std::string, size_t> position = {{"none", 0}};
  for (auto it = next.find("none"); it != next.end();
       it = next.find(it->second->value)) {
    order.push_back(it->second);
    position[it->second->value] = order.size();
  }
  if (order.size() != writes) return "a write is based on a value of nobody";
  int64_t latest_begin = 0;
  for (const SharedCall* const write : order) {
    if (write->end < latest_begin) return "writes are not in the order of time";
    latest_begin = std::max(latest_begin, write->begin);
  }
  for (const SharedCall& call : calls) {
    if (call.is_write && call.committed) continue;
    const std::string& seen = call.before;
    if (position.count(seen) == 0) return absl::StrCat("nobody wrote ", seen);
    const size_t at = position[seen];
    if (!call.is_write) {
      if (at > 0 && order[at - 1]->begin > call.end) {
        return absl::StrCat("a read of ", seen, " before its write");
      }
      if (at < order.size() && order[at]->end < call.begin) {
        return absl::StrCat("a read of ", seen, " after the next write");
      }
    } else if (at == order.size() || order[at]->begin > call.end) {
      return absl::StrCat("a conflict though ", seen, " was the last");
    }
  }
  return "";
}

void ShareAFile(int processes, int rounds) {
  const TemporaryFolder folder;
  const std::string path = folder.File("db");
  std::vector<std::unique_ptr<Driver>> drivers;
  for (int p = 0; p < processes; ++p) {
    drivers.push_back(std::make_unique<Driver>(std::vector<std::string>{
        "share", path, absl::StrCat("p", p), absl::StrCat(rounds)}));
  }
  std::map<std::string, std::vector<SharedCall>> calls;
  size_t count = 0;
  for (const auto& driver : drivers) {
    std::string line;
    while (driver->ReadLine(&line)) {
      std::istringstream words(line);
      std::string kind;
      std::string key;
      SharedCall call;
      words >> kind >> key >> call.begin >> call.end;
      call.is_write = kind == "W";
      if (call.is_write) words >> call.committed;
      words >> call.before >> call.value;
      EXPECT_TRUE(kind == "R" || kind == "W") << line;
      calls[key].push_back(call);
      ++count;
    }
    EXPECT_EQ(driver->Wait(), 0);
  }
  EXPECT_EQ(count, static_cast<size_t>(2 * processes * rounds));
  for (const auto& [key, of_key] : calls) {
    EXPECT_EQ(FindViolation(of_key), "") << key;
  }
  auto storage = SqliteStorage::Open(path, {});
  ASSERT_EQ(storage.status(), absl::OkStatus());
  EXPECT_EQ(
      (*storage)->Verify(
          [](const StorageProblem& problem) { ADD_FAILURE() << problem.what; },
          [](uint64_t, uint64_t) {}),
      absl::OkStatus());
}

TEST(SqliteProcesses, One_IsLinearizable) {
  ShareAFile(1, IsShortRun() ? 50 : 300);
}

TEST(SqliteProcesses, TwoOnOneFile_AreLinearizable) {
  ShareAFile(2, IsShortRun() ? 50 : 300);
}

TEST(SqliteProcesses, FourOnOneFile_AreLinearizable) {
  ShareAFile(4, IsShortRun() ? 50 : 300);
}

TEST(SqliteProcesses, TheJudge_FindsALostUpdateAndAStaleRead) {
  const SharedCall first{true, 1, 2, true, "none", "a"};
  const SharedCall second{true, 3, 4, true, "a", "b"};
  EXPECT_EQ(FindViolation({first, second}), "");
  EXPECT_NE(FindViolation({first, {true, 3, 4, true, "none", "b"}}), "");
  EXPECT_NE(FindViolation({first, second, {false, 5, 6, false, "a", ""}}), "");
  EXPECT_NE(FindViolation({first, {false, 0, 0, false, "a", ""}}), "");
  EXPECT_NE(FindViolation({first, {true, 3, 4, false, "a", "b"}}), "");
}

}  // namespace
}  // namespace glue_security
