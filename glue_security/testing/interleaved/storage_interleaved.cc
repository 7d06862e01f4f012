#include "glue_security/testing/interleaved/storage_interleaved.h"

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/history_timeline.h"
#include "glue_security/testing/choices/run_environment.h"
#include "glue_security/testing/choices/shrink.h"
#include "glue_security/testing/choices/shrink_steps.h"
#include "glue_security/testing/interleaved/interleaved_run.h"
#include "glue_security/testing/storage_suite/storage_clauses.h"
#include "glue_security/testing/system_clock.h"

namespace glue_security {
namespace {

using interleaved_internal::InterleavedRunner;
using interleaved_internal::RunFault;
using interleaved_internal::RunResult;
using interleaved_internal::SameFault;

std::string Counted(int64_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

size_t ClientsOf(const History& history) {
  std::set<int> clients;
  for (const HistoryEntry& entry : history) clients.insert(entry.client);
  return clients.size();
}

std::string SizeOf(const RunResult& run) {
  return absl::StrCat(
      Counted(static_cast<int64_t>(run.history.size()), "call"), " of ",
      Counted(static_cast<int64_t>(ClientsOf(run.history)), "client"), " in ",
      Counted(run.steps, "step"));
}

std::string WhatOf(const RunResult& run) {
  return run.fault == RunFault::kIllegal
             ? "no order of the calls explains their answers"
             : run.text;
}

// Checks one storage.
class Checker {
 public:
  Checker(const StorageUnderTest& target,
          const StorageInterleavedOptions& options)
      : target_(target), options_(options), runner_(target, options) {}

  StorageInterleavedReport Check() {
    const std::string replay = ReplayOr(options_.replay);
    if (!replay.empty()) {
      Replay(replay);
    } else {
      RunRandomly();
    }
    if (PrintsStatistics(options_.print_statistics)) {
      std::cout << "CheckStorageInterleaved: " << report_.statistics.Table();
    }
    return std::move(report_);
  }

 private:
  RunResult Run(const Choices& choices, bool keeps_lines) {
    RecordedChoices recorded(choices);
    RecordingChoices recording(&recorded);
    return runner_.Run(recording, keeps_lines);
  }

  void Replay(const std::string& replay) {
    const std::optional<Choices> choices = ParseChoices(replay);
    if (!choices.has_value()) {
      report_.text = absl::StrCat("no choices: ", replay, "\n");
      return;
    }
    const RunResult run = Run(*choices, /*keeps_lines=*/true);
    if (run.fault == RunFault::kNone) return;
    Show(*choices, run,
         absl::StrCat("failed in the replayed run of ", SizeOf(run)));
  }

  void RunRandomly() {
    Clock& clock = *options_.shrink.clock;
    const absl::Time end = clock.Now() + options_.time_max;
    const int runs = std::max(RunsOr(options_.runs), 1);
    report_.seed = SeedOr(options_.seed);
    report_.statistics.runs_wanted = runs;
    for (int n = 0; n < runs; ++n) {
      if (n > 0 && clock.Now() >= end) {
        std::cout << "CheckStorageInterleaved: " << n << " of " << runs
                  << " runs, cut by time_max = "
                  << absl::FormatDuration(options_.time_max) << "\n";
        return;
      }
      SeededChoices seeded(SeedOfRun(report_.seed, n));
      RecordingChoices recording(&seeded);
      const RunResult run = runner_.Run(recording, /*keeps_lines=*/false);
      Count(run);
      if (run.fault == RunFault::kNone) continue;
      ShrinkAndShow(recording.choices(), run,
                    absl::StrCat("failed in run ", n + 1,
                                 " of GLUE_SECURITY_SEED=", report_.seed));
      return;
    }
  }

  void Count(const RunResult& run) {
    InterleavedStatistics& sum = report_.statistics;
    const InterleavedStatistics& added = run.counts;
    ++sum.runs;
    sum.AddCalls(run.history);
    sum.steps += added.steps;
    sum.steps_inside += added.steps_inside;
    sum.reads += added.reads;
    sum.visits += added.visits;
    sum.commits += added.commits;
    sum.conflicts += added.conflicts;
    sum.failures_made += added.failures_made;
    sum.reopenings += added.reopenings;
    sum.undecided += added.undecided;
  }

  void ShrinkAndShow(const Choices& choices, const RunResult& failed,
                     const std::string& title) {
    if (failed.fault == RunFault::kNoStorage) {
      Show({}, failed, title);
      return;
    }
    if (SameFault(Run(choices, /*keeps_lines=*/false), failed)) {
      const Choices shrunk = WithFirstClients(Shrunk(choices, failed), failed);
      const RunResult run = Run(shrunk, /*keeps_lines=*/true);
      if (SameFault(run, failed)) {
        Show(shrunk, run,
             absl::StrCat(title, ", shrunk from ", SizeOf(failed), " to ",
                          SizeOf(run)));
        return;
      }
    }
    Show(choices, failed, title);
    absl::StrAppend(&report_.text,
                    "The same choices did not fail again, so the storage does "
                    "not depend on them alone, but on a clock, a thread, a "
                    "random source, or something that outlives `create`.\n");
  }

  // Returns the smallest run that fails like `failed`.
  Choices Shrunk(Choices best, const RunResult& failed) {
    ShrinkOptions bounds = options_.shrink;
    const absl::Time end = bounds.clock->Now() + bounds.time_max;
    size_t calls = failed.history.size();
    for (bool again = true; again;) {
      // While calls are removed, each turn has to mean its client.
      const ShrinkResult result = ShrinkMixedSteps(
          WithClients(best),
          [&](RecordingChoices& source, std::vector<size_t>* steps) {
            RunResult run = runner_.Run(source, /*keeps_lines=*/false);
            *steps = std::move(run.steps_of_choices);
            return SameFault(run, failed);
          },
          bounds);
      const RunResult run = Run(result.choices, /*keeps_lines=*/false);
      if (!SameFault(run, failed)) return best;
      bounds.runs_max -= std::min(bounds.runs_max, result.runs);
      bounds.time_max = end - bounds.clock->Now();
      again = run.history.size() < calls && bounds.runs_max > 0 &&
              bounds.time_max > absl::ZeroDuration();
      calls = run.history.size();
      best = result.choices;
    }
    return best;
  }

  // Returns the same run with a client named in each turn that made a step.
  Choices WithClients(const Choices& choices) {
    RecordedChoices recorded(choices);
    RecordingChoices recording(&recorded);
    const RunResult run = runner_.Run(recording, /*keeps_lines=*/false);
    Choices named = recording.choices();
    for (const RunResult::Turn& turn : run.turns) {
      if (turn.client != 0) named[turn.place] = turn.client;
    }
    return named;
  }

  // Returns the same run by the clients with the smallest numbers.
  Choices WithFirstClients(const Choices& choices, const RunResult& failed) {
    const RunResult run = Run(choices, /*keeps_lines=*/false);
    std::vector<uint64_t> numbers(runner_.clients() + 1, 0);
    uint64_t next = 0;
    Choices renamed = choices;
    for (const RunResult::Turn& turn : run.turns) {
      if (turn.client == 0) continue;
      if (numbers[turn.client] == 0) numbers[turn.client] = ++next;
      if (turn.place >= renamed.size() || renamed[turn.place] == 0) continue;
      renamed[turn.place] = numbers[turn.client];
    }
    return SameFault(Run(renamed, /*keeps_lines=*/false), failed) ? renamed
                                                                  : choices;
  }

  // Reports `run`, which `choices` make.
  void Show(const Choices& choices, const RunResult& run,
            const std::string& title) {
    report_.choices = choices;
    report_.history = run.history;
    report_.steps = run.steps;
    report_.violation = run.judged.violation;
    if (options_.timeline) {
      TimelineMarks marks;
      marks.headline = WhatOf(run);
      if (run.judged.violation.has_value()) {
        marks = MarksOf(*run.judged.violation);
      }
      report_.timeline = HistoryTimelineHtml(run.history, marks);
    }
    report_.text = absl::StrCat(target_.name, target_.name.empty() ? "" : " ",
                                title, ": ", WhatOf(run), "\n");
    if (run.fault == RunFault::kNoStorage) return;
    report_.text += Cause();
    if (!run.lines.empty()) report_.text += "The steps:\n";
    for (const std::string& line : run.lines) {
      absl::StrAppend(&report_.text, line, "\n");
    }
    absl::StrAppend(&report_.text, run.judged.explanation,
                    ReplayAssignment(choices), "\n");
  }

  // Returns a line about the clause of the storage contract to begin with.
  std::string Cause() const {
    const std::optional<BrokenClause> broken = FindBrokenClause(target_);
    if (!broken.has_value()) {
      return "StorageConformance finds no broken clause on one thread, so look "
             "at the order of the steps.\n";
    }
    return absl::StrCat("Begin with S", broken->clause, ", which ",
                        broken->example, " of StorageConformance breaks: \"",
                        StorageClauseText(broken->clause),
                        "\" The rest may follow from it.\n");
  }

  const StorageUnderTest& target_;
  const StorageInterleavedOptions& options_;
  InterleavedRunner runner_;
  StorageInterleavedReport report_;
};

}  // namespace

StorageInterleavedReport CheckStorageInterleaved(
    const StorageUnderTest& target, const StorageInterleavedOptions& options) {
  if (options.clock != nullptr) {
    StorageInterleavedReport refused;
    refused.text =
        SystemClockRefusal(options.clock, "StorageInterleavedOptions::clock");
    if (!refused.ok()) return refused;
  }
  return Checker(target, options).Check();
}

StorageInterleavedReport CheckStorageInterleaved(
    std::function<std::unique_ptr<Storage>()> create,
    const StorageInterleavedOptions& options) {
  StorageUnderTest target;
  target.create = std::move(create);
  return CheckStorageInterleaved(target, options);
}

}  // namespace glue_security
