#include "glue_security/backend/timeline_layout.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>

namespace glue_security {
namespace {

// Returns the indices of the calls in the order of their starts.
std::vector<size_t> ByStart(const History& history) {
  std::vector<size_t> calls(history.size());
  for (size_t i = 0; i < calls.size(); ++i) calls[i] = i;
  std::stable_sort(calls.begin(), calls.end(), [&](size_t a, size_t b) {
    return history[a].start < history[b].start;
  });
  return calls;
}

class Layouter {
 public:
  Layouter(const History& history, const TimelineCalls& calls)
      : history_(history), calls_(calls), by_start_(ByStart(history)) {
    for (const std::vector<size_t>& order : calls.orders) {
      ordered_.insert(order.begin(), order.end());
    }
    matter_ = ordered_;
    matter_.insert(calls.matter.begin(), calls.matter.end());
    if (calls.illegal.has_value()) matter_.insert(*calls.illegal);
  }

  TimelineLayout LayOut() {
    TimelineLayout layout;
    const std::set<size_t> shown = Choose();
    for (const size_t call : by_start_) {
      if (shown.count(call) == 0) continue;
      layout.boxes.emplace_back();
      layout.boxes.back().call = call;
      layout.boxes.back().matters = Matters(call);
    }
    PlaceRows(&layout);
    PlaceColumns(&layout);
    for (const std::vector<size_t>& order : calls_.orders) {
      layout.orders.emplace_back();
      for (const size_t call : order) {
        if (shown.count(call) > 0) layout.orders.back().push_back(call);
      }
    }
    return layout;
  }

 private:
  bool Matters(size_t call) const {
    return calls_.matter.empty() || matter_.count(call) > 0;
  }

  std::set<size_t> Choose() const {
    struct Rank {
      int group;
      size_t distance;
      size_t call;
    };
    const auto illegal =
        std::find_if(by_start_.begin(), by_start_.end(),
                     [&](size_t call) { return call == calls_.illegal; });
    const auto centre = illegal == by_start_.end()
                            ? size_t{0}
                            : static_cast<size_t>(illegal - by_start_.begin());
    std::vector<Rank> ranks;
    for (size_t i = 0; i < by_start_.size(); ++i) {
      const size_t call = by_start_[i];
      const int group = calls_.illegal == call     ? 0
                        : ordered_.count(call) > 0 ? 1
                        : Matters(call)            ? 2
                                                   : 3;
      ranks.push_back({group, i < centre ? centre - i : i - centre, call});
    }
    std::stable_sort(ranks.begin(), ranks.end(),
                     [](const Rank& a, const Rank& b) {
                       return a.group != b.group ? a.group < b.group
                                                 : a.distance < b.distance;
                     });
    std::set<size_t> shown;
    for (size_t i = 0; i < std::min(calls_.calls_max, ranks.size()); ++i) {
      shown.insert(ranks[i].call);
    }
    return shown;
  }

  void PlaceRows(TimelineLayout* layout) const {
    // The lines, and which of them calls that matter have.
    std::map<uint64_t, bool> matters;
    for (const TimelineBox& box : layout->boxes) {
      const HistoryEntry& entry = history_[box.call];
      matters[entry.start] |= box.matters;
      if (entry.end != kNoEnd) matters[entry.end] |= box.matters;
    }
    std::map<uint64_t, size_t> lines;
    for (const auto& [position, matter] : matters) {
      lines.emplace(position, lines.size());
      layout->rows.push_back(matter);
    }
    for (TimelineBox& box : layout->boxes) {
      const HistoryEntry& entry = history_[box.call];
      box.begin = lines.at(entry.start);
      box.end = entry.end == kNoEnd ? lines.size() : lines.at(entry.end);
      // A history that somebody has written may have a call without a length.
      box.end = std::max(box.end, box.begin + 1);
      if (calls_.illegal == box.call) layout->moment = box.end;
    }
  }

  // Puts overlapping calls of one client into columns of their own.
  void PlaceColumns(TimelineLayout* layout) const {
    std::map<int, std::vector<size_t>> ends;  // For each column of a client.
    for (TimelineBox& box : layout->boxes) {
      std::vector<size_t>& columns = ends[history_[box.call].client];
      while (box.column < columns.size() && columns[box.column] > box.begin) {
        ++box.column;
      }
      if (box.column == columns.size()) columns.push_back(0);
      columns[box.column] = box.end;
    }
    std::map<int, size_t> first;
    size_t column = 0;
    for (const auto& [client, columns] : ends) {
      layout->lanes.push_back({client, column, columns.size()});
      first[client] = column;
      column += columns.size();
    }
    for (TimelineBox& box : layout->boxes) {
      box.column += first.at(history_[box.call].client);
    }
  }

  const History& history_;
  const TimelineCalls& calls_;
  const std::vector<size_t> by_start_;
  std::set<size_t> ordered_;
  std::set<size_t> matter_;
};

}  // namespace

TimelineLayout LayOutTimeline(const History& history,
                              const TimelineCalls& calls) {
  return Layouter(history, calls).LayOut();
}

}  // namespace glue_security
