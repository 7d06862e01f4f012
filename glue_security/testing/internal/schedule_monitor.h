// Follows a history while it happens and says whether it is still linearizable.
//
// It keeps every way to order what has returned: a state of the model, and
// which of the operations that have not returned were put in the order already.
// An operation is put in only when an answer needs it: when operation X
// returns, each way is continued by some of the pending operations, in every
// order, and X last; the ways in which the model answers as X did remain. None
// remains: the history is not linearizable.
//
// An operation with an unknown outcome stays pending for ever. One that failed
// is taken out, with every way that had put it in.
//
// The model takes its time from the operation: one of the times at which the
// run read.

#ifndef GLUE_SECURITY_TESTING_INTERNAL_SCHEDULE_MONITOR_H_
#define GLUE_SECURITY_TESTING_INTERNAL_SCHEDULE_MONITOR_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "glue_security/testing/internal/schedule_graph.h"

namespace glue_security {
namespace testing_internal {

class ScheduleMonitor {
 public:
  // Operations that have not returned, as their runs; and those among them
  // whose outcome is unknown and that will never return.
  struct Pending {
    absl::InlinedVector<Id, 4> running;
    absl::InlinedVector<Id, 4> unknown;
  };

  explicit ScheduleMonitor(ScheduleGraph* graph) : graph_(*graph) {}

  // Nothing has happened, and the model is in this state.
  Id Start(Id model);

  // What is known after an event; 0: the history is not linearizable.
  Id Returned(Id monitor, Id run, const Pending& others);
  Id Failed(Id monitor, int slot);
  Id BecameUnknown(Id monitor, int slot);

  // Whether the state of the storage is one that the history can have ended in.
  bool CanEndIn(Id monitor, Id storage, const Pending& pending);

  // One line for each order that was tried, and what the model answers in it.
  std::vector<std::string> Explain(Id monitor, Id run, const Pending& others);
  // The states that the history can have ended in.
  std::vector<std::string> Ends(Id monitor, const Pending& pending);

 private:
  // A slot that was put in the order, and its answer; 0: it needs none.
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
  // Called for each continuation, with the slots that were put in, in order.
  using Visitor =
      std::function<void(const Way& way, const std::vector<int>& order)>;

  Id Add(Ways ways);
  const Ways& ways(Id id) const { return ways_[id - 1]; }
  std::vector<int64_t> NowsOf(Id run) const;
  // Continues `way` by some of `pending`, in every order; also by none.
  void Continue(const Way& way, const Pending& pending, std::vector<int>* order,
                const Visitor& visit);
  // `way` with `run` put last, at each of its times. The answer that the run
  // gives later is kept where it will be compared.
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

#endif  // GLUE_SECURITY_TESTING_INTERNAL_SCHEDULE_MONITOR_H_
