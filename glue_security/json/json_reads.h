// The number of JSON texts that a thread has read. Tests hold the library to
// one reading of each text; nothing else uses it.

#ifndef GLUE_SECURITY_JSON_JSON_READS_H_
#define GLUE_SECURITY_JSON_JSON_READS_H_

#include <cstdint>

namespace glue_security {

// Counts the texts that were read, to the end or to the first error. Each
// thread counts for itself, so that counting takes one instruction.
inline int64_t& JsonReadsOfThisThread() {
  thread_local int64_t reads = 0;
  return reads;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_READS_H_
