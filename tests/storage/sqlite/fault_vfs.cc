#include "tests/storage/sqlite/fault_vfs.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

namespace glue_security {
namespace {

constexpr size_t kSectorBytes = 512;

// A file of this VFS; the real one follows it in memory.
struct FaultFile {
  sqlite3_file base;
  FaultVfs* vfs;
  const std::string* path;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultFile* FileOf(sqlite3_file* file) {
  return reinterpret_cast<FaultFile*>(file);
}

std::vector<uint8_t> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteWhole(const std::string& path, const std::vector<uint8_t>& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

// The functions that SQLite calls.
struct FaultVfsCalls {
  using Call = FaultVfs::Call;
  using Fault = FaultVfs::Fault;

  static FaultVfs* Of(sqlite3_vfs* vfs) {
    return static_cast<FaultVfs*>(vfs->pAppData);
  }

  static int Close(sqlite3_file* file) {
    FaultFile* const ours = FileOf(file);
    const int code = ours->real()->pMethods->xClose(ours->real());
    delete ours->path;
    return code;
  }

  static int Read(sqlite3_file* file, void* bytes, int size,
                  sqlite3_int64 offset) {
    FaultFile* const ours = FileOf(file);
    Fault fault;
    if (ours->vfs->Next(Call::kRead, *ours->path, &fault))
      return SQLITE_IOERR_READ;
    return ours->real()->pMethods->xRead(ours->real(), bytes, size, offset);
  }

  static int Write(sqlite3_file* file, const void* bytes, int size,
                   sqlite3_int64 offset) {
    FaultFile* const ours = FileOf(file);
    sqlite3_file* const real = ours->real();
    Fault fault;
    int written = size;
    if (ours->vfs->Next(Call::kWrite, *ours->path, &fault)) {
      if (fault == Fault::kShort) {
        written = size / 2;
      } else if (fault == Fault::kTornCrash) {
        written = std::min<int>(size, kSectorBytes);
      } else {
        return fault == Fault::kFull ? SQLITE_FULL : SQLITE_IOERR_WRITE;
      }
    }
    if (IsFull(ours->vfs)) {
      sqlite3_int64 length = 0;
      const int code = real->pMethods->xFileSize(real, &length);
      if (code != SQLITE_OK) return code;
      if (offset + size > length) return SQLITE_FULL;
    }
    ours->vfs->Remember(*ours->path, offset, false, bytes,
                        static_cast<size_t>(written));
    const int code = real->pMethods->xWrite(real, bytes, written, offset);
    if (code != SQLITE_OK || written == size) return code;
    return SQLITE_IOERR_WRITE;
  }

  static bool IsFull(FaultVfs* vfs) {
    const std::lock_guard<std::mutex> lock(vfs->mutex_);
    return vfs->full_;
  }

  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    FaultFile* const ours = FileOf(file);
    Fault fault;
    if (ours->vfs->Next(Call::kTruncate, *ours->path, &fault))
      return SQLITE_IOERR_TRUNCATE;
    ours->vfs->Remember(*ours->path, size, true, nullptr, 0);
    return ours->real()->pMethods->xTruncate(ours->real(), size);
  }

  static int Sync(sqlite3_file* file, int /*flags*/) {
    FaultFile* const ours = FileOf(file);
    Fault fault;
    if (ours->vfs->Next(Call::kSync, *ours->path, &fault)) {
      if (fault == Fault::kForgottenWrites) ours->vfs->Forget(*ours->path);
      return fault == Fault::kLostSync ? SQLITE_OK : SQLITE_IOERR_FSYNC;
    }
    std::this_thread::sleep_for(ours->vfs->sync_time_.load());
    ours->vfs->Sync(*ours->path);
    return SQLITE_OK;
  }

  static int Size(sqlite3_file* file, sqlite3_int64* size) {
    FaultFile* const ours = FileOf(file);
    Fault fault;
    if (ours->vfs->Next(Call::kSize, *ours->path, &fault))
      return SQLITE_IOERR_FSTAT;
    return ours->real()->pMethods->xFileSize(ours->real(), size);
  }

  static int Lock(sqlite3_file* file, int level) {
    sqlite3_file* const real = FileOf(file)->real();
    return real->pMethods->xLock(real, level);
  }
  static int Unlock(sqlite3_file* file, int level) {
    sqlite3_file* const real = FileOf(file)->real();
    return real->pMethods->xUnlock(real, level);
  }
  static int CheckReservedLock(sqlite3_file* file, int* result) {
    sqlite3_file* const real = FileOf(file)->real();
    return real->pMethods->xCheckReservedLock(real, result);
  }
  static int Control(sqlite3_file* file, int what, void* argument) {
    sqlite3_file* const real = FileOf(file)->real();
    return real->pMethods->xFileControl(real, what, argument);
  }
  static int SectorSize(sqlite3_file* file) {
    sqlite3_file* const real = FileOf(file)->real();
    return real->pMethods->xSectorSize(real);
  }
  static int Characteristics(sqlite3_file* file) {
    sqlite3_file* const real = FileOf(file)->real();
    return real->pMethods->xDeviceCharacteristics(real);
  }

  static int ShmMap(sqlite3_file* file, int page, int size, int extend,
                    void volatile** memory) {
    FaultFile* const ours = FileOf(file);
    Fault fault;
    if (ours->vfs->Next(Call::kMap, *ours->path, &fault))
      return SQLITE_IOERR_SHMMAP;
    return ours->real()->pMethods->xShmMap(ours->real(), page, size, extend,
                                           memory);
  }
  static int ShmLock(sqlite3_file* file, int offset, int n, int flags) {
    sqlite3_file* const real = FileOf(file)->real();
    return real->pMethods->xShmLock(real, offset, n, flags);
  }
  static void ShmBarrier(sqlite3_file* file) {
    sqlite3_file* const real = FileOf(file)->real();
    real->pMethods->xShmBarrier(real);
  }
  static int ShmUnmap(sqlite3_file* file, int remove) {
    sqlite3_file* const real = FileOf(file)->real();
    return real->pMethods->xShmUnmap(real, remove);
  }
  static int Fetch(sqlite3_file* /*file*/, sqlite3_int64 /*offset*/,
                   int /*size*/, void** page) {
    *page = nullptr;
    return SQLITE_OK;
  }
  static int Unfetch(sqlite3_file* /*file*/, sqlite3_int64 /*offset*/,
                     void* /*page*/) {
    return SQLITE_OK;
  }

  static int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file,
                  int flags, int* out_flags) {
    static const sqlite3_io_methods methods = {3,
                                               Close,
                                               Read,
                                               Write,
                                               Truncate,
                                               Sync,
                                               Size,
                                               Lock,
                                               Unlock,
                                               CheckReservedLock,
                                               Control,
                                               SectorSize,
                                               Characteristics,
                                               ShmMap,
                                               ShmLock,
                                               ShmBarrier,
                                               ShmUnmap,
                                               Fetch,
                                               Unfetch};
    FaultVfs* const ours = Of(vfs);
    auto* const opened = reinterpret_cast<FaultFile*>(file);
    opened->base.pMethods = nullptr;
    Fault fault;
    if (ours->Next(Call::kOpen, path == nullptr ? "" : path, &fault))
      return SQLITE_CANTOPEN;
    opened->vfs = ours;
    const int code =
        ours->real_->xOpen(ours->real_, path, opened->real(), flags, out_flags);
    if (code != SQLITE_OK) return code;
    opened->path = new std::string(path == nullptr ? "" : path);
    opened->base.pMethods = &methods;
    return SQLITE_OK;
  }

