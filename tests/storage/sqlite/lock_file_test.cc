// LockFile between two objects of one process and between processes, which end
// in several ways while they hold the lock.

#include "glue_security/storage/sqlite/lock_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage/allocations.h"
#include "tests/storage/sqlite/restarting_sqlite.h"
#include "tests/support/child.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

using ::testing::HasSubstr;

// Longer than any test may take: a wait that ends only with the lock.
constexpr absl::Duration kLong = absl::Hours(1);

// A pipe, by which processes tell each other how far they are.
class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_, O_CLOEXEC) != 0) abort();
  }
  ~Pipe() {
    close(ends_[0]);
    if (ends_[1] >= 0) close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  void Tell(char what = '+') const {
    if (write(ends_[1], &what, 1) != 1) _exit(2);
  }
  // Closes the end that tells, in this process.
  void CloseWriter() {
    close(ends_[1]);
    ends_[1] = -1;
  }
  int descriptor() const { return ends_[0]; }

  // Waits for a `Tell`, or until every end that tells is closed.
  char Hear() const {
    char what = 0;
    while (read(ends_[0], &what, 1) < 0 && errno == EINTR) {
    }
    return what;
  }

 private:
  int ends_[2];
};

class LockFileTest : public ::testing::Test {
 protected:
  std::unique_ptr<LockFile> Open() const {
    auto file = LockFile::Open(path_);
    EXPECT_EQ(file.status(), absl::OkStatus());
    return *std::move(file);
  }

  // Returns true when an object of its own gets the lock at once.
  bool IsFree() const {
    const auto file = LockFile::Open(path_);
    return file.ok() && (*file)->Lock(absl::ZeroDuration()).ok();
  }

 private:
  const TemporaryFolder folder_;

 protected:
  const std::string path_ = folder_.File("db-lock");
};

TEST_F(LockFileTest, TwoObjectsOfOneProcess_ExcludeEachOther) {
  const auto first = Open();
  const auto second = Open();
  {
    const auto lock = first->Lock(kLong);
    ASSERT_EQ(lock.status(), absl::OkStatus());
    const auto refused = second->Lock(absl::ZeroDuration());
    EXPECT_TRUE(absl::IsUnavailable(refused.status())) << refused.status();
    EXPECT_THAT(refused.status().message(), HasSubstr(path_));
  }
  const auto lock = second->Lock(kLong);
  EXPECT_EQ(lock.status(), absl::OkStatus());
  EXPECT_TRUE(absl::IsUnavailable(first->Lock(absl::ZeroDuration()).status()));
}

TEST_F(LockFileTest, TheTimeout_PassesBeforeTheRefusal) {
  const auto holder = Open();
  const auto lock = holder->Lock(kLong);
  ASSERT_TRUE(lock.ok());
  const auto other = Open();
  const absl::Duration timeout = absl::Milliseconds(30);
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = other->Lock(timeout);
  const auto end = std::chrono::steady_clock::now();
  EXPECT_TRUE(absl::IsUnavailable(refused.status())) << refused.status();
  EXPECT_THAT(refused.status().message(), HasSubstr("30ms"));
  EXPECT_GE(absl::FromChrono(end - begin), timeout);
}

TEST_F(LockFileTest, AFailedAttempt_DoesNotTakeTheLockFromItsHolder) {
  const auto holder = Open();
  const auto lock = holder->Lock(kLong);
  ASSERT_TRUE(lock.ok());
  {
    const auto other = Open();
    EXPECT_FALSE(other->Lock(absl::ZeroDuration()).ok());
  }
  EXPECT_FALSE(IsFree());
}

TEST_F(LockFileTest, WithoutMemory_TheLockIsTakenOrRefused) {
  const auto file = Open();
  const auto other = Open();
  bool is_taken = false;
  absl::Status refusal;
  {
    const AllocationFailure failure(1, Failing::kFromThereOn);
    const auto lock = file->Lock(absl::ZeroDuration());
    is_taken = lock.ok();
    refusal = other->Lock(absl::ZeroDuration()).status();
  }
  EXPECT_TRUE(is_taken);
  EXPECT_TRUE(absl::IsUnavailable(refusal)) << refusal;
}

TEST_F(LockFileTest, AWait_EndsWhenTheLockIsFree) {
  const auto holder = Open();
  std::optional<HeldLock> lock;
  {
    auto got = holder->Lock(kLong);
    ASSERT_TRUE(got.ok());
    lock.emplace(*std::move(got));
  }
  std::atomic<bool> is_free{false};
  bool was_free = false;
  std::thread waiting([&] {
    const auto other = Open();
    const auto got = other->Lock(kLong);
    was_free = got.ok() && is_free;
  });
  is_free = true;
  lock.reset();
  waiting.join();
  EXPECT_TRUE(was_free);
}

