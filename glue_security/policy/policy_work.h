// PolicyWork: how often this thread has read a policy text, checked one and
// compiled one. Tests hold the library to once for each text; nothing else
// reads it.

#ifndef GLUE_SECURITY_POLICY_POLICY_WORK_H_
#define GLUE_SECURITY_POLICY_POLICY_WORK_H_

#include <cstdint>

namespace glue_security {

struct PolicyWork {
  // Texts that were read as JSON, to the end or to their first error.
  int64_t parses = 0;
  // Documents that were held to the rules of policies.
  int64_t checks = 0;
  // Policies that an evaluator was made of.
  int64_t compilations = 0;
};

// Each thread counts for itself, so that to count takes one instruction.
inline PolicyWork& WorkOfThisThread() {
  thread_local PolicyWork work;
  return work;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_POLICY_WORK_H_
