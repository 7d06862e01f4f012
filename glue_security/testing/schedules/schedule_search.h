// ScheduleSearch: the search over the schedules of one scenario.
//
// A state of the search is everything that the rest of a schedule depends on:
// the storage, the runs, the delayed commits, the possible orders of the
// history, and the faults that are left. A choice is one step of a client, with
// or without a fault, or the arrival of a delayed commit.
//
// ## The reduction, and why it misses nothing
//
//   Same states. Two schedules that lead to the same state have the same
//   continuations. The first visit explores them, the next one adds its number.
//   The state is compared in full, not by a hash.
//
//   Waiting. A run that waits touches nothing, so it continues at once.
//
//   Key calls. A key call touches nothing that another client sees, so it comes
//   before the steps of the others (a persistent set).
//
//   Other objects. When a client's operation is on an object that no other
//   client, now or later, and no delayed commit touches, its steps commute with
//   all of theirs, so they come first (a persistent set). The clock of an
//   object counts only the commits to it, so times commute, too. The orders of
//   return that are left out matter to no answer: a history is linearizable
//   exactly when its part on each object is.
//
// Invocations are not steps: an operation starts with its first step and
// returns with its last. A client that starts earlier or gets the answer later
// has fewer orders to respect, so all of its possible answers are seen here.

#ifndef GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_SEARCH_H_
#define GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_SEARCH_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "glue_security/testing/schedules/schedule_graph.h"
#include "glue_security/testing/schedules/schedule_monitor.h"

namespace glue_security {
namespace testing_internal {

inline constexpr int kClientsMax = 4;
inline constexpr int kOperationsMax = 4;
inline constexpr int kFaultsMax = 4;

// The fault of one step.
enum class ScheduleFault : uint8_t {
  kNone,
  kReadFails,
  kReadDataLoss,
  // The key service answers too late.
  kKeyFails,
  kConflict,
  kNotApplied,
  kCommitDataLoss,
  // The commit's outcome stays unknown: not applied, applied, applied later.
  kLostRequest,
  kLostAnswer,
  kDelayed,
  // The client gives the run up: before the step, or during a commit.
  kGiveUp,
  kGiveUpLostRequest,
  kGiveUpLostAnswer,
  kGiveUpDelayed,
  // The client is gone: before the step, or during a commit.
  kCrash,
  kCrashLostAnswer,
  kCrashDelayed,
};
inline constexpr int kScheduleFaults = 17;

// Returns the fault's name in a schedule: "lost-answer".
const char* ScheduleFaultName(ScheduleFault fault);

// A step of client `index`, or the arrival of the `index`-th delayed commit.
struct ScheduleChoice {
  bool arrival = false;
  uint8_t index = 0;
  ScheduleFault fault = ScheduleFault::kNone;
};

// The operations of each client, as indices into the alphabet.
using ClientPrograms = std::vector<std::vector<int>>;

class ScheduleSearch {
 public:
  struct State {
    Id storage = 0;
    Id monitor = 0;
    // The run of each client; 0 between two operations.
    std::array<Id, kClientsMax> runs{};
    // Delayed commits: batch, and the slot that sent it.
    std::array<Id, kFaultsMax> late_batches{};
    // Operations whose outcome is unknown, as their last runs.
    std::array<Id, kFaultsMax> unknown{};
    // The operation that each client is at.
    std::array<uint8_t, kClientsMax> next{};
    std::array<uint8_t, kFaultsMax> late_slots{};
    // Slots, as bits: those whose batch was applied, and those that answered
    // that nothing was changed. A slot that cannot go wrong any more has none.
    uint16_t applied = 0;
    uint16_t failed = 0;
    uint8_t faults_left = 0;
    std::array<uint8_t, 3> padding{};