  static int Delete(sqlite3_vfs* vfs, const char* path, int sync) {
    FaultVfs* const ours = Of(vfs);
    Fault fault;
    if (ours->Next(Call::kDelete, path, &fault)) return SQLITE_IOERR_DELETE;
    const std::lock_guard<std::mutex> lock(ours->mutex_);
    ours->unsynced_.erase(path);
    return ours->real_->xDelete(ours->real_, path, sync);
  }
};

FaultVfs::FaultVfs()
    : name_("fault-" + std::to_string(reinterpret_cast<uintptr_t>(this))),
      real_(sqlite3_vfs_find(nullptr)),
      vfs_(*real_) {
  vfs_.zName = name_.c_str();
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(FaultFile)) + real_->szOsFile;
  vfs_.xOpen = FaultVfsCalls::Open;
  vfs_.xDelete = FaultVfsCalls::Delete;
  // The other functions of the unix VFS do not look at their first argument.
  sqlite3_vfs_register(&vfs_, /*makeDflt=*/0);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }

void FaultVfs::FailCall(int64_t number, Fault fault, std::optional<Call> only) {
  const std::lock_guard<std::mutex> lock(mutex_);
  calls_ = 0;
  fail_at_ = number;
  fault_ = fault;
  only_ = only;
  failed_ = false;
}

int64_t FaultVfs::calls() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return calls_;
}

