// OrderChecker: judges the calls of one part of a history, makes an illegal
// part small, and explains it. CheckParts: judges all parts. One implementation
// for every specification; see order_search.h. In addition a `Spec` has
//
//   // The assumptions under which a part is judged: several where no answer
//   // shows a hash. A part with more than `kAssumptionsMax` is not judged.
//   static constexpr uint64_t kAssumptionsMax;
//   uint64_t assumption_count() const;
//   void Assume(uint64_t n);
//   // Texts for a reader.
//   std::string Describe(const State& state) const;
//   std::string Expected(const Op& op, const State& state) const;
//
// an `Op` has `call`, its place in the history, and `unknown`, and a part has
// `title` and `ops`.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_ORDER_CHECKER_H_
#define GLUE_SECURITY_TESTING_HISTORIES_ORDER_CHECKER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "glue_security/backend/history.h"
#include "glue_security/testing/histories/linearizability_result.h"
#include "glue_security/testing/histories/order_search.h"
#include "glue_security/testing/histories/search_bounds.h"

namespace glue_security {
namespace history_internal {

// Returns the history as it was right after the answer at `end`: calls that
// started later are removed, and answers that came later are open.
template <typename Op>
std::vector<Item<Op>> Until(const std::vector<Item<Op>>& items, uint64_t end) {
  std::vector<Item<Op>> prefix;
  for (Item<Op> item : items) {
    if (item.op->start > end) continue;
    if (item.end > end) {
      if (item.op->read_only) continue;
      item.unknown = true;
      item.end = kNoEnd;
    }
    prefix.push_back(item);
  }
  return prefix;
}

template <typename Spec>
class OrderChecker {
 public:
  using Op = typename Spec::Op;
  using Items = std::vector<Item<Op>>;

  // REQUIRES: `spec` outlives this.
  explicit OrderChecker(Spec* spec) : spec_(*spec) {}

  // Searches under every assumption.
  Found Check(const Items& items, Budget* budget) {
    dead_ends_.clear();
    const uint64_t assumptions = spec_.assumption_count();
    if (assumptions > Spec::kAssumptionsMax) return Found::kBudgetSpent;
    Found found = Found::kNone;
    for (uint64_t n = 0; n < assumptions; ++n) {
      spec_.Assume(n);
      OrderSearch<Spec> search(&spec_, &items, budget);
      const Found one = search.Run();
      if (one == Found::kOrder) return one;
      if (one == Found::kBudgetSpent) found = one;
      if (n == 0) dead_ends_ = search.dead_ends();
    }
    // The texts of dead ends are made under the first assumption.
    spec_.Assume(0);
    return found;
  }

  // Makes `items` small within `shrinking`, unless it is null, and explains
  // them. `enough` is for the last search. REQUIRES: `Check` of all items
  // returned kNone.
  Violation Explain(Items items, Budget* shrinking, Budget* enough) {
    if (shrinking != nullptr) {
      items = ShortestPrefix(items, shrinking);
      items = WithoutSpareCalls(std::move(items), shrinking);
    }
    Check(items, enough);
    Violation violation;
    uint64_t last_end = 0;
    for (const auto& item : items) {
      violation.calls.push_back(item.op->call);
      if (item.unknown || item.end < last_end) continue;
      last_end = item.end;
      violation.last_answer = item.op->call;
    }
    for (const auto& end : dead_ends_) {
      violation.orders.push_back(OrderOf(end, items));
    }
    return violation;
  }

 private:
  // Finds the shortest illegal prefix by binary search: each prefix of a legal
  // history is legal.
  Items ShortestPrefix(const Items& items, Budget* budget) {
    std::vector<uint64_t> ends;
    for (const auto& item : items) {
      if (!item.unknown) ends.push_back(item.end);
    }
    std::sort(ends.begin(), ends.end());
    size_t legal = 0;  // a lower bound: the number of answers
    size_t illegal = ends.size();
    while (legal + 1 < illegal) {
      const size_t middle = legal + (illegal - legal) / 2;
      const Found found = Check(Until(items, ends[middle - 1]), budget);
      (found == Found::kNone ? illegal : legal) = middle;
    }
    return Until(items, ends[illegal - 1]);
  }

  // Removes calls that have no effect, as long as the rest is illegal: first
  // many at a time, then single ones.
  Items WithoutSpareCalls(Items items, Budget* budget) {
    for (size_t block = items.size() / 2 + 1; block > 0; block /= 2) {
      for (size_t end = items.size(); end > 0;) {
        const size_t begin = end > block ? end - block : 0;
        Items fewer;
        for (size_t i = 0; i < items.size(); ++i) {
          const Item<Op>& item = items[i];
          const bool spare =
              i >= begin && i < end && !item.unknown && item.op->effectless();
          if (!spare) fewer.push_back(item);
        }
        if (fewer.size() < items.size() &&
            Check(fewer, budget) == Found::kNone) {
          items = std::move(fewer);
        }
        end = std::min(begin, items.size());
      }
    }
    return items;
  }

  PartialOrder OrderOf(const DeadEnd<typename Spec::State>& end,
                       const Items& items) {
    PartialOrder order;
    for (const size_t i : end.order) order.calls.push_back(items[i].op->call);
    order.state = spec_.Describe(end.state);
    for (const size_t i : end.candidates) {
      order.blocked.push_back(
          {items[i].op->call, spec_.Expected(*items[i].op, end.state)});
    }
    return order;
  }

  Spec& spec_;
  std::vector<DeadEnd<typename Spec::State>> dead_ends_;
};

// Returns the whole budget.
Budget NewBudget(const SearchBounds& bounds);

// Judges the parts of a history, small ones first, because a large one may
// spend the whole budget. `spec_of` returns the specification of a part, and
// `explain` a violation as text.
template <typename Part, typename SpecOf>
LinearizabilityResult CheckParts(
    std::vector<Part> parts, const SpecOf& spec_of, const SearchBounds& bounds,
    absl::FunctionRef<std::string(const Violation&)> explain) {
  LinearizabilityResult result;
  result.partitions = parts.size();
  std::stable_sort(
      parts.begin(), parts.end(),
      [](const Part& a, const Part& b) { return a.ops.size() < b.ops.size(); });
  Budget budget = NewBudget(bounds);
  for (const Part& part : parts) {
    auto spec = spec_of(part);
    OrderChecker<decltype(spec)> checker(&spec);
    typename OrderChecker<decltype(spec)>::Items items;
    for (const auto& op : part.ops) items.push_back({&op, op.end, op.unknown});
    const Found found = checker.Check(items, &budget);
    result.states = bounds.states_max - budget.states;
    if (found == Found::kBudgetSpent) {
      absl::StrAppend(&result.explanation,
                      "not decided within the budget: ", part.title, ", ",
                      part.ops.size(), " calls\n");
    }
    if (found != Found::kNone) continue;
    Budget shrinking = NewBudget(bounds);
    Budget enough = NewBudget(bounds);
    enough.clock = nullptr;
    result.verdict = Verdict::kIllegal;
    result.violation = checker.Explain(
        std::move(items), bounds.shrink ? &shrinking : nullptr, &enough);
    result.violation->title = part.title;
    result.explanation = explain(*result.violation);
    return result;
  }
  result.verdict =
      result.explanation.empty() ? Verdict::kOk : Verdict::kUnknown;
  return result;
}

}  // namespace history_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_ORDER_CHECKER_H_
