#include "glue_security/storage/sqlite/wal_tail.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

constexpr size_t kHeadBytes = 32;
constexpr size_t kFrameHeadBytes = 24;
constexpr uint32_t kMagic = 0x377f0682;

uint32_t BigEndian(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 |
         uint32_t{bytes[2]} << 8 | uint32_t{bytes[3]};
}

uint32_t LittleEndian(const uint8_t* bytes) {
  return uint32_t{bytes[3]} << 24 | uint32_t{bytes[2]} << 16 |
         uint32_t{bytes[1]} << 8 | uint32_t{bytes[0]};
}

// A closed descriptor at the end of a scope.
class File {
 public:
  explicit File(const std::string& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return descriptor_ >= 0; }

  // Reads `size` bytes, or fewer at the end of the file. Returns their number,
  // or -1.
  ssize_t Read(uint8_t* bytes, size_t size) const {
    size_t done = 0;
    while (done < size) {
      const ssize_t n = read(descriptor_, bytes + done, size - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return -1;
      if (n == 0) break;
      done += static_cast<size_t>(n);
    }
    return static_cast<ssize_t>(done);
  }

  // Returns true when there were `size` bytes at `offset`.
  bool ReadAt(uint64_t offset, uint8_t* bytes, size_t size) const {
    return lseek(descriptor_, static_cast<off_t>(offset), SEEK_SET) >= 0 &&
           Read(bytes, size) == static_cast<ssize_t>(size);
  }

 private:
  const int descriptor_;
};

// The file of a database, read by SQLite's own means: to close a descriptor of
// one's own would drop the locks that other connections of this process hold.
class DatabaseFile {
 public:
  explicit DatabaseFile(const std::string& path) {
    sqlite3_vfs* const vfs =
        sqlite3_initialize() == SQLITE_OK ? sqlite3_vfs_find(nullptr) : nullptr;
    if (vfs == nullptr) return;
    memory_.resize(static_cast<size_t>(vfs->szOsFile) / sizeof(memory_[0]) + 1);
    name_ = sqlite3_create_filename(path.c_str(), "", "", 0, nullptr);
    if (name_ == nullptr) return;
    constexpr int kFlags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY;
    is_open_ = vfs->xOpen(vfs, name_, file(), kFlags, nullptr) == SQLITE_OK;
  }
  ~DatabaseFile() {
    if (!memory_.empty() && file()->pMethods != nullptr) {
      file()->pMethods->xClose(file());
    }
    sqlite3_free_filename(name_);
  }
  DatabaseFile(const DatabaseFile&) = delete;
  DatabaseFile& operator=(const DatabaseFile&) = delete;

  bool is_open() const { return is_open_; }

  // Returns true when there were `size` bytes at `offset`.
  bool ReadAt(uint64_t offset, uint8_t* bytes, size_t size) {
    return file()->pMethods->xRead(file(), bytes, static_cast<int>(size),
                                   static_cast<sqlite3_int64>(offset)) ==
           SQLITE_OK;
  }

 private:
  sqlite3_file* file() {
    return reinterpret_cast<sqlite3_file*>(memory_.data());
  }

  // SQLite's file, in place.
  std::vector<uint64_t> memory_;
  // Its type differs between versions of SQLite.
  decltype(sqlite3_create_filename("", "", "", 0, nullptr)) name_ = nullptr;
  bool is_open_ = false;
};

// The two words of SQLite's running checksum.
struct Sum {
  uint32_t first = 0;
  uint32_t second = 0;