TEST_F(LockFileTest, ThreadsWithObjectsOfTheirOwn_AreNeverInsideTogether) {
  std::atomic<int> inside{0};
  std::atomic<int> rounds{0};
  const auto work = [&] {
    const auto file = Open();
    for (int i = 0; i < 200; ++i) {
      const auto lock = file->Lock(kLong);
      ASSERT_TRUE(lock.ok());
      ASSERT_EQ(++inside, 1);
      ++rounds;
      --inside;
    }
  };
  std::thread one(work);
  std::thread two(work);
  std::thread three(work);
  one.join();
  two.join();
  three.join();
  EXPECT_EQ(rounds, 600);
}

TEST_F(LockFileTest, TheLock_CanBeTakenAgainAndAgain) {
  const auto file = Open();
  for (int i = 0; i < 10; ++i) {
    const auto lock = file->Lock(absl::ZeroDuration());
    ASSERT_EQ(lock.status(), absl::OkStatus()) << i;
    EXPECT_FALSE(IsFree());
  }
  EXPECT_TRUE(IsFree());
}

TEST_F(LockFileTest, AHeldLock_CanBeMoved) {
  const auto file = Open();
  auto got = file->Lock(kLong);
  ASSERT_TRUE(got.ok());
  auto first = std::make_unique<HeldLock>(*std::move(got));
  auto second = std::make_unique<HeldLock>(std::move(*first));
  // The end of an object that was moved from frees nothing.
  first = nullptr;
  EXPECT_FALSE(IsFree());
  second = nullptr;
  EXPECT_TRUE(IsFree());
}

TEST_F(LockFileTest, TheEndOfTheObject_FreesTheLock) {
  auto file = Open();
  auto got = file->Lock(kLong);
  ASSERT_TRUE(got.ok());
  // A lock whose end never comes.
  alignas(HeldLock) unsigned char memory[sizeof(HeldLock)];
  new (memory) HeldLock(*std::move(got));
  EXPECT_FALSE(IsFree());
  file = nullptr;
  EXPECT_TRUE(IsFree());
}

