#include "glue_security/storage/sqlite/wal_tail.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

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

 private:
  const int descriptor_;
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

// A frame as it is in the file.
class Frame {
 public:
  explicit Frame(size_t page_bytes) : bytes_(kFrameHeadBytes + page_bytes) {}

  uint8_t* data() { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }

  // The last frame of a transaction has the size of the database, others 0.
  bool is_commit() const { return BigEndian(&bytes_[4]) != 0; }
  uint32_t salt(size_t i) const { return BigEndian(&bytes_[8 + 4 * i]); }
  Sum sum() const { return {BigEndian(&bytes_[16]), BigEndian(&bytes_[20])}; }

  // Returns true when the frame was written after one with the sum `before`.
  bool Follows(Sum before, bool big_endian) const {
    before = Extend(before, bytes_.data(), 8, big_endian);
    return Extend(before, &bytes_[kFrameHeadBytes],
                  bytes_.size() - kFrameHeadBytes, big_endian) == sum();
  }

  // Returns true when the frame would follow if one more bit of the size were
  // set: it ended a transaction, and lost the bit that said so.
  bool WasCommit(Sum before, bool big_endian) const {
    for (size_t bit = 0; bit < 32; ++bit) {
      Frame other = *this;
      other.bytes_[4 + bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
      if (other.Follows(before, big_endian)) return true;
    }
    return false;
  }

 private:
  std::vector<uint8_t> bytes_;
};

// The head of a log.
struct Head {
  uint8_t bytes[kHeadBytes];

  bool big_endian() const { return (BigEndian(bytes) & 1) != 0; }
  size_t page_bytes() const { return BigEndian(bytes + 8); }
  uint32_t salt(size_t i) const { return BigEndian(bytes + 16 + 4 * i); }
  Sum sum() const { return {BigEndian(bytes + 24), BigEndian(bytes + 28)}; }

  bool is_good() const {
    const size_t page = page_bytes();
    return (BigEndian(bytes) & ~1U) == kMagic && page >= 512 && page <= 65536 &&
           (page & (page - 1)) == 0 &&
           Extend(Sum(), bytes, 24, big_endian()) == sum();
  }
};

// Returns the number of salts that the frame has from the head.
size_t CommonSalts(const Head& head, const Frame& frame) {
  size_t common = 0;
  for (size_t i = 0; i < 2; ++i) common += head.salt(i) == frame.salt(i);
  return common;
}

absl::Status Damaged(const std::string& path, const std::string& what) {
  return absl::DataLossError(absl::StrCat(
      path, ": ", what, "; SQLite would drop the commits that follow"));
}

// Called when the head is bad. It is synced before the first frame is written,
// and a new log changes both salts. So a frame with a salt of the head comes
// from this log, whose head was good.
absl::Status CheckBadHead(const std::string& path, const File& file,
                          const Head& head) {
  Frame frame(0);
  const ssize_t read = file.Read(frame.data(), frame.size());
  if (read < static_cast<ssize_t>(frame.size())) return absl::OkStatus();
  if (CommonSalts(head, frame) == 0) return absl::OkStatus();
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
    const size_t common = CommonSalts(head_, frame);
    if (bad_ == 0) {
      if (common == 2 && frame.Follows(last_, head_.big_endian())) {
        last_ = frame.sum();
        return false;
      }
      bad_ = frames_;
      ended_ = common > 0 && (frame.is_commit() ||
                              frame.WasCommit(last_, head_.big_endian()));
      return false;
    }
    if (common < 2) return false;
    if (ended_) return true;
    ended_ = frame.is_commit();
    return false;
  }

  // The number of the first bad frame, from 1.
  size_t bad() const { return bad_; }

 private:
  const Head& head_;
  // The sum of the last good frame.
  Sum last_;
  size_t frames_ = 0;
  size_t bad_ = 0;
  // The transaction of the first bad frame has ended.
  bool ended_ = false;
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
  if (read < 0) {
    return absl::UnavailableError(absl::StrCat(path, ": cannot be read"));
  }
  if (read < static_cast<ssize_t>(kHeadBytes)) return absl::OkStatus();
  if (!head.is_good()) return CheckBadHead(path, file, head);
  TailCheck check(head);
  Frame frame(head.page_bytes());
  while (true) {
    const ssize_t bytes = file.Read(frame.data(), frame.size());
    if (bytes < 0) {
      return absl::UnavailableError(absl::StrCat(path, ": cannot be read"));
    }
    if (bytes < static_cast<ssize_t>(frame.size())) return absl::OkStatus();
    if (check.Add(frame)) {
      return Damaged(
          path, absl::StrCat("frame ", check.bad(), " of the log is damaged"));
    }
  }
}

}  // namespace sqlite_internal
}  // namespace glue_security