  friend bool operator==(const Sum& a, const Sum& b) {
    return a.first == b.first && a.second == b.second;
  }
};

Sum Extend(Sum sum, const uint8_t* bytes, size_t size, bool big_endian) {
  for (size_t i = 0; i + 8 <= size; i += 8) {
    const uint8_t* const next = bytes + i;
    sum.first +=
        (big_endian ? BigEndian(next) : LittleEndian(next)) + sum.second;
    sum.second +=
        (big_endian ? BigEndian(next + 4) : LittleEndian(next + 4)) + sum.first;
  }
  return sum;
}

// Returns the inverse of an odd number, modulo 2^32.
uint32_t Inverse(uint32_t odd) {
  // Right in the last three bits; each step doubles their number.
  uint32_t inverse = odd;
  for (int step = 0; step < 4; ++step) inverse *= 2 - odd * inverse;
  return inverse;
}

// A frame as it is in the file.
class Frame {
 public:
  explicit Frame(size_t page_bytes) : bytes_(kFrameHeadBytes + page_bytes) {}

  uint8_t* data() { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }

  // The last frame of a transaction has the size of the database, others 0.
  bool is_commit() const { return BigEndian(&bytes_[4]) != 0; }
  uint32_t page() const { return BigEndian(&bytes_[0]); }
  uint32_t salt(size_t i) const { return BigEndian(&bytes_[8 + 4 * i]); }
  Sum sum() const { return {BigEndian(&bytes_[16]), BigEndian(&bytes_[20])}; }

  // Returns true when the database has the contents of the page.
  bool IsIn(DatabaseFile* database) const {
    const size_t page_bytes = bytes_.size() - kFrameHeadBytes;
    std::vector<uint8_t> there(page_bytes);
    return page() != 0 &&
           database->ReadAt((uint64_t{page()} - 1) * page_bytes, there.data(),
                            page_bytes) &&
           std::equal(there.begin(), there.end(), &bytes_[kFrameHeadBytes]);
  }

  // Returns the sum that the frame should have after one with the sum `before`.
  Sum SumAfter(Sum before, bool big_endian) const {
    before = Extend(before, bytes_.data(), 8, big_endian);
    return Extend(before, &bytes_[kFrameHeadBytes],
                  bytes_.size() - kFrameHeadBytes, big_endian);
  }

  // Returns true when the frame was written after one with the sum `before`.
  bool Follows(Sum before, bool big_endian) const {
    return SumAfter(before, big_endian) == sum();
  }

  // The size of the database after the transaction that the frame ends, or 0.
  uint32_t database_size() const { return BigEndian(&bytes_[4]); }

  // Returns true when the frame ended a transaction before it was damaged,
  // unless the damage is in its sum. The size of the database was then from
  // `smallest` to `largest`.
  bool WasCommit(Sum before, bool big_endian, uint32_t smallest,
                 uint64_t largest) const {
    const std::optional<uint32_t> fitting = FittingSize(before, big_endian);
    if (!fitting.has_value()) return is_commit();
    // High bits of other words change the checksum as some of the size do. So
    // neither size is certain, and a doubt counts as a commit.
    for (const uint32_t size : {*fitting, database_size()}) {
      if (size >= smallest && size <= largest) return true;
    }
    return false;
  }

 private:
  // Returns the size of the database with which the frame would follow; nullopt
  // when there is none.
  std::optional<uint32_t> FittingSize(Sum before, bool big_endian) const {
    Frame other = *this;
    std::fill_n(&other.bytes_[4], 4, uint8_t{0});
    const Sum zero = other.SumAfter(before, big_endian);
    other.bytes_[big_endian ? 7 : 4] = 1;
    const Sum one = other.SumAfter(before, big_endian);
    // Each word of the checksum is linear in the size. The two factors are
    // neighbors among the Fibonacci numbers, so that one of them is odd and can
    // be divided by.
    const Sum factor = {one.first - zero.first, one.second - zero.second};
    // In the byte order of the checksum.
    const uint32_t size =
        (factor.first & 1) != 0
            ? (sum().first - zero.first) * Inverse(factor.first)
            : (sum().second - zero.second) * Inverse(factor.second);
    if (zero.first + size * factor.first != sum().first ||
        zero.second + size * factor.second != sum().second) {
      return std::nullopt;
    }
    if (big_endian) return size;
    return size << 24 | (size << 8 & 0xff0000) | (size >> 8 & 0xff00) |
           size >> 24;
  }

