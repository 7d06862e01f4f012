// LayOutTimeline: chooses the calls of a timeline and their places in its grid.
//
// The grid has a line for every start and every end of a shown call, in their
// order, and a row between two lines. It has a column for each client, or
// several where calls of one client overlap. Sizes are the browser's.

#ifndef GLUE_SECURITY_BACKEND_TIMELINE_LAYOUT_H_
#define GLUE_SECURITY_BACKEND_TIMELINE_LAYOUT_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "glue_security/backend/history.h"

namespace glue_security {

// The calls to show, as TimelineMarks and TimelineBounds say.
struct TimelineCalls {
  std::vector<size_t> matter;  // When empty, all matter.
  std::optional<size_t> illegal;
  std::vector<std::vector<size_t>> orders;
  size_t calls_max = 0;
};

struct TimelineBox {
  size_t call = 0;  // The index into the history.
  // False for a call that is faded.
  bool matters = true;
  // The lines where the box begins and ends, from 0. INVARIANT: end > begin.
  size_t begin = 0;
  size_t end = 0;
  size_t column = 0;  // From 0.
};

// The columns of a client.
struct TimelineLane {
  int client = 0;
  size_t column = 0;  // The first one.
  size_t columns = 0;
};

struct TimelineLayout {
  // In the order of their starts.
  std::vector<TimelineBox> boxes;
  // By client.
  std::vector<TimelineLane> lanes;
  // For each row, true when a call that matters begins or ends at its upper
  // line. The last row has the ends of calls that have not returned.
  std::vector<bool> rows;
  // The line at which the illegal call ends, if there is one.
  std::optional<size_t> moment;
  // The orders, without calls that are not shown.
  std::vector<std::vector<size_t>> orders;
};

// Returns the layout of at most `calls_max` calls: the illegal one, those of
// orders, the others that matter, and then the faded ones. Within the last two
// groups those that started nearest to the illegal call come first; without an
// illegal call, the earliest. Indices outside of the history are ignored.
TimelineLayout LayOutTimeline(const History& history,
                              const TimelineCalls& calls);

}  // namespace glue_security

#endif  // GLUE_SECURITY_BACKEND_TIMELINE_LAYOUT_H_
