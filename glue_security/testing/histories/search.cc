#include "glue_security/testing/histories/search.h"

#include <algorithm>
#include <utility>

namespace glue_security {
namespace history_internal {
namespace {

constexpr size_t kBitsOfWord = 64;
// The clock is read once in this many states.
constexpr uint64_t kStatesBetweenLooks = 256;

}  // namespace

bool Budget::Spend() {
  if (states == 0) return false;
  --states;
  return clock == nullptr || states % kStatesBetweenLooks != 0 ||
         clock->Now() < deadline;
}

Search::Search(const Spec* spec, const std::vector<Item>* items, Budget* budget)
    : spec_(*spec),
      items_(*items),
      budget_(budget),
      placed_(items->size() / kBitsOfWord + 1) {
  for (size_t i = 0; i < items_.size(); ++i) {
    (items_[i].unknown ? open_ : answered_).push_back(i);
  }
}

Found Search::Run() {
  if (!budget_->Spend()) return Found::kBudgetSpent;
  if (Enter(spec_.Initial())) return Found::kOrder;
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    if (frame.next == frame.choices.size()) {
      Leave();
      continue;
    }
    const size_t choice = frame.choices[frame.next++];
    const Item& item = items_[choice];
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
bool Search::Enter(State state) {
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
void Search::Leave() {
  frames_.pop_back();
  const size_t placed = frames_.empty() ? 0 : frames_.back().placed;
  while (order_.size() > placed) Unplace();
}

void Search::Absorb(const State& state) {
  State next;
  for (bool again = true; again;) {
    again = false;
    for (const size_t i : Candidates()) {
      if (items_[i].unknown) break;
      // A write that changes nothing here may be needed later.
      if (!items_[i].op->effectless() ||
          !spec_.Apply(*items_[i].op, false, state, &next) || next != state) {
        continue;
      }
      Place(i);
      again = true;
    }
  }
}

std::vector<size_t> Search::Candidates() const {
  const auto placed = [this](size_t i) {
    return (placed_[i / kBitsOfWord] >> (i % kBitsOfWord) & 1) != 0;
  };
  std::vector<size_t> candidates;
  uint64_t first_end = kNoEnd;
  for (size_t n = first_; n < answered_.size(); ++n) {
    const size_t i = answered_[n];
    if (placed(i)) continue;
    if (items_[i].op->start > first_end) break;
    first_end = std::min(first_end, items_[i].end);
    candidates.push_back(i);
  }
  for (const size_t i : open_) {
    if (items_[i].op->start > first_end) break;
    if (!placed(i)) candidates.push_back(i);
  }
  return candidates;
}

void Search::Place(size_t item) {
  placed_[item / kBitsOfWord] |= uint64_t{1} << (item % kBitsOfWord);
  order_.push_back(item);
  if (!items_[item].unknown) ++answered_placed_;
  const auto placed = [this](size_t i) {
    return (placed_[i / kBitsOfWord] >> (i % kBitsOfWord) & 1) != 0;
  };
  while (first_ < answered_.size() && placed(answered_[first_])) ++first_;
}

void Search::Unplace() {
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
bool Search::Remember(const State& state) {
  std::vector<uint64_t> key = placed_;
  key.insert(key.end(), state.begin(), state.end());
  return seen_.insert(std::move(key)).second;
}

void Search::NoteDeadEnd(const State& state) {
  if (answered_placed_ < longest_) return;
  if (answered_placed_ > longest_) dead_ends_.clear();
  longest_ = answered_placed_;
  const auto same = [&](const DeadEnd& end) { return end.state == state; };
  if (dead_ends_.size() == kDeadEndsMax ||
      std::any_of(dead_ends_.begin(), dead_ends_.end(), same)) {
    return;
  }
  DeadEnd end;
  end.order = order_;
  end.state = state;
  for (const size_t i : Candidates()) {
    if (!items_[i].unknown) end.candidates.push_back(i);
  }
  dead_ends_.push_back(std::move(end));
}

}  // namespace history_internal
}  // namespace glue_security
