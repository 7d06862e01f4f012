#include "tests/storage/sqlite/restarting_sqlite.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>
#include <utility>

namespace glue_security {
namespace {

using Fault = FaultVfs::Fault;

// A commit writes at least three pages, each by two writes.
constexpr int kWrites = 6;
// The faults of a write, first those after which the process goes on.
constexpr Fault kFaults[] = {Fault::kError, Fault::kShort, Fault::kFull,
                             Fault::kCrash, Fault::kTornCrash};
constexpr int kFaultsGoingOn = 3;

// Memory, where there is such a folder: a test makes thousands of files.
std::string FolderForFiles() {
  if (std::filesystem::is_directory("/dev/shm")) return "/dev/shm/";
  const char* const folder = std::getenv("TEST_TMPDIR");
  return std::string(folder == nullptr ? "/tmp" : folder) + "/";
}

}  // namespace

TemporaryFolder::TemporaryFolder()
    : path_(FolderForFiles() + "glue_security_XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) std::abort();
  path_ += "/";
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

RestartingSqlite::RestartingSqlite(const SqliteStorageOptions& options)
    : path_(folder_.File("db")), options_(options) {
  options_.vfs = vfs_.name();
  storage_ = Open();
}

RestartingSqlite::~RestartingSqlite() { storage_ = nullptr; }

std::shared_ptr<SqliteStorage> RestartingSqlite::Open() {
  auto storage = SqliteStorage::Open(path_, options_);
  if (!storage.ok()) {
    std::cerr << storage.status() << "\n";
    std::abort();
  }
  if (step_) {
    (*storage)->SetStepForTesting([this] {
      // The commit that was to fail is over; those of others do not.
      if (armed_ == std::this_thread::get_id()) {
        armed_ = std::thread::id();
        vfs_.FailCall(0, Fault::kError);
      }
      step_();
      ArmIfFailing();
    });
  }
  return *std::move(storage);
}

void RestartingSqlite::Crash() {
  vfs_.SetCrashed(true);
  storage_ = nullptr;
  vfs_.SetCrashed(false);
  vfs_.FailCall(0, Fault::kError);
  needs_restart_ = false;
  storage_ = Open();
}

void RestartingSqlite::Restart() {
  needs_restart_ = false;
  auto next = Open();
  const std::lock_guard<std::mutex> lock(mutex_);
  storage_.swap(next);
}

std::shared_ptr<SqliteStorage> RestartingSqlite::storage() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return storage_;
}

std::shared_ptr<SqliteStorage> RestartingSqlite::Usable() {
  if (needs_restart_) {
    if (crashes_) {
      Crash();
    } else {
      Restart();
    }
  }
  return storage();
}

bool RestartingSqlite::Fail(Fault fault, FaultVfs::Call call, int number) {
  Usable();
  planned_ = true;
  number_ = number;
  fault_ = fault;
  call_ = call;
  return true;
}

void RestartingSqlite::ArmIfFailing() {
  if (failing_ != std::this_thread::get_id()) return;
  failing_ = std::thread::id();
  armed_ = std::this_thread::get_id();
  vfs_.FailCall(number_, fault_, call_);
}

bool RestartingSqlite::FailNextCommit(int way) {
  constexpr int kCount = static_cast<int>(std::size(kFaults));
  if (way < kWrites * kCount) {
    return Fail(kFaults[static_cast<size_t>(way % kCount)],
                FaultVfs::Call::kWrite, 1 + way / kCount);
  }
  if (durability() != Durability::kPowerLoss) return false;
  switch (way - kWrites * kCount) {
    case 0:
      return Fail(Fault::kError, FaultVfs::Call::kSync, 1);
    case 1:
      return Fail(Fault::kCrash, FaultVfs::Call::kSync, 1);
    default:
      return false;
  }
}

bool RestartingSqlite::FailNextCommitAndGoOn(int way) {
  if (way < kWrites * kFaultsGoingOn) {
    return Fail(kFaults[static_cast<size_t>(way % kFaultsGoingOn)],
                FaultVfs::Call::kWrite, 1 + way / kFaultsGoingOn);
  }
  if (durability() != Durability::kPowerLoss) return false;
  if (way > kWrites * kFaultsGoingOn) return false;
  return Fail(Fault::kError, FaultVfs::Call::kSync, 1);
}

void RestartingSqlite::SetStep(std::function<void()> step) {
  step_ = std::move(step);
  Restart();
}

Durability RestartingSqlite::durability() const {
  return storage()->durability();
}

absl::StatusOr<Snapshot> RestartingSqlite::Read(const ReadSet& read_set) {
  return Usable()->Read(read_set);
}

absl::StatusOr<CommitResult> RestartingSqlite::Commit(const WriteBatch& batch) {
  auto storage = Usable();
  if (!planned_.exchange(false)) {
    auto result = storage->Commit(batch);
    // The commit of another caller, which was made to fail, came between.
    while (absl::IsUnavailable(result.status()) && storage != Usable()) {
      storage = Usable();
      result = storage->Commit(batch);
    }
    return result;
  }
  // The commits of others within the step do not fail.
  failing_ = std::this_thread::get_id();
  if (!step_) ArmIfFailing();
  auto result = storage->Commit(batch);
  const bool failed = vfs_.has_failed();
  armed_ = std::thread::id();
  vfs_.FailCall(0, Fault::kError);
  crashes_ = failed && (fault_ == Fault::kCrash || fault_ == Fault::kTornCrash);
  if (crashes_ || absl::IsUnknown(result.status())) needs_restart_ = true;
  return result;
}

absl::Status RestartingSqlite::VisitRecord(const CatalogKey& catalog,
                                           const RecordKey& key,
                                           RecordVisitor visitor) {
  return Usable()->VisitRecord(catalog, key, visitor);
}

}  // namespace glue_security
