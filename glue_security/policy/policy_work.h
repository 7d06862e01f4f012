// PolicyWork: the number of policies that a thread has parsed, checked and
// compiled. Tests use it to show that each text is parsed, checked and compiled
// at most once. Nothing else uses it.

#ifndef GLUE_SECURITY_POLICY_POLICY_WORK_H_
#define GLUE_SECURITY_POLICY_POLICY_WORK_H_

#include <cstdint>

#include "glue_security/json/json_reads.h"

namespace glue_security {

struct PolicyWork {
  // Texts that were parsed as JSON, to the end or to the first error.
  int64_t parses = 0;
  // Documents that were checked against the rules of policies.
  int64_t checks = 0;
  // Policies that were compiled into an evaluator.
  int64_t compilations = 0;
};

// The count of checks and compilations. Each thread has its own, so that
// counting takes one instruction.
inline PolicyWork& CountOfThisThread() {
  thread_local PolicyWork work;
  return work;
}

// Returns the work of this thread so far.
inline PolicyWork WorkOfThisThread() {
  PolicyWork work = CountOfThisThread();
  work.parses = JsonReadsOfThisThread();
  return work;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_POLICY_WORK_H_
