// ParseSchedule, TellSchedule: convert schedules from and to text: a compact
// form that replays, and a readable one.
//
// A compact schedule is INITIAL/OPERATION,.../OPERATION,.../STEPS. It has one
// list of operations for each client, and steps separated by blanks: `0` is
// client 0's next step, `0!lost-answer` the same with a fault, `>0` the arrival
// of the first delayed commit that is under way.

#ifndef GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_TEXT_H_
#define GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/testing/schedules/schedule_alphabet.h"
#include "glue_security/testing/schedules/schedule_graph.h"
#include "glue_security/testing/schedules/schedule_search.h"

namespace glue_security {
namespace testing_internal {

struct ParsedSchedule {
  int initial_state = 0;
  ClientPrograms programs;
  std::vector<ScheduleChoice> choices;
};

// InvalidArgument: not names of the alphabet, or more of them than the search
// can hold.
absl::StatusOr<ParsedSchedule> ParseScenario(
    const ScheduleAlphabet& alphabet, absl::string_view initial_state,
    const std::vector<std::vector<std::string>>& clients);
absl::StatusOr<ParsedSchedule> ParseSchedule(const ScheduleAlphabet& alphabet,
                                             absl::string_view schedule);

// The readable form of a schedule.
struct ToldSchedule {
  // False when the choice after `steps` steps is not possible.
  bool possible = true;
  size_t steps = 0;
  std::string schedule;
  // Empty: nothing is wrong.
  std::string reason;
  std::string text;
};

// REQUIRES: `search` is that of the schedule's scenario.
ToldSchedule TellSchedule(const ParsedSchedule& schedule, ScheduleGraph* graph,
                          ScheduleSearch* search);

}  // namespace testing_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_TEXT_H_
