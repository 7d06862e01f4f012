// Child, HoldsInChild: run a function in a child of the test's process.

#ifndef GLUE_SECURITY_TESTS_SUPPORT_CHILD_H_
#define GLUE_SECURITY_TESTS_SUPPORT_CHILD_H_

#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace glue_security {

// A child that runs a function and ends with its result. It is killed at the
// end of the object's life.
class Child {
 public:
  template <typename Work>
  explicit Child(Work work) : process_(fork()) {
    if (process_ == 0) _exit(work() ? 0 : 1);
  }
  ~Child() { Kill(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void Kill() {
    if (process_ <= 0) return;
    kill(process_, SIGKILL);
    Wait();
  }

  // Returns the status of the process, after it has ended.
  int Wait() {
    int status = -1;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return status;
  }

 private:
  pid_t process_;
};

// Runs `work` in a child, and returns what it returns; false for a child that
// takes more than half a minute.
template <typename Work>
bool HoldsInChild(Work work) {
  Child child([&work] {
    alarm(30);
    return work();
  });
  return child.Wait() == 0;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_SUPPORT_CHILD_H_
