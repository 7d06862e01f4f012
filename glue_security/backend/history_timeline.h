// HistoryTimelineHtml: shows a history as a web page.
//
//   std::ofstream("timeline.html") << HistoryTimelineHtml(history);
//
// Time runs downwards. Each client has a lane, each call a box from its start
// to its end: boxes side by side overlapped in time. A box shows the operation,
// its arguments and the answer, and links to the full request and response
// below. Its colour shows how the call ended, and so does its left edge, for
// readers who cannot tell the colours apart.
//
// Faded calls can be hidden, and an order can be followed from call to call:
// choose it, or click one of its calls or labels; the arrow keys, Home, End and
// Escape do the rest. Names and arguments are never cut; one of more than 400
// bytes can be opened. On paper everything is visible, in light colours.
//
// The page is one file without a font or an image; it loads nothing and works
// from a disk. A content security policy allows its own style and script, and
// nothing else. Without the script, the keys and the drawn path are missing;
// links and labels do the rest. Texts of the history are escaped: bytes that
// are not printable ASCII become \xNN. Equal arguments give equal bytes.

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
  // The calls that matter, besides the illegal one and those of orders; the
  // others are faded. When empty, all matter.
  std::vector<size_t> calls;
  // The call whose answer no order explains.
  std::optional<size_t> illegal;
  // Orders in which the calls may have taken effect, possibly partial. They are
  // lettered A, B, ...; a box shows its place in each as "A1". Orders after the
  // 26th are left out.
  struct Order {
    std::vector<size_t> calls;
    // A text of one or more lines.
    std::string note;
  };
  std::vector<Order> orders;
};

// How large the page may become. It says what it leaves out.
struct TimelineBounds {
  // The number of calls that are shown. The illegal call, those of orders and
  // the others that matter come first, then the calls near the illegal one;
  // without it, the earliest.
  size_t calls_max = 1000;
  // The number of bytes of the page that show callers, requests and responses.
  // When a call needs more than what is left, the page shows the first 200
  // bytes of each of its texts. Calls that matter come first.
  size_t bytes_max = size_t{8} << 20;
};

std::string HistoryTimelineHtml(const History& history,
                                const TimelineMarks& marks = {},
                                const TimelineBounds& bounds = {});

}  // namespace glue_security

#endif  // GLUE_SECURITY_BACKEND_HISTORY_TIMELINE_H_
