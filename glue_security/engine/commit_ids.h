// CommitIds: makes the commit ids of one engine.

#ifndef GLUE_SECURITY_ENGINE_COMMIT_IDS_H_
#define GLUE_SECURITY_ENGINE_COMMIT_IDS_H_

#include <atomic>
#include <cstdint>

#include "glue_security/model/record.h"

namespace glue_security {

// Thread-safe.
class CommitIds {
 public:
  CommitIds();

  // Returns an id that no other call returns, not even in another process or
  // in the child of a fork: a random prefix and the number of the call.
  CommitId Next();

 private:
  const uint64_t prefix_;
  std::atomic<uint64_t> counter_{1};
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENGINE_COMMIT_IDS_H_
