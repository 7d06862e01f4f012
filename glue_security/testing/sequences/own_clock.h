// OwnClock: lets time pass for a backend whose clock is the system's, so that
// the times of a sequence are not all equal, and makes its times depend on
// nothing else.
//
//   OwnClock own_clock;
//   own_clock.Pass(moved);       // sleeps, once in eighty calls
//   ...                          // the call
//   own_clock.Coarsen(&answer);  // the times are those of the sleeps

#ifndef GLUE_SECURITY_TESTING_SEQUENCES_OWN_CLOCK_H_
#define GLUE_SECURITY_TESTING_SEQUENCES_OWN_CLOCK_H_

#include <map>
#include <vector>

#include "absl/time/time.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Serves one sequence of calls. Not thread-safe.
class OwnClock {
 public:
  // Begins the first interval.
  OwnClock();

  // Sleeps for `moved`, by which the clock of the sequence has gone forward, if
  // that is one of the largest moves, a fiftieth of all, and begins another
  // interval. Sleeping at every move would make a sequence some hundred times
  // slower. A backend that has shown times of another clock gains nothing from
  // it and is not waited for.
  void Pass(absl::Duration moved);

  // Replaces the times by the beginnings of their intervals, unless they come
  // from another clock than the system's. Two times differ then if the sequence
  // slept between them, and not by the chance that a millisecond ended.
  // Equal times stay equal.
  void Coarsen(v1::Response* answer);

  // Returns true when an answer has shown a time of another clock.
  bool is_other() const { return is_other_; }

 private:
  absl::Time Coarse(absl::Time time);

  bool is_other_ = false;
  std::vector<absl::Time> intervals_;
  // The times that answers have shown, and their intervals.
  std::map<absl::Time, absl::Time> known_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCES_OWN_CLOCK_H_
