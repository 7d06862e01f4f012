// ForkGuard: knows without a system call whether the process is a child that
// was forked after the guard was made.
//
//   const ForkGuard guard;
//   guard.in_child();  // false
//   if (fork() == 0) {
//     guard.in_child();  // true
//   }
//
// The guard has a page of memory that the system clears in a child
// (MADV_WIPEONFORK, since Linux 4.14). Where there is none, each question is a
// getpid(2).

#ifndef GLUE_SECURITY_STORAGE_SQLITE_FORK_GUARD_H_
#define GLUE_SECURITY_STORAGE_SQLITE_FORK_GUARD_H_

#include <sys/types.h>

#include <atomic>

namespace glue_security {
namespace sqlite_internal {

// Thread-safe.
class ForkGuard {
 public:
  ForkGuard();
  ~ForkGuard();
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;

  bool in_child() const {
    if (page_ == nullptr) return IsOtherProcess();
    return page_->load(std::memory_order_relaxed) == 0;
  }

 private:
  bool IsOtherProcess() const;

  const pid_t process_;
  // The number 1 at the begin of a page; null where the system has none.
  std::atomic<int>* page_ = nullptr;
};

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_FORK_GUARD_H_
