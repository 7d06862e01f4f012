#include "glue_security/testing/schedules/schedule_explorer.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/schedules/schedule_graph.h"
#include "glue_security/testing/schedules/schedule_monitor.h"
#include "glue_security/testing/schedules/schedule_search.h"
#include "glue_security/testing/schedules/schedule_text.h"

namespace glue_security {

using testing_internal::ClientPrograms;
using testing_internal::ParsedSchedule;
using testing_internal::ScheduleChoice;
using testing_internal::ScheduleGraph;
using testing_internal::ScheduleMonitor;
using testing_internal::ScheduleSearch;
using Reduction = ScheduleSearch::Reduction;

namespace {

Reduction ReductionFor(const ScheduleOptions& options) {
  if (!options.reduce) return Reduction::kNone;
  return options.storage == nullptr ? Reduction::kAll : Reduction::kSameStates;
}

}  // namespace

struct ScheduleExplorer::Machine {
  Machine(const ScheduleAlphabet* alphabet, const SimulatedStorage* storage,
          ScheduledOperationFactory new_operation, Reduction reduction_in)
      : graph(alphabet, storage, std::move(new_operation)),
        monitor(&graph),
        reduction(reduction_in) {}

  ScheduleSearch Search(const ParsedSchedule& scenario, int faults_max,
                        Reduction how) {
    return ScheduleSearch(&graph, &monitor, scenario.initial_state,
                          scenario.programs, faults_max, how);
  }
  bool Fails(const ParsedSchedule& scenario, int faults_max) {
    ScheduleSearch::Counts counts;
    return !Search(scenario, faults_max, Reduction::kSameStates).Run(&counts);
  }
  // Removes the operations that the failure does not need.
  ParsedSchedule Smallest(ParsedSchedule scenario, int faults_max);
  ScheduleFailure Failure(const ParsedSchedule& scenario, int faults_max);

  ScheduleGraph graph;
  ScheduleMonitor monitor;
  const Reduction reduction;
};

ParsedSchedule ScheduleExplorer::Machine::Smallest(ParsedSchedule scenario,
                                                   int faults_max) {
  for (size_t c = scenario.programs.size(); c-- > 0;) {
    for (size_t i = scenario.programs[c].size(); i-- > 0;) {
      ParsedSchedule smaller = scenario;
      auto& program = smaller.programs[c];
      program.erase(program.begin() + static_cast<ptrdiff_t>(i));
      if (program.empty()) {
        smaller.programs.erase(smaller.programs.begin() +
                               static_cast<ptrdiff_t>(c));
      }
      if (Fails(smaller, faults_max)) scenario = std::move(smaller);
    }
  }
  return scenario;
}

ScheduleFailure ScheduleExplorer::Machine::Failure(
    const ParsedSchedule& scenario, int faults_max) {
  ParsedSchedule schedule = Smallest(scenario, faults_max);
  ScheduleSearch search = Search(schedule, faults_max, Reduction::kSameStates);
  schedule.choices = search.Shortest().value_or(std::vector<ScheduleChoice>());
  const auto told = testing_internal::TellSchedule(schedule, &graph, &search);
  return {told.schedule, told.reason, told.text};
}

std::string ScheduleReport::ToString() const {
  if (failure.has_value()) return failure->text;
  return absl::StrCat(
      scenarios, scenarios == 1 ? " scenario, " : " scenarios, ", schedules,
      " schedules, ", states, " states: no schedule fails\n");
}

ScheduleExplorer::ScheduleExplorer(ScheduleOptions options)
    : options_(std::move(options)),
      machine_(std::make_unique<Machine>(
          &options_.alphabet,
          options_.storage != nullptr ? options_.storage : &faithful_storage_,
          options_.new_operation, ReductionFor(options_))) {}

ScheduleExplorer::~ScheduleExplorer() = default;

std::vector<ScheduleScenario> ScheduleExplorer::Combinations(
    int clients, int operations) const {
  const auto& alphabet = options_.alphabet.operations;
  // All programs of one client, in the order of the alphabet.
  std::vector<std::vector<std::string>> programs = {{}};
  for (int i = 0; i < operations; ++i) {
    std::vector<std::vector<std::string>> longer;
    for (const auto& program : programs) {
      for (const ScheduleOperation& operation : alphabet) {
        longer.push_back(program);
        longer.back().push_back(operation.name);
      }
    }
    programs = std::move(longer);
  }
  std::vector<ScheduleScenario> scenarios;
  if (programs.empty() || clients < 1) return scenarios;
  for (const ScheduleInitialState& initial : options_.alphabet.initial_states) {
    // The chosen programs never descend.
    std::vector<size_t> chosen(static_cast<size_t>(clients), 0);
    while (true) {
      ScheduleScenario scenario{initial.name, {}};
      for (const size_t c : chosen) scenario.clients.push_back(programs[c]);
      scenarios.push_back(std::move(scenario));
      auto it = std::find_if(chosen.rbegin(), chosen.rend(),
                             [&](size_t c) { return c + 1 < programs.size(); });
      if (it == chosen.rend()) break;
      std::fill(chosen.rbegin(), std::next(it), *it + 1);
    }
  }
  return scenarios;
}

ScheduleReport ScheduleExplorer::Explore(const ScheduleScenario& scenario) {
  return ExploreAll({scenario});
}

ScheduleReport ScheduleExplorer::ExploreAll(
    const std::vector<ScheduleScenario>& scenarios) {
  ScheduleReport report;
  for (const ScheduleScenario& scenario : scenarios) {
    const auto parsed = testing_internal::ParseScenario(
        options_.alphabet, scenario.initial_state, scenario.clients);
    if (!parsed.ok()) {
      const std::string reason(parsed.status().message());
      report.failure = ScheduleFailure{"", reason, reason + "\n"};
      return report;
    }
    ++report.scenarios;
    ScheduleSearch::Counts counts;
    const bool good =
        machine_->Search(*parsed, options_.faults_max, machine_->reduction)
            .Run(&counts);
    report.schedules += counts.schedules;
    report.states += counts.states;
    if (!good) {
      report.failure = machine_->Failure(*parsed, options_.faults_max);
      return report;
    }
  }
  return report;
}

absl::StatusOr<std::string> ScheduleExplorer::Replay(
    absl::string_view schedule) {
  auto parsed = testing_internal::ParseSchedule(options_.alphabet, schedule);
  if (!parsed.ok()) return parsed.status();
  ScheduleSearch search = machine_->Search(
      *parsed, testing_internal::kFaultsMax, Reduction::kSameStates);
  const auto told =
      testing_internal::TellSchedule(*parsed, &machine_->graph, &search);
  if (!told.possible) {
    return absl::InvalidArgumentError(
        absl::StrCat("step ", told.steps + 1, " is not possible"));
  }
  return told.text;
}

std::set<std::string> ScheduleExplorer::Outcomes(
    const ScheduleScenario& scenario) {
  const auto parsed = testing_internal::ParseScenario(
      options_.alphabet, scenario.initial_state, scenario.clients);
  if (!parsed.ok()) return {};
  return machine_->Search(*parsed, options_.faults_max, machine_->reduction)
      .Outcomes();
}

}  // namespace glue_security
