// FailingNew: a global operator new that fails at a chosen allocation. It
// replaces the usual one in tests that depend on this target.

#ifndef GLUE_SECURITY_TESTS_SUPPORT_FAILING_NEW_H_
#define GLUE_SECURITY_TESTS_SUPPORT_FAILING_NEW_H_

#include <cstdint>

namespace glue_security {

// Makes one allocation of its thread fail. During its lifetime, and while no
// FailingNewPause lives, the thread's allocations are counted from 1. The one
// with the given number throws std::bad_alloc, or returns nullptr if nothrow.
class FailingNew {
 public:
  explicit FailingNew(int64_t number);
  ~FailingNew();
  FailingNew(const FailingNew&) = delete;
  FailingNew& operator=(const FailingNew&) = delete;

  // Returns true when an allocation has failed.
  bool failed() const;
};

// Lets the thread's allocations succeed, and does not count them.
class FailingNewPause {
 public:
  FailingNewPause();
  ~FailingNewPause();
  FailingNewPause(const FailingNewPause&) = delete;
  FailingNewPause& operator=(const FailingNewPause&) = delete;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_SUPPORT_FAILING_NEW_H_
