// Search: searches for an order of the calls of one part of a history.
//
// Wing and Gong: from a state, try each call that no other call must precede.
// Lowe: remember the sets of placed calls together with the states they led to,
// and never continue from the same pair twice. An answered read or failed write
// that shows no new time is placed at once, without an alternative: any order
// that places it later stays valid when it is moved here.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_SEARCH_H_
#define GLUE_SECURITY_TESTING_HISTORIES_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/testing/histories/partition.h"

namespace glue_security {
namespace history_internal {

// A call in a search; it may be weaker than the recorded one.
struct Item {
  const Op* op = nullptr;
  uint64_t end = kNoEnd;
  // True when it may take effect at any time after its start, or never.
  bool unknown = false;
};

// The rest of the budget.
struct Budget {
  uint64_t states = 0;
  Clock* clock = nullptr;  // null: no deadline
  absl::Time deadline = absl::InfiniteFuture();

  // Returns false when a bound is reached.
  bool Spend();
};

enum class Found { kOrder, kNone, kBudgetSpent };

// A longest order: places among the items, and the state after it.
struct DeadEnd {
  std::vector<size_t> order;
  State state;
  std::vector<size_t> candidates;
};

class Search {
 public:
  // REQUIRES: the items are in the order of their starts.
  Search(const Spec* spec, const std::vector<Item>* items, Budget* budget);

  Found Run();

  // After kNone: some of the orders that place the most answered calls.
  const std::vector<DeadEnd>& dead_ends() const { return dead_ends_; }

 private:
  // A state, and the choices to continue from it.
  struct Frame {
    State state;
    size_t placed;  // the length of `order_` after `Absorb`
    std::vector<size_t> choices;
    size_t next = 0;
  };

  bool Enter(State state);
  void Leave();
  // Places the calls that change nothing, wherever they are.
  void Absorb(const State& state);
  // Returns the calls that may come next, calls with open outcome last.
  std::vector<size_t> Candidates() const;
  void Place(size_t item);
  void Unplace();
  bool Remember(const State& state);
  void NoteDeadEnd(const State& state);

  static constexpr size_t kDeadEndsMax = 6;

  const Spec& spec_;
  const std::vector<Item>& items_;
  Budget* const budget_;
  std::vector<size_t> answered_;  // items with an answer
  std::vector<size_t> open_;      // the others

  std::vector<size_t> order_;
  std::vector<uint64_t> placed_;  // one bit for each item
  size_t answered_placed_ = 0;
  size_t first_ = 0;  // all of `answered_` before it are placed
  std::vector<Frame> frames_;
  absl::flat_hash_set<std::vector<uint64_t>> seen_;
  std::vector<DeadEnd> dead_ends_;
  size_t longest_ = 0;
};

}  // namespace history_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_SEARCH_H_
