#include "glue_security/testing/histories/order_search.h"

namespace glue_security {
namespace history_internal {
namespace {

// The clock is read once in this many states.
constexpr uint64_t kStatesBetweenLooks = 256;

}  // namespace

bool Budget::Spend() {
  if (states == 0) return false;
  --states;
  return clock == nullptr || states % kStatesBetweenLooks != 0 ||
         clock->Now() < deadline;
}

}  // namespace history_internal
}  // namespace glue_security
