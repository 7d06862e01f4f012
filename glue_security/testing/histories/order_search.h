// OrderSearch: searches for an order of the calls of one part of a history that
// a sequential specification explains.
//
// Wing and Gong: from a state, try each call that no other call must precede.
// Lowe: remember the sets of placed calls together with the states they led to,
// and never continue from the same pair twice. An answered read or failed write
// that shows no new time is placed at once, without an alternative: any order
// that places it later stays valid when it is moved here.
//
// A specification `Spec` has
//
//   using Op, State;  // State: copied, compared by ==
//   using Key;        // a pair that is remembered; hashed by Abseil
//   Key KeyOf(const std::vector<uint64_t>& placed, const State& state) const;
//   State Initial() const;
//   bool Apply(const Op& op, bool unknown, const State& state,
//              State* next) const;
//
// and an `Op` has `start`, `end`, `read_only` and `effectless()`. partition.h
// has ours; model_linearizability.h makes one of any sequential model.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_ORDER_SEARCH_H_
#define GLUE_SECURITY_TESTING_HISTORIES_ORDER_SEARCH_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/backend/history.h"

namespace glue_security {
namespace history_internal {

// A call in a search; it may be weaker than the recorded one.
template <typename Op>
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
template <typename State>
struct DeadEnd {
  std::vector<size_t> order;
  State state;
  std::vector<size_t> candidates;
};

template <typename Spec>
class OrderSearch {
 public:
  using State = typename Spec::State;
  using Items = std::vector<Item<typename Spec::Op>>;

  // REQUIRES: the items are in the order of their starts. All outlive this.
  OrderSearch(const Spec* spec, const Items* items, Budget* budget);

  Found Run();

  // After kNone: some of the orders that place the most answered calls.
  const std::vector<DeadEnd<State>>& dead_ends() const { return dead_ends_; }

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

  bool IsPlaced(size_t item) const {
    return (placed_[item / kBitsOfWord] >> (item % kBitsOfWord) & 1) != 0;
  }

  static constexpr size_t kDeadEndsMax = 6;
  static constexpr size_t kBitsOfWord = 64;

  const Spec& spec_;
  const Items& items_;
  Budget* const budget_;
  std::vector<size_t> answered_;  // items with an answer
  std::vector<size_t> open_;      // the others

  std::vector<size_t> order_;
  std::vector<uint64_t> placed_;  // one bit for each item
  size_t answered_placed_ = 0;
  size_t first_ = 0;  // all of `answered_` before it are placed
  std::vector<Frame> frames_;
  absl::flat_hash_set<typename Spec::Key> seen_;
  std::vector<DeadEnd<State>> dead_ends_;
  size_t longest_ = 0;
};

template <typename Spec>
OrderSearch<Spec>::OrderSearch(const Spec* spec, const Items* items,
                               Budget* budget)
    : spec_(*spec),
      items_(*items),
      budget_(budget),
      placed_(items->size() / kBitsOfWord + 1) {
  for (size_t i = 0; i < items_.size(); ++i) {
    (items_[i].unknown ? open_ : answered_).push_back(i);
  }
}

template <typename Spec>
Found OrderSearch<Spec>::Run() {
  if (!budget_->Spend()) return Found::kBudgetSpent;
  if (Enter(spec_.Initial())) return Found::kOrder;
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    if (frame.next == frame.choices.size()) {
      Leave();
      continue;
    }
    const size_t choice = frame.choices[frame.next++];
    const auto& item = items_[choice];
    State next;
    if (!spec_.Apply(*item.op, item.unknown, frame.state, &next)) continue;
    // An open call that changes nothing can be left out.
    if (item.unknown && next == frame.state) continue;
    if (!budget_->Spend()) return Found::kBudgetSpent;
    Place(choice);
    if (Enter(std::move(next))) return Found::kOrder;
  }
  return Found::kNone;
}

// Continues from `state`, which the last of `order_` led to. Returns true when
// every answer is explained.
template <typename Spec>
bool OrderSearch<Spec>::Enter(State state) {
  Absorb(state);
  if (answered_placed_ == answered_.size()) return true;
  Frame frame;
  frame.placed = order_.size();
  // A pair that was seen before gets no choices.
  if (Remember(state)) {
    frame.choices = Candidates();
    NoteDeadEnd(state);
  }
  frame.state = std::move(state);
  frames_.push_back(std::move(frame));
  return false;
}

// Returns to the frame before, and to the calls that were placed when it was
// made.
template <typename Spec>
void OrderSearch<Spec>::Leave() {
  frames_.pop_back();
  const size_t placed = frames_.empty() ? 0 : frames_.back().placed;
  while (order_.size() > placed) Unplace();
}

template <typename Spec>
void OrderSearch<Spec>::Absorb(const State& state) {
  State next;
  for (bool again = true; again;) {
    again = false;
    for (const size_t i : Candidates()) {
      if (items_[i].unknown) break;
      // A write that changes nothing here may be needed later.
      if (!items_[i].op->effectless() ||
          !spec_.Apply(*items_[i].op, false, state, &next) ||
          !(next == state)) {
        continue;
      }
      Place(i);
      again = true;
    }
  }
}

template <typename Spec>
std::vector<size_t> OrderSearch<Spec>::Candidates() const {
  std::vector<size_t> candidates;
  uint64_t first_end = kNoEnd;
  for (size_t n = first_; n < answered_.size(); ++n) {
    const size_t i = answered_[n];
    if (IsPlaced(i)) continue;
    if (items_[i].op->start > first_end) break;
    first_end = std::min(first_end, items_[i].end);
    candidates.push_back(i);
  }
  for (const size_t i : open_) {
    if (items_[i].op->start > first_end) break;
    if (!IsPlaced(i)) candidates.push_back(i);
  }
  return candidates;
}

template <typename Spec>
void OrderSearch<Spec>::Place(size_t item) {
  placed_[item / kBitsOfWord] |= uint64_t{1} << (item % kBitsOfWord);
  order_.push_back(item);
  if (!items_[item].unknown) ++answered_placed_;
  while (first_ < answered_.size() && IsPlaced(answered_[first_])) ++first_;
}

template <typename Spec>
void OrderSearch<Spec>::Unplace() {
  const size_t item = order_.back();
  order_.pop_back();
  placed_[item / kBitsOfWord] &= ~(uint64_t{1} << (item % kBitsOfWord));
  if (items_[item].unknown) return;
  --answered_placed_;
  // `answered_` ascends, so it can be searched.
  const auto it = std::lower_bound(answered_.begin(), answered_.end(), item);
  first_ = std::min(first_, static_cast<size_t>(it - answered_.begin()));
}

// Returns false when this set of placed calls has led to this state before.
template <typename Spec>
bool OrderSearch<Spec>::Remember(const State& state) {
  return seen_.insert(spec_.KeyOf(placed_, state)).second;
}

template <typename Spec>
void OrderSearch<Spec>::NoteDeadEnd(const State& state) {
  if (answered_placed_ < longest_) return;
  if (answered_placed_ > longest_) dead_ends_.clear();
  longest_ = answered_placed_;
  const auto same = [&](const DeadEnd<State>& end) {
    return end.state == state;
  };
  if (dead_ends_.size() == kDeadEndsMax ||
      std::any_of(dead_ends_.begin(), dead_ends_.end(), same)) {
    return;
  }
  DeadEnd<State> end;
  end.order = order_;
  end.state = state;
  for (const size_t i : Candidates()) {
    if (!items_[i].unknown) end.candidates.push_back(i);
  }
  dead_ends_.push_back(std::move(end));
}

}  // namespace history_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_ORDER_SEARCH_H_
