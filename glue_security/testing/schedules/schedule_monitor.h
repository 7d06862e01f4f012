// ScheduleMonitor: follows a history while it happens, and reports whether it
// is still linearizable.
//
// It keeps every way to order the operations that have returned. A way is a
// state of the model, and the operations in the order that have not returned
// yet. An operation is added to the order only when an answer needs it. When
// operation X returns, each way is continued by some of the pending operations,
// in every order, and then by X; the ways in which the model answers as X did
// remain. The history is not linearizable when none remains.
//
// An operation with an unknown outcome stays pending for ever. One that failed
// is removed, with every way that had added it.
//
// The model takes its time from the operation: one of the times at which the
// run read.

#ifndef GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_MONITOR_H_
#define GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_MONITOR_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "glue_security/testing/schedules/schedule_graph.h"

namespace glue_security {
namespace testing_internal {

class ScheduleMonitor {
 public:
  // `running`: operations that have not returned, as their runs. `unknown`:
  // operations whose outcome is unknown, which never return.
  struct Pending {
    absl::InlinedVector<Id, 4> running;
    absl::InlinedVector<Id, 4> unknown;
  };

  explicit ScheduleMonitor(ScheduleGraph* graph) : graph_(*graph) {}

  // The monitor of an empty history with this state of the model.
  Id Start(Id model);

  // The monitor after an event; 0: the history is not linearizable.
  Id Returned(Id monitor, Id run, const Pending& others);
  Id Failed(Id monitor, int slot);
  Id BecameUnknown(Id monitor, int slot);

  // Returns true when the history can have ended in this state of the storage.
  bool CanEndIn(Id monitor, Id storage, const Pending& pending);

  // Returns one line for each order that was tried, with the model's answer in
  // it.
  std::vector<std::string> Explain(Id monitor, Id run, const Pending& others);
  // Returns the states that the history can have ended in.
  std::vector<std::string> Ends(Id monitor, const Pending& pending);

 private:
  // The slots in the order that have not returned, and their answers; 0: none
  // is needed.
  using Placed = absl::InlinedVector<std::pair<int, Id>, 4>;
  struct Way {
    Id model = 0;
    Placed placed;

    friend bool operator==(const Way& a, const Way& b) {
      return a.model == b.model && a.placed == b.placed;
    }
    friend bool operator<(const Way& a, const Way& b) {
      return a.model != b.model ? a.model < b.model : a.placed < b.placed;
    }
  };
  using Ways = std::vector<Way>;
  using Key = absl::InlinedVector<uint32_t, 10>;
  // Called for each continuation, with the slots added to it, in order.
  using Visitor =
      std::function<void(const Way& way, const std::vector<int>& order)>;

  Id Add(Ways ways);
  const Ways& ways(Id id) const { return ways_[id - 1]; }
  std::vector<int64_t> NowsOf(Id run) const;
  // Continues `way` by some of `pending`, in every order; also by none.
  void Continue(const Way& way, const Pending& pending, std::vector<int>* order,
                const Visitor& visit);
  // Returns `way` with `run` put last, at each of its times. With `keep_answer`
  // it keeps the model's answer, to compare it with the run's answer later.
  std::vector<Way> Place(const Way& way, Id run, bool keep_answer);

  ScheduleGraph& graph_;
  absl::flat_hash_map<std::string, Id> ids_;
  std::deque<Ways> ways_;
  absl::flat_hash_map<Key, Id> returned_;
  absl::flat_hash_map<std::pair<Id, int>, Id> failed_;
  absl::flat_hash_map<std::pair<Id, int>, Id> unknown_;
  absl::flat_hash_map<Key, bool> ends_;
};

}  // namespace testing_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_MONITOR_H_