    friend bool operator==(const State& a, const State& b) {
      return std::memcmp(&a, &b, sizeof(State)) == 0;
    }
    template <typename H>
    friend H AbslHashValue(H h, const State& state) {
      return H::combine_contiguous(
          std::move(h), reinterpret_cast<const unsigned char*>(&state),
          sizeof(State));
    }
  };
  static_assert(std::has_unique_object_representations_v<State>,
                "compared and hashed as bytes");

  struct Counts {
    uint64_t schedules = 0;
    uint64_t states = 0;
  };

  // The effect of a step, for the text of a schedule.
  struct Step {
    // The states before and after it. The run is the one of the step, even when
    // it is done.
    Id storage_before = 0;
    Id storage_after = 0;
    Id run_before = 0;
    Id run_after = 0;
    bool crashed = false;
    // Why the schedule fails here, and lines with details; otherwise empty.
    std::string violation;
    std::vector<std::string> explanation;
  };

  enum class Reduction { kNone, kSameStates, kAll };

  ScheduleSearch(ScheduleGraph* graph, ScheduleMonitor* monitor,
                 int initial_state, ClientPrograms programs, int faults_max,
                 Reduction reduction);

  // Visits everything. Returns false when a schedule fails; the search ends
  // there.
  bool Run(Counts* counts);

  // Returns a failing schedule with the fewest faults, and among these the
  // fewest steps; nullopt: none fails.
  std::optional<std::vector<ScheduleChoice>> Shortest();

  // Returns the answers of all operations and the final state, for every result
  // of the scenario, as text.
  std::set<std::string> Outcomes();

  State Start() const;
  // Returns all possible next choices; none: the schedule is complete.
  std::vector<ScheduleChoice> Choices(const State& state,
                                      bool other_objects_later = false) const;
  // Makes the step. REQUIRES: a choice of `Choices(state)`.
  State Take(const State& state, ScheduleChoice choice, Step* step);
  // Returns true when the complete schedule ends well; otherwise gives the
  // reason in `step`.
  bool EndsWell(const State& state, Step* step);

  const ClientPrograms& programs() const { return programs_; }

 private:
  // The answers that are still to come, by slot, and the final state.
  using Outcome = std::map<int, Id>;

  static int SlotOf(int client, int index) {
    return client * kOperationsMax + index;
  }
  bool Done(const State& state, int client) const {
    return state.next[static_cast<size_t>(client)] >=
           programs_[static_cast<size_t>(client)].size();
  }
  bool Visit(const State& state, uint64_t* schedules, uint64_t* seen);
  std::set<Outcome> OutcomesOf(const State& state);

  std::vector<int> ClientsToStep(const State& state, bool other_objects_later,
                                 bool* arrivals) const;
  // Returns the objects of the client's operations from the current one on, as
  // bits.
  unsigned Remaining(const State& state, int client) const;
  unsigned Present(const State& state, int client) const;
  void AddFaults(const State& state, int client,
                 std::vector<ScheduleChoice>* choices) const;

  void StepClient(ScheduleChoice choice, State* state, Step* step);
  // Returns the input that the fault, or the storage, gives to the run.
  RunInput CommitInput(ScheduleFault fault, int slot, Id batch, State* state,
                       Step* step);
  void Apply(Id batch, int slot, State* state, Step* step, bool* conflict);
  void Finish(int client, Id run, State* state, Step* step);
  void Drop(int client, Id run, bool sent, State* state, Step* step);
  ScheduleMonitor::Pending PendingIn(const State& state, int but_client) const;
  // Clears the bits of slots that cannot go wrong any more.
  void Tidy(State* state) const;

  ScheduleGraph& graph_;
  ScheduleMonitor& monitor_;
  const int initial_state_;
  const ClientPrograms programs_;
  const int faults_max_;
  const bool merges_;
  const bool other_objects_later_;
  absl::flat_hash_map<State, uint64_t> visited_;
  absl::flat_hash_map<State, std::set<Outcome>> outcomes_;
};

}  // namespace testing_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_SEARCH_H_
