// FailingNew: a global operator new of which a chosen allocation fails. A test
// that depends on this target has it in place of the usual one.

#ifndef GLUE_SECURITY_TESTS_SUPPORT_FAILING_NEW_H_
#define GLUE_SECURITY_TESTS_SUPPORT_FAILING_NEW_H_

#include <cstdint>

namespace glue_security {

// Each thread has one of its own. In its life, and while no FailingNewPause
// lives, the thread's allocations are counted from 1, and the one with the
// given number throws std::bad_alloc, or gives nullptr where it is nothrow.
class FailingNew {
 public:
  explicit FailingNew(int64_t number);
  ~FailingNew();
  FailingNew(const FailingNew&) = delete;
  FailingNew& operator=(const FailingNew&) = delete;

  // Whether an allocation has failed.
  bool failed() const;
};

// Lets the thread's allocations succeed, uncounted.
class FailingNewPause {
 public:
  FailingNewPause();
  ~FailingNewPause();
  FailingNewPause(const FailingNewPause&) = delete;
  FailingNewPause& operator=(const FailingNewPause&) = delete;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_SUPPORT_FAILING_NEW_H_