TEST_F(LockFileTest, TheFile_StaysAndIsTheSame) {
  struct stat before {};
  {
    const auto file = Open();
    ASSERT_EQ(stat(path_.c_str(), &before), 0);
    EXPECT_TRUE(file->Lock(kLong).ok());
  }
  struct stat after {};
  ASSERT_EQ(stat(path_.c_str(), &after), 0);
  EXPECT_TRUE(Open()->Lock(kLong).ok());
  struct stat later {};
  ASSERT_EQ(stat(path_.c_str(), &later), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(before.st_ino, later.st_ino);
  EXPECT_EQ(later.st_size, 0);
}

TEST_F(LockFileTest, AFileThatIsThere_IsNotChanged) {
  std::ofstream(path_) << "text";
  EXPECT_TRUE(Open()->Lock(kLong).ok());
  std::string text;
  std::ifstream(path_) >> text;
  EXPECT_EQ(text, "text");
}

TEST_F(LockFileTest, APathThatCannotBeOpened_IsUnavailable) {
  const std::string in_no_folder = path_ + "/none/lock";
  std::filesystem::create_directory(path_);
  std::filesystem::create_symlink("loop", path_ + "/loop");
  for (const auto& [path, reason] :
       {std::pair(in_no_folder, "No such file"), std::pair(path_, "directory"),
        std::pair(path_ + "/loop", "symbolic links")}) {
    const auto file = LockFile::Open(path);
    EXPECT_TRUE(absl::IsUnavailable(file.status())) << file.status();
    EXPECT_THAT(file.status().message(), HasSubstr(path));
    EXPECT_THAT(file.status().message(), HasSubstr(reason));
  }
}

// ---- Between processes

TEST_F(LockFileTest, AnotherProcess_IsExcludedUntilTheLockIsFree) {
  const auto file = Open();
  Pipe refused;
  Pipe freed;
  std::optional<Child> child;
  {
    const auto lock = file->Lock(kLong);
    ASSERT_TRUE(lock.ok());
    child.emplace([&] {
      refused.Tell(IsFree() ? '-' : '+');
      freed.Hear();
      return IsFree();
    });
    EXPECT_EQ(refused.Hear(), '+');
  }
  freed.Tell();
  EXPECT_EQ(child->Wait(), 0);
}

TEST_F(LockFileTest, AnotherProcess_Excludes) {
  Pipe held;
  Pipe go_on;
  Child child([&] {
    const auto file = LockFile::Open(path_);
    if (!file.ok()) return false;
    const auto lock = (*file)->Lock(kLong);
    held.Tell(lock.ok() ? '+' : '-');
    go_on.Hear();
    return true;
  });
  ASSERT_EQ(held.Hear(), '+');
  EXPECT_FALSE(IsFree());
  const auto file = Open();
  EXPECT_TRUE(absl::IsUnavailable(file->Lock(absl::Milliseconds(5)).status()));
  go_on.Tell();
  EXPECT_EQ(file->Lock(kLong).status(), absl::OkStatus());
  EXPECT_EQ(child.Wait(), 0);
}

// Holds the lock in a process of its own until it ends in the given way.
void ExpectFreeAfter(const std::string& path, bool kills) {
  Pipe held;
  Pipe end;
  Child child([&] {
    const auto file = LockFile::Open(path);
    if (!file.ok()) return false;
    const auto lock = (*file)->Lock(kLong);
    held.Tell(lock.ok() ? '+' : '-');
    end.Hear();
    // No destructor runs.
    _exit(0);
  });
  ASSERT_EQ(held.Hear(), '+');
  auto file = LockFile::Open(path);
  ASSERT_TRUE(file.ok());
  ASSERT_FALSE((*file)->Lock(absl::ZeroDuration()).ok());
  if (kills) {
    child.Kill();
  } else {
    end.Tell();
    child.Wait();
  }
  // The process has ended, so that nothing is left to wait for.
  EXPECT_EQ((*file)->Lock(absl::ZeroDuration()).status(), absl::OkStatus());
}

TEST_F(LockFileTest, TheLockOfAProcessThatWasKilled_IsFree) {
  ExpectFreeAfter(path_, /*kills=*/true);
}

TEST_F(LockFileTest, TheLockOfAProcessThatExited_IsFree) {
  ExpectFreeAfter(path_, /*kills=*/false);
}

// A process that holds the lock and has forked a child of its own, which waits
// until `end` is heard, or closed.
bool HoldWithChild(const std::string& path, const Pipe& held, Pipe& end,
                   bool runs_program) {
  const auto file = LockFile::Open(path);
  if (!file.ok()) return false;
  const auto lock = (*file)->Lock(kLong);
  if (!lock.ok()) return false;
  Pipe started;
  if (fork() == 0) {
    end.CloseWriter();
    if (runs_program) {
      dup2(end.descriptor(), STDIN_FILENO);
      execl("/bin/cat", "cat", nullptr);
      _exit(1);
    }
    started.Tell();
    end.Hear();
    _exit(0);
  }
  // The child's end of the pipe closes when the program begins.
  started.CloseWriter();
  started.Hear();
  held.Tell();
  for (;;) pause();
}

TEST_F(LockFileTest, AProgramThatTheHolderStarted_DoesNotKeepTheLock) {
  Pipe held;
  Pipe end;
  Child holder([&] { return HoldWithChild(path_, held, end, true); });
  ASSERT_EQ(held.Hear(), '+');
  EXPECT_FALSE(IsFree());
  holder.Kill();
  EXPECT_TRUE(IsFree());
}

TEST_F(LockFileTest, AForkedChildOfTheHolder_KeepsTheLockUntilItEnds) {
  Pipe held;
  Pipe end;
  Child holder([&] { return HoldWithChild(path_, held, end, false); });
  ASSERT_EQ(held.Hear(), '+');
  holder.Kill();
  EXPECT_FALSE(IsFree());
  end.Tell();
  EXPECT_EQ(Open()->Lock(kLong).status(), absl::OkStatus());
}

TEST_F(LockFileTest, AForkedChildOfTheHolder_DoesNotKeepALockThatWasFreed) {
  Pipe end;
  const auto file = Open();
  std::optional<Child> child;
  {
    const auto lock = file->Lock(kLong);
    ASSERT_TRUE(lock.ok());
    child.emplace([&] { return end.Hear() == '+'; });
  }
  EXPECT_TRUE(IsFree());
  end.Tell();
  EXPECT_EQ(child->Wait(), 0);
}

TEST_F(LockFileTest, Processes_AreNeverInsideTogether) {
  // The lock protects a number in a file, which each process reads and writes.
  const std::string number = path_ + "-number";
  std::ofstream(number) << 0;
  const auto work = [&] {
    const auto file = LockFile::Open(path_);
    if (!file.ok()) return false;
    for (int i = 0; i < 100; ++i) {
      const auto lock = (*file)->Lock(kLong);
      if (!lock.ok()) return false;
      int value = -1;
      std::ifstream(number) >> value;
      std::ofstream(number) << value + 1;
    }
    return true;
  };
  Child one(work);
  Child two(work);
  Child three(work);
  EXPECT_EQ(one.Wait(), 0);
  EXPECT_EQ(two.Wait(), 0);
  EXPECT_EQ(three.Wait(), 0);
  int value = 0;
  std::ifstream(number) >> value;
  EXPECT_EQ(value, 300);
}

}  // namespace
}  // namespace sqlite_internal
}  // namespace glue_security
