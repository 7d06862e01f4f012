#include "tests/support/memory_scan.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr size_t kWindow = size_t{1} << 20;
constexpr size_t kNeedleBegin = 24;
constexpr size_t kNeedleBytes = 48;

// A page-aligned buffer of its own, which the scan passes over.
class Window {
 public:
  Window()
      : bytes_(static_cast<unsigned char*>(
            mmap(nullptr, kWindow + kNeedleBytes, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {}
  ~Window() { munmap(bytes_, kWindow + kNeedleBytes); }

  unsigned char* bytes() const { return bytes_; }
  uintptr_t begin() const { return reinterpret_cast<uintptr_t>(bytes_); }
  uintptr_t end() const { return begin() + kWindow + kNeedleBytes; }

 private:
  unsigned char* const bytes_;
};

size_t CountIn(const unsigned char* bytes, size_t size,
               const unsigned char* masked, unsigned char mask) {
  size_t count = 0;
  for (size_t at = 0; at + kNeedleBytes <= size; ++at) {
    size_t same = 0;
    while (same < kNeedleBytes && (bytes[at + same] ^ mask) == masked[same]) {
      ++same;
    }
    if (same == kNeedleBytes) ++count;
  }
  return count;
}

}  // namespace

MarkedSecret::MarkedSecret() {
  std::random_device random;
  for (unsigned char& byte : masked_) {
    byte = static_cast<unsigned char>('a' + random() % 26) ^ kMask;
  }
}

void MarkedSecret::CopyTo(std::string* text) const {
  text->assign(kBytes, '\0');
  for (size_t i = 0; i < kBytes; ++i) {
    (*text)[i] = static_cast<char>(masked_[i] ^ kMask);
  }
}

size_t MarkedSecret::CountInMemory() const {
  const Window window;
  const int memory = open("/proc/self/mem", O_RDONLY);
  EXPECT_GE(memory, 0);
  std::ifstream maps("/proc/self/maps");
  size_t count = 0;
  for (std::string line; std::getline(maps, line);) {
    unsigned long long begin = 0;
    unsigned long long end = 0;
    char rights[5] = {};
    if (std::sscanf(line.c_str(), "%llx-%llx %4s", &begin, &end, rights) != 3 ||
        rights[0] != 'r' || rights[1] != 'w') {
      continue;
    }
    // The kernel may have joined the window with its neighbours.
    for (unsigned long long at = begin; at < end;) {
      if (at >= window.begin() && at < window.end()) {
        at = window.end();
        continue;
      }
      unsigned long long stop = std::min<unsigned long long>(end, at + kWindow);
      if (at < window.begin() && window.begin() < stop) stop = window.begin();
      const unsigned long long overlap =
          std::min<unsigned long long>(end - stop, kNeedleBytes - 1);
      const ssize_t got = pread(memory, window.bytes(), stop - at + overlap,
                                static_cast<off_t>(at));
      if (got > 0) {
        count += CountIn(window.bytes(), static_cast<size_t>(got),
                         masked_ + kNeedleBegin, kMask);
      }
      at = stop;
    }
  }
  close(memory);
  return count;
}

void Overwrite(std::string* text) {
  volatile char* const bytes = &(*text)[0];
  for (size_t i = 0; i < text->size(); ++i) bytes[i] = '#';
}

}  // namespace glue_security
