#include "glue_security/testing/schedules/schedule_search.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace glue_security {
namespace testing_internal {
namespace {

using Need = ScheduledOperation::Need;
using Fault = ScheduleFault;

constexpr const char* kFaultNames[kScheduleFaults] = {"none",
                                                      "read-fails",
                                                      "read-data-loss",
                                                      "key-fails",
                                                      "conflict",
                                                      "not-applied",
                                                      "commit-data-loss",
                                                      "lost-request",
                                                      "lost-answer",
                                                      "delayed",
                                                      "give-up",
                                                      "give-up-lost-request",
                                                      "give-up-lost-answer",
                                                      "give-up-delayed",
                                                      "crash",
                                                      "crash-lost-answer",
                                                      "crash-delayed"};

constexpr Fault kCommitFaults[] = {
    Fault::kNotApplied,        Fault::kCommitDataLoss, Fault::kLostRequest,
    Fault::kGiveUpLostRequest, Fault::kDelayed,        Fault::kGiveUpDelayed,
    Fault::kCrashDelayed};
// These differ from the others only when the commit would have applied.
constexpr Fault kFaultsOfGoodCommits[] = {Fault::kConflict, Fault::kLostAnswer,
                                          Fault::kGiveUpLostAnswer,
                                          Fault::kCrashLostAnswer};

unsigned Bit(ScheduleObject object) {
  return 1U << static_cast<unsigned>(object);
}
// The key of the final state in an outcome, where answers have their slot.
constexpr int kFinalState = -1;

uint16_t SlotBit(int slot) { return static_cast<uint16_t>(1U << slot); }

// Returns the first free place. REQUIRES: there is one.
template <typename Array>
size_t FreeIn(const Array& ids) {
  return static_cast<size_t>(std::find(ids.begin(), ids.end(), 0) -
                             ids.begin());
}

}  // namespace

const char* ScheduleFaultName(ScheduleFault fault) {
  return kFaultNames[static_cast<size_t>(fault)];
}

ScheduleSearch::ScheduleSearch(ScheduleGraph* graph, ScheduleMonitor* monitor,
                               int initial_state, ClientPrograms programs,
                               int faults_max, Reduction reduction)
    : graph_(*graph),
      monitor_(*monitor),
      initial_state_(initial_state),
      programs_(std::move(programs)),
      faults_max_(faults_max),
      merges_(reduction != Reduction::kNone),
      other_objects_later_(reduction == Reduction::kAll) {}

ScheduleSearch::State ScheduleSearch::Start() const {
  State state;
  state.storage = graph_.InitialStorage(initial_state_);
  state.monitor = monitor_.Start(graph_.InitialModel(initial_state_));
  state.faults_left = static_cast<uint8_t>(faults_max_);
  return state;
}

unsigned ScheduleSearch::Present(const State& state, int client) const {
  const auto& program = programs_[static_cast<size_t>(client)];
  return Bit(graph_.object(program[state.next[static_cast<size_t>(client)]]));
}

unsigned ScheduleSearch::Remaining(const State& state, int client) const {
  const auto& program = programs_[static_cast<size_t>(client)];
  unsigned objects = 0;
  for (size_t i = state.next[static_cast<size_t>(client)]; i < program.size();
       ++i) {
    objects |= Bit(graph_.object(program[i]));
  }
  return objects;
}

std::vector<int> ScheduleSearch::ClientsToStep(const State& state,
                                               bool other_objects_later,
                                               bool* arrivals) const {
  std::vector<int> active;
  for (int c = 0; c < static_cast<int>(programs_.size()); ++c) {
    if (!Done(state, c)) active.push_back(c);
  }
  *arrivals = state.late_batches[0] != 0;
  if (!other_objects_later) return active;
  for (const int c : active) {
    const Id run = state.runs[static_cast<size_t>(c)];
    if (run == 0 || graph_.run(run).need != Need::kKeyCall) continue;
    *arrivals = false;
    return {c};
  }
  unsigned late = 0;
  for (size_t i = 0; i < kFaultsMax && state.late_batches[i] != 0; ++i) {
    const int slot = state.late_slots[i];
    late |= Bit(graph_.object(programs_[static_cast<size_t>(
        slot / kOperationsMax)][static_cast<size_t>(slot % kOperationsMax)]));
  }
  for (const int c : active) {
    unsigned others = late;
    for (const int d : active) {
      if (d != c) others |= Remaining(state, d);
    }
    if ((Present(state, c) & others) != 0) continue;
    *arrivals = false;
    return {c};
  }
  return active;
}

std::vector<ScheduleChoice> ScheduleSearch::Choices(
    const State& state, bool other_objects_later) const {
  std::vector<ScheduleChoice> choices;
  bool arrivals = false;
  for (const int client :
       ClientsToStep(state, other_objects_later, &arrivals)) {
    choices.push_back({false, static_cast<uint8_t>(client), Fault::kNone});
    if (state.faults_left > 0) AddFaults(state, client, &choices);
  }
  if (arrivals) {
    for (size_t i = 0; i < kFaultsMax && state.late_batches[i] != 0; ++i) {
      choices.push_back({true, static_cast<uint8_t>(i), Fault::kNone});
    }
  }
  return choices;
}

void ScheduleSearch::AddFaults(const State& state, int client,
                               std::vector<ScheduleChoice>* choices) const {
  const auto c = static_cast<size_t>(client);
  const auto add = [&](Fault fault) {
    choices->push_back({false, static_cast<uint8_t>(client), fault});
  };
  Id run = state.runs[c];
  // A run that is given up before its first step has done nothing.
  if (run != 0) {
    add(Fault::kGiveUp);
    add(Fault::kCrash);
  } else {
    run = graph_.Start(programs_[c][state.next[c]],
                       SlotOf(client, state.next[c]));
  }
  const RunNode& node = graph_.run(run);
  if (node.need == Need::kRead) {
    add(Fault::kReadFails);
    add(Fault::kReadDataLoss);
  } else if (node.need == Need::kKeyCall) {
    add(Fault::kKeyFails);
  } else if (node.need == Need::kCommit) {
    for (const Fault fault : kCommitFaults) add(fault);
    if (graph_.Commit(state.storage, node.batch) != 0) {
      for (const Fault fault : kFaultsOfGoodCommits) add(fault);
    }
  }
}

ScheduleMonitor::Pending ScheduleSearch::PendingIn(const State& state,
                                                   int but_client) const {
  ScheduleMonitor::Pending pending;
  for (size_t c = 0; c < programs_.size(); ++c) {
    if (static_cast<int>(c) != but_client && state.runs[c] != 0) {
      pending.running.push_back(state.runs[c]);
    }
  }
  for (const Id run : state.unknown) {
    if (run != 0) pending.unknown.push_back(run);
  }
  return pending;
}

ScheduleSearch::State ScheduleSearch::Take(const State& state,
                                           ScheduleChoice choice, Step* step) {
  State next = state;
  step->storage_before = state.storage;
  if (choice.fault != Fault::kNone) --next.faults_left;
  if (choice.arrival) {
    const size_t i = choice.index;
    const Id batch = state.late_batches[i];
    const int slot = state.late_slots[i];
    for (size_t j = i; j < kFaultsMax; ++j) {
      const bool last = j + 1 == kFaultsMax;
      next.late_batches[j] = last ? 0 : state.late_batches[j + 1];
      next.late_slots[j] = last ? uint8_t{0} : state.late_slots[j + 1];
    }
    bool conflict = false;
    Apply(batch, slot, &next, step, &conflict);
  } else {
    StepClient(choice, &next, step);
  }
  step->storage_after = next.storage;
  Tidy(&next);
  return next;
}

void ScheduleSearch::StepClient(ScheduleChoice choice, State* state,
                                Step* step) {
  const int client = choice.index;
  const auto c = static_cast<size_t>(client);
  const int slot = SlotOf(client, state->next[c]);
  const int operation = programs_[c][state->next[c]];
  const bool starts = state->runs[c] == 0;
  Id run = starts ? graph_.Start(operation, slot) : state->runs[c];
  step->run_before = run;
  const Need need = graph_.run(run).need;
  if (choice.fault == Fault::kCrash) {
    Drop(client, run, /*sent=*/false, state, step);
    return;
  }
  if (choice.fault == Fault::kGiveUp) {
    run = graph_.Advance(run, RunInput::kGivenUp);
  } else if (need == Need::kRead) {
    if (choice.fault == Fault::kNone) {
      const Id snapshot = graph_.Read(state->storage, graph_.run(run).read_set);
      run = graph_.Advance(
          run, RunInput::kSnapshot, snapshot,
          graph_.NowMs(state->storage, graph_.object(operation), client));
    } else {
      run = graph_.Advance(run, choice.fault == Fault::kReadFails
                                    ? RunInput::kReadFailed
                                    : RunInput::kReadDataLoss);
    }
  } else if (need == Need::kKeyCall) {
    run = graph_.Advance(run, choice.fault == Fault::kNone
                                  ? RunInput::kKeyAnswered
                                  : RunInput::kKeyRefused);
  } else if (need == Need::kCommit) {
    const RunInput input =
        CommitInput(choice.fault, slot, graph_.run(run).batch, state, step);
    if (choice.fault == Fault::kCrashLostAnswer ||
        choice.fault == Fault::kCrashDelayed) {
      Drop(client, run, /*sent=*/true, state, step);
      return;
    }
    run = graph_.Advance(run, input);
  } else if (need == Need::kWait) {
    run = graph_.Advance(run, RunInput::kWaited);
  }
  while (merges_ && graph_.run(run).need == Need::kWait) {
    run = graph_.Advance(run, RunInput::kWaited);
  }
  state->runs[c] = run;
  step->run_after = run;
  const RunNode& node = graph_.run(run);
  if (step->violation.empty()) step->violation = node.violation;
  if (node.need == Need::kDone) Finish(client, run, state, step);
}

RunInput ScheduleSearch::CommitInput(ScheduleFault fault, int slot, Id batch,
                                     State* state, Step* step) {
  bool conflict = false;
  switch (fault) {
    case Fault::kNone:
      Apply(batch, slot, state, step, &conflict);
      return conflict ? RunInput::kConflicted : RunInput::kCommitted;
    case Fault::kConflict:
      return RunInput::kConflicted;
    case Fault::kNotApplied:
      return RunInput::kNotApplied;
    case Fault::kCommitDataLoss:
      return RunInput::kCommitDataLoss;
    case Fault::kLostRequest:
      return RunInput::kUnknown;
    case Fault::kGiveUpLostRequest:
      return RunInput::kGivenUpCommitting;
    case Fault::kLostAnswer:
    case Fault::kGiveUpLostAnswer:
    case Fault::kCrashLostAnswer:
      Apply(batch, slot, state, step, &conflict);
      break;
    default: {
      const size_t i = FreeIn(state->late_batches);
      state->late_batches[i] = batch;
      state->late_slots[i] = static_cast<uint8_t>(slot);
    }
  }
  return fault == Fault::kLostAnswer || fault == Fault::kDelayed
             ? RunInput::kUnknown
             : RunInput::kGivenUpCommitting;
}

void ScheduleSearch::Apply(Id batch, int slot, State* state, Step* step,
                           bool* conflict) {
  const Id storage = graph_.Commit(state->storage, batch);
  *conflict = storage == 0;
  if (storage == 0) return;
  step->violation = graph_.BrokenRule(state->storage, batch);
  state->storage = storage;
  if ((state->applied & SlotBit(slot)) != 0) {
    step->violation = "the operation was applied twice";
  } else if ((state->failed & SlotBit(slot)) != 0) {
    step->violation =
        "the operation was answered as one that changed nothing, but was "
        "applied afterwards";
  }
  state->applied |= SlotBit(slot);
}

void ScheduleSearch::Finish(int client, Id run, State* state, Step* step) {
  const auto c = static_cast<size_t>(client);
  const RunNode& node = graph_.run(run);
  const int slot = node.slot;
  const Id before = state->monitor;
  state->runs[c] = 0;
  ++state->next[c];
  if (!step->violation.empty()) return;
  switch (node.answer) {
    case AnswerClass::kUnknown:
      state->unknown[FreeIn(state->unknown)] = run;
      state->monitor = monitor_.BecameUnknown(before, slot);
      return;
    case AnswerClass::kNotApplied:
      state->monitor = monitor_.Failed(before, slot);
      break;
    default:
      state->monitor =
          monitor_.Returned(before, run, PendingIn(*state, client));
      break;
  }
  if (node.answer != AnswerClass::kSucceeded) {
    state->failed |= SlotBit(slot);
    if ((state->applied & SlotBit(slot)) != 0) {
      step->violation =
          "the operation is answered as one that changed nothing, but was "
          "applied";
      return;
    }
  }
  if (state->monitor != 0) return;
  if (node.answer == AnswerClass::kNotApplied) {
    step->violation =
        "an earlier answer requires that the operation took effect, but it "
        "failed";
    return;
  }
  step->violation = "no order of the operations explains the answer";
  step->explanation = monitor_.Explain(before, run, PendingIn(*state, client));
}

void ScheduleSearch::Drop(int client, Id run, bool sent, State* state,
                          Step* step) {
  const auto c = static_cast<size_t>(client);
  const RunNode& node = graph_.run(run);
  step->run_after = run;
  step->crashed = true;
  state->runs[c] = 0;
  state->next[c] = static_cast<uint8_t>(programs_[c].size());
  if (sent || node.told_unknown) {
    state->unknown[FreeIn(state->unknown)] = run;
    state->monitor = monitor_.BecameUnknown(state->monitor, node.slot);
    return;
  }
  state->failed |= SlotBit(node.slot);
  state->monitor = monitor_.Failed(state->monitor, node.slot);
  if (state->monitor == 0 && step->violation.empty()) {
    step->violation =
        "an earlier answer requires that the operation took effect, but its "
        "client had sent nothing";
  }
}

void ScheduleSearch::Tidy(State* state) const {
  uint16_t open = 0;
  for (size_t c = 0; c < programs_.size(); ++c) {
    if (state->runs[c] != 0) {
      open |= SlotBit(SlotOf(static_cast<int>(c), state->next[c]));
    }
  }
  for (size_t i = 0; i < kFaultsMax && state->late_batches[i] != 0; ++i) {
    open |= SlotBit(state->late_slots[i]);
  }
  state->applied &= open;
  state->failed &= open;
}

bool ScheduleSearch::EndsWell(const State& state, Step* step) {
  const ScheduleMonitor::Pending pending = PendingIn(state, -1);
  if (monitor_.CanEndIn(state.monitor, state.storage, pending)) return true;
  step->violation = "no order of the operations leads to the final state";
  step->explanation = monitor_.Ends(state.monitor, pending);
  return false;
}

bool ScheduleSearch::Run(Counts* counts) {
  visited_.clear();
  const bool good = Visit(Start(), &counts->schedules, &counts->states);
  visited_.clear();
  return good;
}

bool ScheduleSearch::Visit(const State& state, uint64_t* schedules,
                           uint64_t* seen) {
  if (merges_) {
    const auto it = visited_.find(state);
    if (it != visited_.end()) {
      *schedules += it->second;
      return true;
    }
  }
  ++*seen;
  const uint64_t before = *schedules;
  const std::vector<ScheduleChoice> choices =
      Choices(state, other_objects_later_);
  if (choices.empty()) {
    ++*schedules;
    Step step;
    if (!EndsWell(state, &step)) return false;
  }
  for (const ScheduleChoice choice : choices) {
    Step step;
    const State next = Take(state, choice, &step);
    if (!step.violation.empty()) {
      ++*schedules;
      return false;
    }
    if (!Visit(next, schedules, seen)) return false;
  }
  if (merges_) visited_.emplace(state, *schedules - before);
  return true;
}

std::optional<std::vector<ScheduleChoice>> ScheduleSearch::Shortest() {
  struct Place {
    State state;
    size_t parent;
    ScheduleChoice choice;
  };
  for (int faults = 0; faults <= faults_max_; ++faults) {
    std::vector<Place> places;
    const auto path = [&](size_t at) {
      std::vector<ScheduleChoice> choices;
      for (; at != 0; at = places[at].parent) {
        choices.push_back(places[at].choice);
      }
      std::reverse(choices.begin(), choices.end());
      return choices;
    };
    absl::flat_hash_map<State, bool> seen;
    State start = Start();
    start.faults_left = static_cast<uint8_t>(faults);
    places.push_back({start, 0, {}});
    for (size_t at = 0; at < places.size(); ++at) {
      const State state = places[at].state;
      const auto choices = Choices(state);
      Step end;
      if (choices.empty() && !EndsWell(state, &end)) return path(at);
      for (const ScheduleChoice choice : choices) {
        Step step;
        const State next = Take(state, choice, &step);
        if (!step.violation.empty()) {
          auto choices_so_far = path(at);
          choices_so_far.push_back(choice);
          return choices_so_far;
        }
        if (!seen.try_emplace(next, true).second) continue;
        places.push_back({next, at, choice});
      }
    }
  }
  return std::nullopt;
}

std::set<ScheduleSearch::Outcome> ScheduleSearch::OutcomesOf(
    const State& state) {
  if (merges_) {
    const auto it = outcomes_.find(state);
    if (it != outcomes_.end()) return it->second;
  }
  std::set<Outcome> outcomes;
  const std::vector<ScheduleChoice> choices =
      Choices(state, other_objects_later_);
  if (choices.empty()) {
    outcomes.insert({{kFinalState, graph_.VisibleInStorage(state.storage)}});
  }
  for (const ScheduleChoice choice : choices) {
    Step step;
    const State next = Take(state, choice, &step);
    const RunNode& run = graph_.run(step.run_after);
    const bool finished =
        step.run_after != 0 && (step.crashed || run.need == Need::kDone);
    for (Outcome outcome : OutcomesOf(next)) {
      if (finished) outcome[run.slot] = step.crashed ? 0 : run.response;
      outcomes.insert(std::move(outcome));
    }
  }
  if (merges_) outcomes_.emplace(state, outcomes);
  return outcomes;
}

std::set<std::string> ScheduleSearch::Outcomes() {
  std::set<std::string> texts;
  for (const Outcome& outcome : OutcomesOf(Start())) {
    std::string text;
    for (const auto& [slot, answer] : outcome) {
      absl::StrAppend(&text, slot, ": ",
                      answer == 0 ? "crashed" : graph_.text(answer), "\n");
    }
    texts.insert(std::move(text));
  }
  outcomes_.clear();
  return texts;
}

}  // namespace testing_internal
}  // namespace glue_security
