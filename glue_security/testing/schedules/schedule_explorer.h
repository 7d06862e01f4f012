// ScheduleExplorer: drives several operations over one simulated storage
// through every interleaving of their steps, and checks every one of them.
//
// It is not a stress test: there are no threads, no time and no randomness.
// Clients each execute a list of operations. A schedule says who reads or
// commits next, and which faults happen. The explorer tries all schedules of a
// scenario, or reports why one of them is wrong.
//
//   const ScheduleScenario scenario{"policy",
//                                   {{"put_if_initial"}, {"delete", "get"}}};
//   ScheduleOptions options;  // the engine's operations, one fault
//   std::cout << ScheduleExplorer(options).Explore(scenario).ToString();
//       // 1 scenario, 673 schedules, 265 states: no schedule fails
//   options.faults_max = 0;  // the order of the steps alone
//   std::cout << ScheduleExplorer(options).Explore(scenario).ToString();
//       // 1 scenario, 11 schedules, 19 states: no schedule fails
//
// With operations that commit without their preconditions
// (`options.new_operation`), the same calls print, shortened:
//
//   schedule policy/put_if_initial/delete/0 1 1 0
//    1. client 0 put_if_initial: reads policy@1
//    2. client 1 delete: reads policy@1
//    3. client 1 delete: commits policy if nothing: applied as revision 4
//    4. client 0 put_if_initial: commits policy if nothing: applied as ...
//   final state ...
//   fails: no order of the operations leads to the final state
//   it could have ended in ...
//
// The text after `schedule` replays the schedule, byte for byte: `Replay`.
//
// ## Checks
//
// Every complete schedule is checked, as soon as a step allows it:
//
//   - The answers and the final state are linearizable: some order of the
//     operations, in which each comes after those that returned before it
//     began, gives these answers and this state when `ReferenceModel` executes
//     it. Answers are compared as a whole, with times; for an error only the
//     code is compared, and for a page token or an encrypted password only its
//     presence. The final state is what the Gets show, and the count record.
//   - An operation's time is the time of one of its reads. The clock of an
//     object (policy, settings, configurations) moves with each commit to it;
//     the second client's clock is 25 ms behind the first's, and so on.
//   - An operation with an unknown outcome took effect once or not at all,
//     perhaps after its answer. One that failed in any other way changed
//     nothing and never will. None is applied twice.
//   - A connection is stored encrypted as the settings say that are in force at
//     its commit. The keys are those of a stand-in, which has all of them.
//   - No run reads or commits beyond `Limits::attempts_max`. No run reports a
//     failure of the storage that did not happen. No run reports an unknown
//     outcome after it has read what it wrote.
//
// A schedule has at most `faults_max` faults. A fault is one of these: a read
// fails or finds data loss; a key call takes too long; a commit conflicts
// without need, is not applied, finds data loss, or has an unknown outcome and
// was not applied, was applied, or is applied at any later point that S15
// allows; a run is given up before a step or while it commits; a client crashes
// before a step or while it commits.
//
// Thread-compatible. docs/testing_kit/schedules.md has more.

#ifndef GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_EXPLORER_H_
#define GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_EXPLORER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/testing/schedules/schedule_alphabet.h"
#include "glue_security/testing/schedules/scheduled_operation.h"
#include "glue_security/testing/schedules/simulated_storage.h"

namespace glue_security {

// The operations of each client and the initial state, by their names in the
// alphabet. At most four clients, and four operations each.
struct ScheduleScenario {
  std::string initial_state;
  std::vector<std::vector<std::string>> clients;
};

// A schedule that is wrong.
struct ScheduleFailure {
  // The text that replays it.
  std::string schedule;
  // The reason in one sentence; the last line of `text`, without details.
  std::string reason;
  // The whole schedule, step by step, ending in a newline.
  std::string text;
};

// The result of an exploration.
struct ScheduleReport {
  uint64_t scenarios = 0;
  // Complete schedules: the paths through the reduced graph. When one fails,
  // only the schedules up to and including it are counted.
  uint64_t schedules = 0;
  // The different states that were visited.
  uint64_t states = 0;
  // The first failure, made small: operations, faults and steps that it does
  // not need are removed.
  std::optional<ScheduleFailure> failure;

  // Returns the counts, or the failure's text.
  std::string ToString() const;
};

struct ScheduleOptions {
  ScheduleAlphabet alphabet = DefaultScheduleAlphabet();
  // The faults in one schedule: 0 to 4.
  int faults_max = 1;
  // Makes the operations of the clients.
  ScheduledOperationFactory new_operation = NewEngineOperation;
  // The storage beneath them. Null: `SimulatedStorage`. Not owned.
  const SimulatedStorage* storage = nullptr;
  // False: explores every interleaving by itself, to check the reduction. Slow.
  bool reduce = true;
};

class ScheduleExplorer {
 public:
  // REQUIRES: the names of the alphabet differ.
  explicit ScheduleExplorer(ScheduleOptions options);
  ~ScheduleExplorer();

  ScheduleExplorer(const ScheduleExplorer&) = delete;
  ScheduleExplorer& operator=(const ScheduleExplorer&) = delete;

  // Returns all scenarios of `clients` clients with `operations` operations
  // each, from each initial state. They are combinations with repetition,
  // because clients differ only by their clocks.
  std::vector<ScheduleScenario> Combinations(int clients, int operations) const;

  // Explores one scenario, or several until a schedule fails.
  // REQUIRES: names of the alphabet, within the bounds.
  ScheduleReport Explore(const ScheduleScenario& scenario);
  ScheduleReport ExploreAll(const std::vector<ScheduleScenario>& scenarios);

  // Returns the text of a schedule, as in `ScheduleFailure::text`; a schedule
  // that is good or not complete has one, too. InvalidArgument: no such
  // schedule.
  absl::StatusOr<std::string> Replay(absl::string_view schedule);

  // Returns all results of the scenario, answers and final states, as text.
  std::set<std::string> Outcomes(const ScheduleScenario& scenario);

 private:
  struct Machine;

  const ScheduleOptions options_;
  const SimulatedStorage faithful_storage_;
  const std::unique_ptr<Machine> machine_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_EXPLORER_H_
