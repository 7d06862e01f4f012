// HistoryTimelineHtml: a history as a page for people.
//
//   std::ofstream("timeline.html") << HistoryTimelineHtml(history);
//
// Time runs downwards. Each client has a lane, each call a box from its start
// to its end: boxes side by side overlapped in time. A box shows the operation
// and the answer; its colour says how the call ended, and so does its left
// edge, for who cannot tell the colours apart. It leads to the full request and
// response below. The page needs nothing but itself: no script, no font, no
// network. Texts of the history are escaped.

#ifndef GLUE_SECURITY_SIMULATION_HISTORY_TIMELINE_H_
#define GLUE_SECURITY_SIMULATION_HISTORY_TIMELINE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/simulation/history.h"

namespace glue_security {

// What to point at. Calls are places in the history; others are ignored.
struct TimelineMarks {
  std::string headline = "History";
  // The calls that matter; the others are faded. Empty: all matter.
  std::vector<size_t> calls;
  // The call that has no place.
  std::optional<size_t> illegal;
  // Orders in which the calls may have taken effect, as far as they go. They
  // are lettered A, B, ...; a box shows its place in each as "A1".
  struct Order {
    std::vector<size_t> calls;
    // Lines of text.
    std::string note;
  };
  std::vector<Order> orders;
};

std::string HistoryTimelineHtml(const History& history,
                                const TimelineMarks& marks = {});

}  // namespace glue_security

#endif  // GLUE_SECURITY_SIMULATION_HISTORY_TIMELINE_H_
