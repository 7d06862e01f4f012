#include "glue_security/testing/schedules/schedule_monitor.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace glue_security {
namespace testing_internal {
namespace {

constexpr uint32_t kSeparator = ~uint32_t{0};

template <typename Placed>
auto FindSlot(Placed& placed, int slot) {
  return std::find_if(placed.begin(), placed.end(),
                      [slot](const auto& p) { return p.first == slot; });
}

// Returns the operations on the same object. No other matters for an answer;
// they can be added to the order later.
ScheduleMonitor::Pending OfObject(const ScheduleGraph& graph,
                                  ScheduleObject object,
                                  const ScheduleMonitor::Pending& pending) {
  ScheduleMonitor::Pending same;
  for (const Id run : pending.running) {
    if (graph.object(graph.run(run).operation) == object) {
      same.running.push_back(run);
    }
  }
  for (const Id run : pending.unknown) {
    if (graph.object(graph.run(run).operation) == object) {
      same.unknown.push_back(run);
    }
  }
  return same;
}

template <typename Key>
void AppendPending(const ScheduleMonitor::Pending& pending, Key* key) {
  for (const Id run : pending.running) key->push_back(run);
  key->push_back(kSeparator);
  for (const Id run : pending.unknown) key->push_back(run);
}

}  // namespace

Id ScheduleMonitor::Add(Ways ways) {
  if (ways.empty()) return 0;
  std::sort(ways.begin(), ways.end());
  ways.erase(std::unique(ways.begin(), ways.end()), ways.end());
  std::string key;
  for (const Way& way : ways) {
    absl::StrAppend(&key, way.model);
    for (const auto& [slot, answer] : way.placed) {
      absl::StrAppend(&key, "+", slot, "=", answer);
    }
    absl::StrAppend(&key, ";");
  }
  const auto [it, is_new] =
      ids_.try_emplace(std::move(key), static_cast<Id>(ways_.size() + 1));
  if (is_new) ways_.push_back(std::move(ways));
  return it->second;
}

Id ScheduleMonitor::Start(Id model) { return Add({Way{model, {}}}); }

std::vector<int64_t> ScheduleMonitor::NowsOf(Id run) const {
  return graph_.run(run).nows_ms;
}

std::vector<ScheduleMonitor::Way> ScheduleMonitor::Place(const Way& way, Id run,
                                                         bool keep_answer) {
  const RunNode& node = graph_.run(run);
  std::vector<Way> placed;
  for (const int64_t now_ms : NowsOf(run)) {
    const auto step = graph_.StepModel(way.model, node.operation, now_ms);
    Way next{step.model, way.placed};
    next.placed.emplace_back(node.slot, keep_answer ? step.response : 0);
    std::sort(next.placed.begin(), next.placed.end());
    if (std::find(placed.begin(), placed.end(), next) == placed.end()) {
      placed.push_back(std::move(next));
    }
  }
  return placed;
}

void ScheduleMonitor::Continue(const Way& way, const Pending& pending,
                               std::vector<int>* order, const Visitor& visit) {
  visit(way, *order);
  const auto continue_by = [&](Id run, bool keep_answer) {
    const int slot = graph_.run(run).slot;
    if (FindSlot(way.placed, slot) != way.placed.end()) return;
    order->push_back(slot);
    for (const Way& next : Place(way, run, keep_answer)) {
      Continue(next, pending, order, visit);
    }
    order->pop_back();
  };
  for (const Id run : pending.running) continue_by(run, true);
  for (const Id run : pending.unknown) continue_by(run, false);
}

Id ScheduleMonitor::Returned(Id monitor, Id run, const Pending& others) {
  const RunNode& node = graph_.run(run);
  const Pending pending =
      OfObject(graph_, graph_.object(node.operation), others);
  Key key{monitor, run};
  AppendPending(pending, &key);
  const auto [it, is_new] = returned_.try_emplace(std::move(key), 0);
  if (!is_new) return it->second;
  Ways remaining;
  std::vector<int> order;
  for (const Way& way : ways(monitor)) {
    if (const auto found = FindSlot(way.placed, node.slot);
        found != way.placed.end()) {
      if (found->second != node.response) continue;
      remaining.push_back(way);
      remaining.back().placed.erase(
          FindSlot(remaining.back().placed, node.slot));
      continue;
    }
    Continue(way, pending, &order,
             [&](const Way& before, const std::vector<int>&) {
               // An operation that was refused before it read has no time.
               std::vector<int64_t> nows = NowsOf(run);
               if (nows.empty()) nows.push_back(0);
               for (const int64_t now_ms : nows) {
                 const auto step =
                     graph_.StepModel(before.model, node.operation, now_ms);
                 if (step.response != node.response) continue;
                 remaining.push_back(Way{step.model, before.placed});
               }
             });
  }
  it->second = Add(std::move(remaining));
  return it->second;
}

Id ScheduleMonitor::Failed(Id monitor, int slot) {
  const auto [it, is_new] = failed_.try_emplace({monitor, slot}, 0);
  if (!is_new) return it->second;
  Ways remaining;
  for (const Way& way : ways(monitor)) {
    if (FindSlot(way.placed, slot) == way.placed.end()) {
      remaining.push_back(way);
    }
  }
  it->second = Add(std::move(remaining));
  return it->second;
}

Id ScheduleMonitor::BecameUnknown(Id monitor, int slot) {
  const auto [it, is_new] = unknown_.try_emplace({monitor, slot}, 0);
  if (!is_new) return it->second;
  Ways remaining = ways(monitor);
  for (Way& way : remaining) {
    const auto found = FindSlot(way.placed, slot);
    if (found != way.placed.end()) found->second = 0;
  }
  it->second = Add(std::move(remaining));
  return it->second;
}

bool ScheduleMonitor::CanEndIn(Id monitor, Id storage, const Pending& pending) {
  Key key{monitor, storage};
  AppendPending(pending, &key);
  const auto [it, is_new] = ends_.try_emplace(std::move(key), false);
  if (!is_new) return it->second;
  const Id seen = graph_.VisibleInStorage(storage);
  bool found = false;
  std::vector<int> order;
  for (const Way& way : ways(monitor)) {
    Continue(way, pending, &order, [&](const Way& end, const auto&) {
      found = found || graph_.VisibleInModel(end.model) == seen;
    });
    if (found) break;
  }
  it->second = found;
  return found;
}

std::vector<std::string> ScheduleMonitor::Explain(Id monitor, Id run,
                                                  const Pending& others) {
  constexpr size_t kLinesMax = 12;
  const RunNode& node = graph_.run(run);
  const auto name = [&](int slot) -> std::string {
    for (const auto& runs : {others.running, others.unknown}) {
      for (const Id id : runs) {
        const RunNode& other = graph_.run(id);
        if (other.slot != slot) continue;
        return graph_.alphabet()
            .operations[static_cast<size_t>(other.operation)]
            .name;
      }
    }
    return "";
  };
  // A set sorts the lines: the ways are in the order in which states were first
  // met.
  std::set<std::string> lines;
  std::vector<int> order;
  const Pending pending =
      OfObject(graph_, graph_.object(node.operation), others);
  for (const Way& way : ways(monitor)) {
    const auto found = FindSlot(way.placed, node.slot);
    if (found != way.placed.end()) {
      lines.insert(
          absl::StrCat("at the place that an earlier answer requires: ",
                       graph_.text(found->second)));
      continue;
    }
    Continue(
        way, pending, &order,
        [&](const Way& before, const std::vector<int>& slots) {
          std::string line;
          for (const int slot : slots) {
            absl::StrAppend(&line, line.empty() ? "after " : ", ", name(slot));
          }
          const std::vector<int64_t> nows = NowsOf(run);
          const auto step = graph_.StepModel(before.model, node.operation,
                                             nows.empty() ? 0 : nows.back());
          lines.insert(absl::StrCat(
              line.empty() ? "after the operations that had returned" : line,
              ": ", graph_.text(step.response)));
        });
  }
  std::vector<std::string> first(lines.begin(), lines.end());
  if (first.size() > kLinesMax) first.resize(kLinesMax);
  return first;
}

std::vector<std::string> ScheduleMonitor::Ends(Id monitor,
                                               const Pending& pending) {
  std::set<std::string> ends;
  std::vector<int> order;
  for (const Way& way : ways(monitor)) {
    Continue(way, pending, &order, [&](const Way& end, const auto&) {
      ends.insert(graph_.text(graph_.VisibleInModel(end.model)));
    });
  }
  return {ends.begin(), ends.end()};
}

}  // namespace testing_internal
}  // namespace glue_security