bool FaultVfs::has_failed() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return failed_;
}

void FaultVfs::SetFull(bool full) {
  const std::lock_guard<std::mutex> lock(mutex_);
  full_ = full;
}

void FaultVfs::SetLying(bool lying) {
  const std::lock_guard<std::mutex> lock(mutex_);
  lying_ = lying;
}

void FaultVfs::SetCrashed(bool crashed) {
  const std::lock_guard<std::mutex> lock(mutex_);
  crashed_ = crashed;
}

bool FaultVfs::Next(Call call, const std::string& path, Fault* fault) {
  const std::lock_guard<std::mutex> lock(mutex_);
  *fault = Fault::kError;
  if (crashed_) return true;
  if (only_.has_value() && *only_ != call) return false;
  if (++calls_ != fail_at_) return false;
  if (call != Call::kWrite &&
      (fault_ == Fault::kShort || fault_ == Fault::kFull ||
       fault_ == Fault::kTornCrash)) {
    return false;
  }
  if (call != Call::kSync &&
      (fault_ == Fault::kLostSync || fault_ == Fault::kForgottenWrites)) {
    return false;
  }
  if (fault_ == Fault::kKill) {
    before_kill_(call, path);
    kill(getpid(), SIGKILL);
  }
  if (fault_ == Fault::kCrash || fault_ == Fault::kTornCrash) crashed_ = true;
  failed_ = true;
  *fault = fault_;
  return true;
}

void FaultVfs::Remember(const std::string& path, int64_t offset, bool truncates,
                        const void* bytes, size_t size) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!tracks_) return;
  Unsynced& file = unsynced_[path];
  if (!file.has_before) {
    file.has_before = true;
    // Reading the file by a descriptor of one's own would drop SQLite's locks.
    // A single process does not need them.
    file.before = ReadWhole(path);
  }
  Unsynced::Write write{offset, truncates, {}};
  write.bytes.resize(size);
  if (size > 0) std::memcpy(write.bytes.data(), bytes, size);
  file.writes.push_back(std::move(write));
}

void FaultVfs::Forget(const std::string& path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = unsynced_.find(path);
  if (found == unsynced_.end()) return;
  found->second.writes.clear();
  found->second.forgot = true;
}

void FaultVfs::Sync(const std::string& path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = unsynced_.find(path);
  if (lying_ || found == unsynced_.end()) return;
  Unsynced& file = found->second;
  if (!file.forgot) {
    unsynced_.erase(found);
    return;
  }
  for (const Unsynced::Write& write : file.writes) {
    Apply(
        write, [] { return true; }, &file.before);
  }
  file.writes.clear();
}

template <typename Saved>
void FaultVfs::Apply(const Unsynced::Write& write, const Saved& is_saved,
                     std::vector<uint8_t>* bytes) {
  const auto offset = static_cast<size_t>(write.offset);
  if (write.truncates) {
    if (is_saved()) bytes->resize(offset);
    return;
  }
  for (size_t i = 0; i < write.bytes.size();) {
    // To the end of the sector in the file.
    const size_t at = offset + i;
    const size_t n =
        std::min(write.bytes.size() - i, kSectorBytes - at % kSectorBytes);
    if (is_saved()) {
      bytes->resize(std::max(bytes->size(), at + n));
      std::memcpy(&(*bytes)[at], &write.bytes[i], n);
    }
    i += n;
  }
}

void FaultVfs::LosePower(uint64_t seed) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::mt19937_64 random(seed);
  for (auto& [path, file] : unsynced_) {
    // A file that was removed by hand stays so.
    if (access(path.c_str(), F_OK) != 0) continue;
    std::vector<uint8_t> bytes = std::move(file.before);
    for (const Unsynced::Write& write : file.writes) {
      Apply(
          write, [&] { return seed != 0 && random() % 2 == 0; }, &bytes);
    }
    WriteWhole(path, bytes);
    std::remove((path.substr(0, path.rfind("-wal")) + "-shm").c_str());
  }
  unsynced_.clear();
}

}  // namespace glue_security