  std::vector<uint8_t> bytes_;
};

// The head of a log.
struct Head {
  uint8_t bytes[kHeadBytes];

  bool big_endian() const { return (BigEndian(bytes) & 1) != 0; }
  size_t page_bytes() const { return BigEndian(bytes + 8); }
  uint32_t salt(size_t i) const { return BigEndian(bytes + 16 + 4 * i); }
  Sum sum() const { return {BigEndian(bytes + 24), BigEndian(bytes + 28)}; }

  // Returns true when it is the head of a log, and its page size is possible.
  bool is_log() const {
    const size_t page = page_bytes();
    return (BigEndian(bytes) & ~1U) == kMagic && page >= 512 && page <= 65536 &&
           (page & (page - 1)) == 0;
  }

  bool is_good() const {
    return is_log() && Extend(Sum(), bytes, 24, big_endian()) == sum();
  }
};

// Returns the number of salts that the frame has from the head.
size_t CommonSalts(const Head& head, const Frame& frame) {
  size_t common = 0;
  for (size_t i = 0; i < 2; ++i) common += head.salt(i) == frame.salt(i);
  return common;
}

absl::Status Unreadable(const std::string& path) {
  return absl::UnavailableError(absl::StrCat(path, ": cannot be read"));
}

absl::Status Damaged(const std::string& path, const std::string& what) {
  return absl::DataLossError(absl::StrCat(
      path, ": ", what, "; SQLite would drop the commits that follow"));
}

// Returns true when the database has every page of the log's transactions as
// the last of them left it. `head` is that of the log, and bad.
bool IsCheckpointed(const std::string& path, const File& log,
                    const Head& head) {
  absl::string_view database_path = path;
  if (!absl::ConsumeSuffix(&database_path, "-wal")) return false;
  DatabaseFile database(
      std::string(database_path.data(), database_path.size()));
  if (!database.is_open() || !head.is_log()) return false;
  Frame frame(head.page_bytes());
  // By page: the places of the frames of the transactions, and of those behind
  // the last transaction.
  std::map<uint32_t, uint64_t> places;
  std::map<uint32_t, uint64_t> pending;
  uint32_t salts[2] = {};
  Sum last;
  for (uint64_t place = kHeadBytes;
       log.ReadAt(place, frame.data(), frame.size()); place += frame.size()) {
    const bool is_first = place == kHeadBytes;
    if (is_first) {
      salts[0] = frame.salt(0);
      salts[1] = frame.salt(1);
    } else if (frame.salt(0) != salts[0] || frame.salt(1) != salts[1] ||
               !frame.Follows(last, head.big_endian())) {
      break;
    }
    last = frame.sum();
    pending[frame.page()] = place;
    if (!frame.is_commit()) continue;
    for (const auto& [page, at] : pending) places[page] = at;
    pending.clear();
  }
  for (const auto& [page, at] : places) {
    if (!log.ReadAt(at, frame.data(), frame.size())) return false;
    if (!frame.IsIn(&database)) return false;
  }
  return !places.empty();
}

// Called when the head is bad. It is synced before the first frame is written,
// and a new log changes both salts. So a frame with a salt of the head comes
// from this log, whose head was good; or a new head was cut off, which is
// written once the database has all of the log.
absl::Status CheckBadHead(const std::string& path, const File& file,
                          const Head& head) {
  Frame frame(0);
  const ssize_t read = file.Read(frame.data(), frame.size());
  if (read < 0) return Unreadable(path);
  if (read < static_cast<ssize_t>(frame.size())) return absl::OkStatus();
  if (CommonSalts(head, frame) == 0 || IsCheckpointed(path, file, head)) {
    return absl::OkStatus();
  }
  return Damaged(path, "the head of the log is damaged");
}

// Follows the frames of a log with a good head.
class TailCheck {
 public:
  explicit TailCheck(const Head& head) : head_(head), last_(head.sum()) {}

