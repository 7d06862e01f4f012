// ScheduleExplorer: drives several runs of operations over one simulated
// storage through every interleaving of their steps, and checks every one of
// them.
//
// It is no stress test: there are no threads, no time and no chance. Clients
// each execute a list of operations; a schedule says who reads or commits next,
// and what goes wrong. All schedules of a scenario are explored, or it says why
// one of them is wrong.
//
//   const ScheduleScenario scenario{"policy",
//                                   {{"put_if_initial"}, {"delete", "get"}}};
//   ScheduleOptions options;  // the engine's run, at most one fault
//   std::cout << ScheduleExplorer(options).Explore(scenario).ToString();
//       // 1 scenario, 673 schedules, 265 states: no schedule fails
//   options.faults_max = 0;  // the order of the steps alone
//   std::cout << ScheduleExplorer(options).Explore(scenario).ToString();
//       // 1 scenario, 11 schedules, 19 states: no schedule fails
//
// With a run that commits without its preconditions (`options.new_run`) the
// same calls print, shortened:
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
// What follows `schedule` replays it, byte for byte: `Replay`.
//
// ## What is checked
//
// On every complete schedule, and as soon as it shows:
//
//   - The answers and the final state are linearizable: some order of the
//     operations, in which each comes after those that returned before it
//     began, gives these answers and this state when `ReferenceModel` executes
//     it. Answers are compared as a whole, times included; of an error its
//     code, of a page token that there is one. The final state is what the
//     three Gets show, and the count record.
//   - Times. An operation's time is that of one of its reads. The clock of an
//     object (policy, settings, configurations) moves with each commit to it;
//     the second client's clock is 25 ms behind the first's, and so on.
//   - An operation with an unknown outcome took effect once or not at all, be
//   it
//     after its answer. One that failed in any other way changed nothing and
//     never will. None is applied twice.
//   - No run reads or commits beyond `Limits::attempts_max`; none says that the
//     storage failed when it did not; none says that its outcome is unknown
//     when it has read what it wrote.
//
// What can go wrong, each a fault, `faults_max` of them in a schedule: a read
// fails or finds data loss; a commit conflicts without need, is not applied,
// finds data loss, or has an unknown outcome and was not applied, was applied,
// or is applied at any later point, as far as S15 allows; a run is given up,
// before a step or while it commits; a client crashes, the same.
//
// Thread-compatible. docs/testing_kit/schedules.md tells more.

#ifndef GLUE_SECURITY_TESTING_SCHEDULE_EXPLORER_H_
#define GLUE_SECURITY_TESTING_SCHEDULE_EXPLORER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/testing/schedule_alphabet.h"
#include "glue_security/testing/schedule_run.h"
#include "glue_security/testing/simulated_storage.h"

namespace glue_security {

// Who does what, from which state: names of the alphabet. At most four clients,
// and four operations each.
struct ScheduleScenario {
  std::string initial_state;
  std::vector<std::vector<std::string>> clients;
};

// A schedule that is wrong.
struct ScheduleFailure {
  // Replays it.
  std::string schedule;
  // What is wrong, in a sentence; the last line of `text` but for details.
  std::string reason;
  // All of it, step by step, with its end of line.
  std::string text;
};

// What an exploration found.
struct ScheduleReport {
  uint64_t scenarios = 0;
  // Complete schedules: the ways through the reduced graph. Where one fails,
  // those up to and including the failing one.
  uint64_t schedules = 0;
  // Different states that were visited.
  uint64_t states = 0;
  // The first failure, made small: without the operations, faults and steps
  // that it does not need.
  std::optional<ScheduleFailure> failure;

  // The counts, or the failure's text.
  std::string ToString() const;
};

struct ScheduleOptions {
  ScheduleAlphabet alphabet = DefaultScheduleAlphabet();
  // Faults in one schedule: 0 to 4.
  int faults_max = 1;
  // What the clients run, and on what. Null: `SimulatedStorage`. Not owned.
  ScheduledRunFactory new_run = NewOperationRun;
  const SimulatedStorage* storage = nullptr;
  // False: every interleaving by itself, to check the reduction by. Takes long.
  bool reduce = true;
};

class ScheduleExplorer {
 public:
  // REQUIRES: the names of the alphabet differ.
  explicit ScheduleExplorer(ScheduleOptions options);
  ~ScheduleExplorer();

  ScheduleExplorer(const ScheduleExplorer&) = delete;
  ScheduleExplorer& operator=(const ScheduleExplorer&) = delete;

  // All scenarios of `clients` clients with `operations` operations each, from
  // each initial state: combinations with repetition, since clients are alike
  // but for their clocks.
  std::vector<ScheduleScenario> Combinations(int clients, int operations) const;

  // Explores a scenario, or one after the other until a schedule fails.
  // REQUIRES: names of the alphabet, within the bounds.
  ScheduleReport Explore(const ScheduleScenario& scenario);
  ScheduleReport ExploreAll(const std::vector<ScheduleScenario>& scenarios);

  // The text of a schedule, as `ScheduleFailure::text`; a schedule that is good
  // or that is not complete has one, too. InvalidArgument: no such schedule.
  absl::StatusOr<std::string> Replay(absl::string_view schedule);

  // All ways in which the scenario can end: answers and final states, as text.
  std::set<std::string> Outcomes(const ScheduleScenario& scenario);

 private:
  struct Machine;

  const ScheduleOptions options_;
  const SimulatedStorage faithful_storage_;
  const std::unique_ptr<Machine> machine_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SCHEDULE_EXPLORER_H_
