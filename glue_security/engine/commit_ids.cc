#include "glue_security/engine/commit_ids.h"

#include <cstring>

#include "glue_security/model/random_bits.h"

namespace glue_security {

CommitIds::CommitIds() : prefix_(RandomBits()) {}

CommitId CommitIds::Next() {
  const uint64_t counter = counter_.fetch_add(1, std::memory_order_relaxed);
  CommitId id;
  std::memcpy(id.data(), &prefix_, sizeof(prefix_));
  std::memcpy(id.data() + sizeof(prefix_), &counter, sizeof(counter));
  return id;
}

}  // namespace glue_security