  // Takes the next frame. Returns true when it shows that a transaction follows
  // the damage.
  bool Add(const Frame& frame) {
    ++frames_;
    const bool big_endian = head_.big_endian();
    const bool is_ours = CommonSalts(head_, frame) == 2;
    if (bad_ == 0) {
      if (is_ours && frame.Follows(last_, big_endian)) {
        last_ = frame.sum();
        ++frames_of_transaction_;
        if (frame.is_commit()) {
          size_ = frame.database_size();
          frames_of_transaction_ = 0;
        }
        return false;
      }
      bad_ = frames_;
      before_ = {Before{frame.sum(), WasCommit(frame)},
                 Before{frame.SumAfter(last_, big_endian), frame.is_commit()}};
      return false;
    }
    // Frames with the right salts may be left from a transaction that failed,
    // and that another one was written over. They follow no end of another.
    bool follows_end = false;
    for (const Before& before : before_) {
      if (before.is_commit && frame.Follows(before.sum, big_endian)) {
        follows_end = true;
      }
    }
    if (is_ours && follows_end) return true;
    before_.fill({frame.sum(), frame.is_commit() || follows_end});
    return false;
  }

  // The number of the first bad frame, from 1.
  size_t bad() const { return bad_; }

 private:
  // A frame as it may have been before it was damaged.
  struct Before {
    Sum sum;
    bool is_commit = false;
  };

  // Returns whether the first bad frame was one of a commit. A database of ours
  // becomes no smaller, and grows by the pages that are written, and by one
  // that SQLite leaves out for its locks.
  bool WasCommit(const Frame& frame) const {
    const bool knows_size = size_ != 0;
    return frame.WasCommit(
        last_, head_.big_endian(), std::max<uint32_t>(size_, 1),
        knows_size ? size_ + frames_of_transaction_ + 2 : UINT32_MAX);
  }

  const Head& head_;
  // The sum of the last good frame.
  Sum last_;
  // The size of the database after the last good transaction; 0: not known.
  uint32_t size_ = 0;
  // The number of good frames since then.
  uint64_t frames_of_transaction_ = 0;
  size_t frames_ = 0;
  size_t bad_ = 0;
  // The last frame, if its sum is right, and if it is the sum that is damaged.
  std::array<Before, 2> before_;
};

}  // namespace

absl::Status CheckWalTail(const std::string& path) {
  const File file(path);
  if (!file.is_open()) {
    if (errno == ENOENT) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(path, ": cannot be opened"));
  }
  Head head;
  const ssize_t read = file.Read(head.bytes, kHeadBytes);
  if (read < 0) return Unreadable(path);
  if (read < static_cast<ssize_t>(kHeadBytes)) return absl::OkStatus();
  if (!head.is_good()) return CheckBadHead(path, file, head);
  TailCheck check(head);
  Frame frame(head.page_bytes());
  while (true) {
    const ssize_t bytes = file.Read(frame.data(), frame.size());
    if (bytes < 0) return Unreadable(path);
    if (bytes < static_cast<ssize_t>(frame.size())) return absl::OkStatus();
    if (check.Add(frame)) {
      return Damaged(
          path, absl::StrCat("frame ", check.bad(), " of the log is damaged"));
    }
  }
}

bool IsForeignLog(const std::string& database, const std::string& log) {
  const File file(log);
  if (!file.is_open()) return false;
  Head head;
  if (file.Read(head.bytes, kHeadBytes) < static_cast<ssize_t>(kHeadBytes) ||
      !head.is_good()) {
    return false;
  }
  // The versions of the format for writers and readers; 2 means a log.
  constexpr uint64_t kVersionsOffset = 18;
  uint8_t versions[2];
  DatabaseFile opened(database);
  return opened.is_open() &&
         opened.ReadAt(kVersionsOffset, versions, sizeof(versions)) &&
         versions[0] == 1 && versions[1] == 1;
}

}  // namespace sqlite_internal
}  // namespace glue_security
