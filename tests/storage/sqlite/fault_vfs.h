// FaultVfs: an SQLite VFS over the default one, in which a test decides what
// the system does to each call: it fails, writes only a part, finds the disk
// full, lies about a sync, or the process or the machine ends there.
//
//   FaultVfs vfs;
//   options.vfs = vfs.name();
//   vfs.FailCall(7, FaultVfs::Fault::kError);  // the seventh from now
//   ...
//   vfs.calls();  // the number of calls since then
//
// Syncs reach no disk. What a loss of power would take away is known instead:
// all that was written to a file since its last sync that did not lie.

#ifndef GLUE_SECURITY_TESTS_STORAGE_SQLITE_FAULT_VFS_H_
#define GLUE_SECURITY_TESTS_STORAGE_SQLITE_FAULT_VFS_H_

#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace glue_security {

// Thread-safe. REQUIRES: no file is open when it is destroyed.
class FaultVfs {
 public:
  enum class Fault {
    kError,     // the call fails and does nothing
    kShort,     // a write writes its first half and fails
    kFull,      // a write finds the disk full
    kLostSync,  // a sync does nothing, and says that it did
    // A sync fails, and no later one writes what it had to write: as Linux does
    // on most file systems, which take the pages for written from then on.
    kForgottenWrites,
    kTornCrash,  // a write writes its first sector, and the process ends
    kCrash,      // the process ends before the call, as far as files go
    kKill,       // the process ends before the call, by SIGKILL
  };

  enum class Call {
    kOpen,
    kDelete,
    kRead,
    kWrite,
    kTruncate,
    kSync,
    kSize,
    kMap
  };

  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  const std::string& name() const { return name_; }

  // Counts calls from 1 again, only those of the kind `only` if there is one,
  // and makes the `number`-th do `fault`; 0: none. A call for which the fault
  // makes no sense is not changed.
  void FailCall(int64_t number, Fault fault,
                std::optional<Call> only = std::nullopt);

  // Returns the number of calls since the last `FailCall`.
  int64_t calls() const;
  // Returns true once the fault has happened.
  bool has_failed() const;

  // From now on, or no longer: a file that would grow finds the disk full.
  void SetFull(bool full);
  // From now on, or no longer: syncs lie.
  void SetLying(bool lying);
  // From now on each sync takes this long, as on a disk of that speed.
  void SetSyncTime(std::chrono::nanoseconds time) { sync_time_ = time; }
  // From now on, or no longer: the process has ended, as far as files are
  // concerned. Every call fails and does nothing.
  void SetCrashed(bool crashed);

  // Is called before a kill, with the call and the file that it hits.
  void SetBeforeKill(std::function<void(Call, const std::string&)> function) {
    before_kill_ = std::move(function);
  }

  // Remembers what is written, for `LosePower`.
  void TrackPower() { tracks_ = true; }

  // Takes from each file what a loss of power takes. With `seed` 0, that is all
  // that was not synced; else some of it, sector by sector, at random.
  // REQUIRES: `TrackPower`, and no file is open.
  void LosePower(uint64_t seed);

 private:
  friend struct FaultVfsCalls;

  // Writes since the last sync, and the file before them.
  struct Unsynced {
    std::vector<uint8_t> before;
    bool has_before = false;
    struct Write {
      // A truncation has no bytes.
      int64_t offset;
      bool truncates;
      std::vector<uint8_t> bytes;
    };
    std::vector<Write> writes;
    // True from a sync with kForgottenWrites on: the disk does not have what
    // was written before it, whatever is synced later.
    bool forgot = false;
  };

  // Take note of a sync that did its work, and of one with kForgottenWrites.
  void Sync(const std::string& path);
  void Forget(const std::string& path);
  // Writes to the bytes of a file those sectors of a write for which `is_saved`
  // returns true. It is asked once for each sector, and once for a truncation.
  template <typename Saved>
  static void Apply(const Unsynced::Write& write, const Saved& is_saved,
                    std::vector<uint8_t>* bytes);

  // Returns true when this call is the one to fail, and how in `fault`.
  bool Next(Call call, const std::string& path, Fault* fault);
  // Takes note of a change before it is made.
  void Remember(const std::string& path, int64_t offset, bool truncates,
                const void* bytes, size_t size);

  const std::string name_;
  sqlite3_vfs* const real_;
  sqlite3_vfs vfs_;

  mutable std::mutex mutex_;
  int64_t calls_ = 0;
  int64_t fail_at_ = 0;
  Fault fault_ = Fault::kError;
  std::optional<Call> only_;
  bool failed_ = false;
  bool full_ = false;
  bool lying_ = false;
  bool crashed_ = false;
  bool tracks_ = false;
  std::atomic<std::chrono::nanoseconds> sync_time_{std::chrono::nanoseconds(0)};
  std::function<void(Call, const std::string&)> before_kill_;
  std::map<std::string, Unsynced> unsynced_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_STORAGE_SQLITE_FAULT_VFS_H_
