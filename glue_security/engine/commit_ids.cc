#include "glue_security/engine/commit_ids.h"

#include <cstring>
#include <random>

namespace glue_security {
namespace {

uint64_t RandomPrefix() {
  std::random_device random;
  return (uint64_t{random()} << 32) | random();
}

}  // namespace

CommitIds::CommitIds() : prefix_(RandomPrefix()) {}

CommitId CommitIds::Next() {
  const uint64_t counter = counter_.fetch_add(1, std::memory_order_relaxed);
  CommitId id;
  std::memcpy(id.data(), &prefix_, sizeof(prefix_));
  std::memcpy(id.data() + sizeof(prefix_), &counter, sizeof(counter));
  return id;
}

}  // namespace glue_security
