#include "glue_security/testing/histories/linearizability.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/testing/histories/partition.h"
#include "glue_security/testing/histories/search.h"

namespace glue_security {
namespace {

using history_internal::Budget;
using history_internal::DeadEnd;
using history_internal::Found;
using history_internal::Item;
using history_internal::Op;
using history_internal::Partition;
using history_internal::Search;
using history_internal::Spec;

Budget NewBudget(const LinearizabilityOptions& options) {
  Budget budget;
  budget.states = options.states_max;
  if (options.clock != nullptr) {
    budget.clock = options.clock;
    budget.deadline = options.clock->Now() + options.time_max;
  }
  return budget;
}

std::vector<Item> ItemsOf(const Partition& partition) {
  std::vector<Item> items;
  for (const Op& op : partition.ops) items.push_back({&op, op.end, op.unknown});
  return items;
}

// Returns the history as it was right after the answer at `end`: calls that
// started later are removed, and answers that came later are open.
std::vector<Item> Until(const std::vector<Item>& items, uint64_t end) {
  std::vector<Item> prefix;
  for (Item item : items) {
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

// Judges one part.
class PartChecker {
 public:
  PartChecker(const Partition* partition, const LinearizabilityOptions* options)
      : options_(*options), spec_(partition, options) {}

  // Searches under every assumption about hashes that no answer shows.
  Found Check(const std::vector<Item>& items, Budget* budget) {
    dead_ends_.clear();
    const uint64_t assumptions = spec_.assumption_count();
    if (assumptions > Spec::kAssumptionsMax) return Found::kBudgetSpent;
    Found found = Found::kNone;
    for (uint64_t n = 0; n < assumptions; ++n) {
      spec_.Assume(n);
      Search search(&spec_, &items, budget);
      const Found one = search.Run();
      if (one == Found::kOrder) return one;
      if (one == Found::kBudgetSpent) found = one;
      if (n == 0) dead_ends_ = search.dead_ends();
    }
    // The texts of dead ends are made under the first assumption.
    spec_.Assume(0);
    return found;
  }

  // REQUIRES: `Check` of all items returned kNone.
  Violation Explain(std::vector<Item> items) {
    Budget budget = NewBudget(options_);
    if (options_.shrink) {
      items = ShortestPrefix(items, &budget);
      items = WithoutSpareCalls(std::move(items), &budget);
    }
    Budget enough = NewBudget(options_);
    enough.clock = nullptr;
    Check(items, &enough);
    Violation violation;
    violation.title = spec_.partition().title;
    uint64_t last_end = 0;
    for (const Item& item : items) {
      violation.calls.push_back(item.op->call);
      if (item.unknown || item.end < last_end) continue;
      last_end = item.end;
      violation.last_answer = item.op->call;
    }
    for (const DeadEnd& end : dead_ends_) {
      violation.orders.push_back(OrderOf(end, items));
    }
    return violation;
  }

 private:
  // Finds the shortest illegal prefix by binary search: each prefix of a legal
  // history is legal.
  std::vector<Item> ShortestPrefix(const std::vector<Item>& items,
                                   Budget* budget) {
    std::vector<uint64_t> ends;
    for (const Item& item : items) {
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
  std::vector<Item> WithoutSpareCalls(std::vector<Item> items, Budget* budget) {
    for (size_t block = items.size() / 2 + 1; block > 0; block /= 2) {
      for (size_t end = items.size(); end > 0;) {
        const size_t begin = end > block ? end - block : 0;
        std::vector<Item> fewer;
        for (size_t i = 0; i < items.size(); ++i) {
          const Item& item = items[i];
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

  PartialOrder OrderOf(const DeadEnd& end, const std::vector<Item>& items) {
    PartialOrder order;
    for (const size_t i : end.order) order.calls.push_back(items[i].op->call);
    order.state = spec_.Describe(end.state);
    for (const size_t i : end.candidates) {
      order.blocked.push_back(
          {items[i].op->call, spec_.Expected(*items[i].op, end.state)});
    }
    return order;
  }

  const LinearizabilityOptions& options_;
  Spec spec_;
  std::vector<DeadEnd> dead_ends_;
};

// Returns the answer on one line, with its times.
std::string Answered(const HistoryEntry& entry) {
  std::string text = BriefResponse(entry.response);
  const auto add = [&text](absl::string_view what,
                           const google::protobuf::Timestamp& time) {
    absl::StrAppend(&text, ", ", what, " at ",
                    time.seconds() * 1000 + time.nanos() / 1'000'000, " ms");
  };
  if (!entry.response.has_value()) return text;
  const v1::Response& response = *entry.response;
  if (response.has_get_resource_policy()) {
    add("created", response.get_resource_policy().create_time());
    add("updated", response.get_resource_policy().update_time());
  }
  for (const auto& shown : response.get_resource_policies().policies()) {
    add("created", shown.create_time());
    add("updated", shown.update_time());
  }
  if (response.has_create_security_configuration()) {
    add("created",
        response.create_security_configuration().created_timestamp());
  }
  if (response.has_get_security_configuration()) {
    add("created", response.get_security_configuration()
                       .security_configuration()
                       .created_time_stamp());
  }
  return text;
}

std::string FormatNumbers(const std::vector<size_t>& calls) {
  if (calls.empty()) return "(nothing)";
  return absl::StrJoin(calls, " ", [](std::string* out, size_t call) {
    absl::StrAppend(out, "#", call);
  });
}

std::string FormatViolation(const Violation& violation,
                            const History& history) {
  std::string text = absl::StrCat(
      "not linearizable: ", violation.title,
      "\nNo order of these calls explains their answers. The answer of #",
      violation.last_answer,
      " (>) shows it; calls under way at that time (?) may or may not have "
      "taken effect.\n");
  const uint64_t last_end = history[violation.last_answer].end;
  for (const size_t call : violation.calls) {
    // A call that was not answered by then is marked: it counts only as one
    // that may have taken effect.
    const bool open = history[call].end > last_end;
    absl::StrAppend(&text,
                    call == violation.last_answer ? "> "
                    : open                        ? "? "
                                                  : "  ",
                    FormatCall(call, history[call]), "\n");
  }
  absl::StrAppend(&text, "The longest orders, and why they end:\n");
  for (const PartialOrder& order : violation.orders) {
    absl::StrAppend(&text, "  ", FormatNumbers(order.calls), ", then ",
                    order.state, "\n");
    for (const PartialOrder::Blocked& blocked : order.blocked) {
      absl::StrAppend(&text, "    #", blocked.call,
                      " cannot be next: answered ",
                      Answered(history[blocked.call]), "; expected ",
                      blocked.expected, "\n");
    }
  }
  return text;
}

}  // namespace

LinearizabilityResult CheckLinearizable(const History& history,
                                        const LinearizabilityOptions& options) {
  LinearizabilityResult result;
  std::vector<Partition> partitions = history_internal::Split(history, options);
  result.partitions = partitions.size();
  // Checks small parts first, because a large one may spend the whole budget.
  std::stable_sort(partitions.begin(), partitions.end(),
                   [](const Partition& a, const Partition& b) {
                     return a.ops.size() < b.ops.size();
                   });
  Budget budget = NewBudget(options);
  for (const Partition& partition : partitions) {
    PartChecker checker(&partition, &options);
    std::vector<Item> items = ItemsOf(partition);
    switch (checker.Check(items, &budget)) {
      case Found::kOrder:
        break;
      case Found::kBudgetSpent:
        absl::StrAppend(&result.explanation,
                        "not decided within the budget: ", partition.title,
                        ", ", partition.ops.size(), " calls\n");
        break;
      case Found::kNone:
        result.verdict = Verdict::kIllegal;
        result.states = options.states_max - budget.states;
        result.violation = checker.Explain(std::move(items));
        result.explanation = FormatViolation(*result.violation, history);
        return result;
    }
  }
  result.verdict =
      result.explanation.empty() ? Verdict::kOk : Verdict::kUnknown;
  result.states = options.states_max - budget.states;
  return result;
}

TimelineMarks MarksOf(const Violation& violation) {
  TimelineMarks marks;
  marks.headline = absl::StrCat("Not linearizable: ", violation.title);
  marks.calls = violation.calls;
  marks.illegal = violation.last_answer;
  for (const PartialOrder& order : violation.orders) {
    TimelineMarks::Order shown;
    shown.calls = order.calls;
    shown.note = absl::StrCat("then ", order.state);
    for (const PartialOrder::Blocked& blocked : order.blocked) {
      absl::StrAppend(&shown.note, "\n#", blocked.call,
                      " cannot be next: expected ", blocked.expected);
    }
    marks.orders.push_back(std::move(shown));
  }
  return marks;
}

}  // namespace glue_security
