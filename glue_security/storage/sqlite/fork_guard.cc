#include "glue_security/storage/sqlite/fork_guard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace glue_security {
namespace sqlite_internal {
namespace {

// The system rounds it up to a page.
constexpr size_t kBytes = sizeof(std::atomic<int>);

}  // namespace

ForkGuard::ForkGuard() : process_(getpid()) {
  void* const page = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return;
  if (madvise(page, static_cast<size_t>(sysconf(_SC_PAGESIZE)),
              MADV_WIPEONFORK) != 0) {
    munmap(page, kBytes);
    return;
  }
  page_ = new (page) std::atomic<int>(1);
}

ForkGuard::~ForkGuard() {
  if (page_ != nullptr) munmap(page_, kBytes);
}

bool ForkGuard::IsOtherProcess() const { return getpid() != process_; }

}  // namespace sqlite_internal
}  // namespace glue_security
