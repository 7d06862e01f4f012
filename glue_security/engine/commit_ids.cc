#include "glue_security/engine/commit_ids.h"

#include <cstring>

#include "glue_security/model/random_bits.h"

namespace glue_security {

CommitIds::CommitIds() : prefix_(RandomBits()) {}

CommitId CommitIds::Next() {
  const uint64_t counter = counter_.fetch_add(1, std::memory_order_relaxed);
  // The child of a fork has this object, too.
  const uint64_t prefix = prefix_ ^ ProcessBits();
  CommitId id;
  std::memcpy(id.data(), &prefix, sizeof(prefix));
  std::memcpy(id.data() + sizeof(prefix), &counter, sizeof(counter));
  return id;
}

}  // namespace glue_security
