#include "glue_security/testing/histories/order_checker.h"

namespace glue_security {
namespace history_internal {

Budget NewBudget(const SearchBounds& bounds) {
  Budget budget;
  budget.states = bounds.states_max;
  if (bounds.clock != nullptr) {
    budget.clock = bounds.clock;
    budget.deadline = bounds.clock->Now() + bounds.time_max;
  }
  return budget;
}

}  // namespace history_internal
}  // namespace glue_security
