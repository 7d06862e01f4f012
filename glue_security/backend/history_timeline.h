// HistoryTimelineHtml: shows a history as a web page.
//
//   std::ofstream("timeline.html") << HistoryTimelineHtml(history);
//
// Time runs downwards. Each client has a lane, each call a box from its start
// to its end: boxes side by side overlapped in time. A box shows the operation
// and the answer. Its colour shows how the call ended, and so does its left
// edge, for readers who cannot tell the colours apart. It links to the full
// request and response below. The page is self-contained: no script, no font,
// no network. Texts of the history are escaped.

#ifndef GLUE_SECURITY_BACKEND_HISTORY_TIMELINE_H_
#define GLUE_SECURITY_BACKEND_HISTORY_TIMELINE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/backend/history.h"

namespace glue_security {

// The calls to point out, as indices into the history. Indices outside of it
// are ignored.
struct TimelineMarks {
  std::string headline = "History";
  // The calls that matter; the others are faded. When empty, all matter.
  std::vector<size_t> calls;
  // The call whose answer no order explains.
  std::optional<size_t> illegal;
  // Orders in which the calls may have taken effect, possibly partial. They are
  // lettered A, B, ...; a box shows its place in each as "A1".
  struct Order {
    std::vector<size_t> calls;
    // A text of one or more lines.
    std::string note;
  };
  std::vector<Order> orders;
};

std::string HistoryTimelineHtml(const History& history,
                                const TimelineMarks& marks = {});

}  // namespace glue_security

#endif  // GLUE_SECURITY_BACKEND_HISTORY_TIMELINE_H_
